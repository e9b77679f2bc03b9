#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "runtimes/timed_runs.h"

namespace foretime::ort {

/// The runs in a profile that ONNX Runtime wrote, without when they began, and the execution provider of the
/// first kernel ("CPUExecutionProvider").
struct ProfiledRuns {
  std::vector<TimedRun> runs;
  std::string provider;
};

/// Error: it is no array of events.
ProfiledRuns runs_of(const Json& events, const std::string& path);

}  // namespace foretime::ort
