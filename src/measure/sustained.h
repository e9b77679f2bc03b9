#pragma once

// Running without a pause for minutes: does it stay as fast as it began? Phones, fanless boards and boosted
// processors do not. Latency is summed up slice by slice, beside the processor's frequency, the temperature,
// and the interference probe, which tells the clock's speed where the system does not.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "measure/protocol.h"

namespace foretime {

struct SustainedSlice {
  double begin_s = 0;  // since the runs began
  double seconds = 0;
  std::size_t iterations = 0;
  double disturbed_percent = 0;  // of them; left out where that is not most of them
  double p05_ms = 0;
  double median_ms = 0;
  double p95_ms = 0;
  double reference_us = 0;  // BeatTimes::core_us (interference.h), median; 0: none
  std::optional<double> frequency_mhz;
  std::optional<double> temperature_celsius;
};

enum class Endurance {
  steady,     // as fast at the end as in the beginning
  throttled,  // slower, and so is the clock
  slower,     // slower, though the clock is not
  disturbed   // other programs ran: nothing can be said
};

std::string_view name_of(Endurance endurance);

struct Sustained {
  std::vector<SustainedSlice> slices;
  double first_ms = 0;                   // median over the first fifth of the slices, of their medians
  double last_ms = 0;                    // over the last fifth
  double change_percent = 0;             // last against first
  double worst_percent = 0;              // the slowest slice against first
  std::optional<double> clock_percent;   // how much longer a beat took in the end; absent: there were none
  std::optional<double> slower_after_s;  // from then on it stayed slower; absent: it did not
  Endurance verdict = Endurance::steady;
  std::vector<std::string> reasons;
};

struct SustainedOptions {
  Milliseconds time{600'000};
  int threads = 1;
  bool self_timed = false;
};

/// The state of the machine, now.
using ReadState = std::function<MachineState()>;

/// Launches, opens, and runs at once, without warming up but for one block. Errors are the subject's.
Sustained sustain(Subject& subject, const SustainedOptions& options, const Now& now, const ReadState& state,
                  const Step& step = {});

/// First against last, and why.
void judge_endurance(Sustained& sustained);

}  // namespace foretime
