#pragma once

// One network timed in a fraction of a second, for those who measure hundreds: no interval and no verdict,
// but disturbed samples are taken again, and interference is corrected for.

#include <optional>

#include "api/prepared_model.h"

namespace foretime::api {

struct BriefRequest {
  RunRequest run;
  Milliseconds most{1000};  // about as long as it may take, loading left out
  bool kernels = false;     // ask the runtime's profiler, too
  BeatTimes fastest_beat;   // on this machine, as far as known
};

struct BriefMeasurement {
  Milliseconds latency;    // undisturbed
  Milliseconds deviation;  // of the corrected samples
  std::size_t samples = 0;
  double slowed_percent = 0;  // how much longer it took as it ran
  BeatTimes fastest_beat;     // as far as known now
  int pauses = 0;             // waited for others to finish, so often
  std::optional<KernelProfile> profile;
};

/// Two blocks of samples, the profile between them. Error: the runtime's.
BriefMeasurement measure_briefly(const PreparedModel& prepared, const BriefRequest& request);

}  // namespace foretime::api
