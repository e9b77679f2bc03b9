#pragma once

#include <memory>
#include <span>

#include "runtimes/runtime.h"

namespace foretime::litert {

/// See docs/measuring.md.
std::span<const RuntimeOption> options();

/// A session of LiteRT 2.3. Provider: XNNPACK (the default), or CPU for the kernels that are built in. An
/// input whose sizes are those of the file with the channels moved to the front is reordered: files that were
/// written from a network with channels first have them last. Error: the library is missing or lacks a
/// function; it refuses the model; an input does not fit.
std::unique_ptr<Session> open(const SessionRequest& request);

}  // namespace foretime::litert
