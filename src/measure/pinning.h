#pragma once

#include <span>
#include <string>
#include <vector>

#include "measure/contention.h"

namespace foretime {

/// Processors this thread may run on, ascending.
std::vector<int> allowed_processors();

/// Keeps this thread, and threads it will start, on these. False: the system refuses.
bool pin_to(std::span<const int> processors);

/// Moves all threads of a process there. False: the system refuses.
bool move_process(int id, std::span<const int> processors);

/// Of `allowed`, the `count` that did least between the two readings, ascending; all when there are no more,
/// and ties go to the higher number (interrupts tend to be served by the first).
std::vector<int> least_busy(std::span<const int> allowed, std::size_t count,
                            std::span<const ProcessorTicks> before, std::span<const ProcessorTicks> after);

}  // namespace foretime
