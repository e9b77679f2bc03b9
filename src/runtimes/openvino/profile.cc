#include "runtimes/openvino/profile.h"

#include <algorithm>
#include <map>

#include "runtimes/correlate.h"
#include "runtimes/openvino/executed_graph.h"
#include "runtimes/timed_runs.h"

namespace foretime::openvino {
namespace {

// The first runs fault pages in and reorder weights.
constexpr int kWarmUp = 2;
// Means are cut to whole microseconds: on average by half of one.
constexpr double kCutOffUs = 0.5;

/// What was counted after so many runs. A counter is a mean since the first run, so that what happened
/// between two points is n·mean at the one less n·mean at the other. Cutting off makes each n·mean wrong by
/// up to n µs, so the points lie apart, at both ends of all runs.
struct Point {
  int runs = 0;
  std::vector<Counter> counters;
};

std::vector<ExecutedKernel> kernels_between(const Point& before, const Point& after) {
  std::vector<ExecutedKernel> kernels;
  std::map<std::string, int> seen;
  for (std::size_t i = 0; i < after.counters.size() && i < before.counters.size(); ++i) {
    const Counter& counter = after.counters[i];
    if (!counter.executed) continue;
    const double us = (after.runs * counter.mean_us - before.runs * before.counters[i].mean_us) /
                      (after.runs - before.runs);
    const int number = ++seen[counter.name];
    kernels.push_back({counter.type + " (" + counter.primitive + ")",
                       number == 1 ? counter.name : counter.name + "#" + std::to_string(number),
                       {},
                       {std::max(us + kCutOffUs, 0.0) / 1e3}});
  }
  return kernels;
}

/// Finds what each kernel stands for: the executed model names its tensors as the file does, and a kernel is
/// named as its node there; nodes without a kernel were made part of the one before.
void name_members(const Graph& original, const Graph& executed, std::vector<ExecutedKernel>& kernels) {
  const auto nodes = correlate(original, executed);
  std::vector<std::string> names;
  for (const ExecutedKernel& kernel : kernels) names.push_back(kernel.name);
  const auto merged = correlate_by_name(executed, names, "");
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    for (const std::size_t part : merged[i])
      kernels[i].members.insert(kernels[i].members.end(), nodes[part].begin(), nodes[part].end());
  }
}

}  // namespace

KernelProfile profile(const std::shared_ptr<const Library>& library, const SessionRequest& request, int runs,
                      Compiled& plain) {
  Compiled watched(library, request, true);
  for (int i = 0; i < kWarmUp; ++i) watched.run();
  const Point begin{kWarmUp, watched.counters()};
  RunTimer timer(request.threads);
  std::vector<TimedRun> profiled;
  std::vector<TimedRun> without;
  for (int i = 0; i < std::max(runs, 1); ++i) {
    profiled.push_back(timer.time([&] { watched.run(); }));
    without.push_back(timer.time([&] { plain.run(); }));
  }
  const Point end{begin.runs + static_cast<int>(profiled.size()), watched.counters()};
  KernelProfile result = undisturbed_profile(profiled, without, timer.beats(), request.threads);
  result.kernels = kernels_between(begin, end);
  // Counters only know means, of runs as they were.
  double mean_ms = 0;
  for (const TimedRun& run : profiled) mean_ms += run.ms / static_cast<double>(profiled.size());
  for (ExecutedKernel& kernel : result.kernels) kernel.latency.value *= result.run.value / mean_ms;
  const Graph original = graph_of(request.model);
  name_members(original, executed_graph(watched.executed_model(), original), result.kernels);
  return result;
}

}  // namespace foretime::openvino
