#pragma once

#include "api/calibrate.h"
#include "api/sweep.h"

namespace foretime::api {

struct ProbeResult {
  FusionResult by_time;                     // as if the runtime had no profiler
  std::optional<FusionResult> by_profile;   // from what it really ran
  std::optional<double> agreement_percent;  // of decided neighbours
  Milliseconds time;
};

/// Which neighbours does the runtime run as one kernel? Pairs of layers are timed with and without a further
/// reader of what the first makes, taking turns (docs/sweeps.md), again where that does not tell, and profiled
/// where the runtime has a profiler. Of the request `run`, `black_box` and `progress` count. Error: as measure.
ProbeResult probe_fusion(const CalibrateRequest& request);

}  // namespace foretime::api
