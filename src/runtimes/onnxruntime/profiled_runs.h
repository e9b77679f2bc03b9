#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "runtimes/runtime.h"

namespace foretime::ort {

/// A kernel in one run.
struct ProfiledKernel {
  std::string name;
  std::string op;
  std::string provider;  // "CPUExecutionProvider"
  double start_us = 0;
  double us = 0;
};

/// One run: what its kernels took, and the whole.
struct ProfiledRun {
  std::vector<ProfiledKernel> kernels;
  double us = 0;
};

/// The runs in a profile that ONNX Runtime wrote. Error: it is no array of events.
std::vector<ProfiledRun> runs_of(const Json& events, const std::string& path);

/// Of the runs after `warm_up` the calmer half, so that the sums stay sums of what happened together; empty
/// if there are no more.
std::vector<ProfiledRun> calm(std::vector<ProfiledRun> runs, std::size_t warm_up);

/// Means over the runs, without members.
std::vector<ExecutedKernel> mean_kernels(const std::vector<ProfiledRun>& runs);

}  // namespace foretime::ort
