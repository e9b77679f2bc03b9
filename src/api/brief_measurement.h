#pragma once

// One network timed in a fraction of a second, for those who measure hundreds: no interval and no verdict,
// but disturbed samples are taken again, and what the processor did meanwhile is noted.

#include <optional>

#include "api/prepared_model.h"

namespace foretime::api {

struct BriefRequest {
  RunRequest run;
  Milliseconds most{1000};   // about as long as it may take, loading left out
  Milliseconds expected{1};  // of one run
  bool kernels = false;      // ask the runtime's profiler, too
};

struct BriefMeasurement {
  Milliseconds latency;  // lower quartile
  Milliseconds deviation;
  std::size_t samples = 0;
  double reference_us = 0;  // what a fixed piece of work took meanwhile; 0: the runtime times itself
  int pauses = 0;           // waited for others to finish, so often
  std::optional<KernelProfile> profile;
};

/// Two blocks of samples, the profile between them. Error: the runtime's.
BriefMeasurement measure_briefly(const PreparedModel& prepared, const BriefRequest& request);

}  // namespace foretime::api
