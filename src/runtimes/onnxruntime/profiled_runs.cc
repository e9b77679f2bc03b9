#include "runtimes/onnxruntime/profiled_runs.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/json_values.h"

namespace foretime::ort {
namespace {

constexpr double kUsPerMs = 1e3;
// The profiler keeps whole microseconds and cuts off the rest: on average half of one.
constexpr double kCutOffUs = 0.5;

/// The kernels of a run so far, and when each began.
struct Begun {
  TimedRun run;
  std::vector<double> begin_us;

  void add(KernelTime kernel, double at_us) {
    // An event is written when its kernel ends, so those inside the body of another one (If, Loop), which are
    // part of its time already, come before it.
    while (!begin_us.empty() && at_us < begin_us.back()) {
      begin_us.pop_back();
      run.kernels.pop_back();
    }
    begin_us.push_back(at_us);
    run.kernels.push_back(std::move(kernel));
  }
};

}  // namespace

ProfiledRuns runs_of(const Json& events, const std::string& path) {
  constexpr std::string_view kKernel = "_kernel_time";
  if (!events.is_array()) throw Error(path, "is no profile of ONNX Runtime", "an array of events");
  ProfiledRuns profiled;
  Begun begun;
  for (const Json& event : events) {
    std::string name = text_at(event, "name");
    if (text_at(event, "cat") == "Node" && name.ends_with(kKernel)) {
      name.resize(name.size() - kKernel.size());
      const Json arguments = event.value("args", Json());
      if (profiled.provider.empty()) profiled.provider = text_at(arguments, "provider");
      const double us = std::max(number_at(event, "dur"), 0.0) + kCutOffUs;
      begun.add({text_at(arguments, "op_name"), std::move(name), us / kUsPerMs}, number_at(event, "ts"));
    } else if (name == "model_run") {
      begun.run.ms = number_at(event, "dur") / kUsPerMs;
      profiled.runs.push_back(std::exchange(begun, {}).run);
    }
  }
  return profiled;
}

}  // namespace foretime::ort
