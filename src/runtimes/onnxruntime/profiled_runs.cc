#include "runtimes/onnxruntime/profiled_runs.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "base/json_values.h"

namespace foretime::ort {
namespace {

// The profiler keeps whole microseconds and cuts off the rest: on average half of one.
constexpr double kCutOffUs = 0.5;

void add(ProfiledRun& run, ProfiledKernel kernel) {
  // An event is written when its kernel ends, so those inside the body of another one (If, Loop), which are
  // part of its time already, come before it.
  while (!run.kernels.empty() && kernel.start_us < run.kernels.back().start_us) run.kernels.pop_back();
  run.kernels.push_back(std::move(kernel));
}

}  // namespace

std::vector<ProfiledRun> runs_of(const Json& events, const std::string& path) {
  constexpr std::string_view kKernel = "_kernel_time";
  if (!events.is_array()) throw Error(path, "is no profile of ONNX Runtime", "an array of events");
  std::vector<ProfiledRun> runs;
  ProfiledRun run;
  for (const Json& event : events) {
    std::string name = text_at(event, "name");
    if (text_at(event, "cat") == "Node" && name.ends_with(kKernel)) {
      name.resize(name.size() - kKernel.size());
      const Json arguments = event.value("args", Json());
      add(run, {std::move(name), text_at(arguments, "op_name"), text_at(arguments, "provider"),
                number_at(event, "ts"), std::max(number_at(event, "dur"), 0.0)});
    } else if (name == "model_run") {
      run.us = number_at(event, "dur");
      runs.push_back(std::exchange(run, {}));
    }
  }
  return runs;
}

std::vector<ProfiledRun> calm(std::vector<ProfiledRun> runs, std::size_t warm_up) {
  runs.erase(runs.begin(), runs.begin() + static_cast<std::ptrdiff_t>(std::min(warm_up, runs.size())));
  std::sort(runs.begin(), runs.end(), [](const ProfiledRun& a, const ProfiledRun& b) { return a.us < b.us; });
  runs.resize((runs.size() + 1) / 2);
  return runs;
}

std::vector<ExecutedKernel> mean_kernels(const std::vector<ProfiledRun>& runs) {
  std::vector<ExecutedKernel> kernels;
  std::unordered_map<std::string, std::size_t> place;
  for (const ProfiledRun& run : runs) {
    for (const ProfiledKernel& kernel : run.kernels) {
      const auto [at, fresh] = place.emplace(kernel.name, kernels.size());
      if (fresh) kernels.push_back({kernel.op, kernel.name, {}, {0}});
      kernels[at->second].latency.value += (kernel.us + kCutOffUs) / 1e3 / static_cast<double>(runs.size());
    }
  }
  return kernels;
}

}  // namespace foretime::ort
