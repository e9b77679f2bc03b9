#include "runtimes/openvino/profile.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "base/stopwatch.h"
#include "runtimes/correlate.h"
#include "runtimes/openvino/executed_graph.h"

namespace foretime::openvino {
namespace {

// The first runs fault pages in and reorder weights.
constexpr int kWarmUp = 2;
// Means are cut to whole microseconds: on average by half of one.
constexpr double kCutOffUs = 0.5;

double timed_run(Compiled& compiled) {
  const Stopwatch watch;
  compiled.run();
  return watch.elapsed().value;
}

/// What was counted after so many runs. A counter is a mean since the first run, so that what happened
/// between two points is n·mean at the one less n·mean at the other. Cutting off makes each n·mean wrong by
/// up to n µs, so the points lie apart: a stretch of runs is taken whole, not one here and one there.
struct Point {
  int runs = 0;
  std::vector<Counter> counters;
};

/// Where the calmest stretch of half the runs begins.
std::size_t calmest(const std::vector<double>& ms, std::size_t length) {
  double sum = std::accumulate(ms.begin(), ms.begin() + static_cast<std::ptrdiff_t>(length), 0.0);
  double least = sum;
  std::size_t begin = 0;
  for (std::size_t i = length; i < ms.size(); ++i) {
    sum += ms[i] - ms[i - length];
    if (sum < least) {
      least = sum;
      begin = i + 1 - length;
    }
  }
  return begin;
}

double mean(const std::vector<double>& values, std::size_t from, std::size_t count) {
  const auto begin = values.begin() + static_cast<std::ptrdiff_t>(from);
  return std::accumulate(begin, begin + static_cast<std::ptrdiff_t>(count), 0.0) / static_cast<double>(count);
}

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
  std::vector<Point> points = {{kWarmUp, watched.counters()}};
  std::vector<double> watched_ms;
  std::vector<double> plain_ms;
  for (int i = 0; i < std::max(runs, 1); ++i) {
    watched_ms.push_back(timed_run(watched));
    points.push_back({points.back().runs + 1, watched.counters()});
    plain_ms.push_back(timed_run(plain));
  }
  const std::size_t calm = (watched_ms.size() + 1) / 2;
  const std::size_t begin = calmest(watched_ms, calm);
  std::sort(plain_ms.begin(), plain_ms.end());

  KernelProfile result;
  result.runs = static_cast<int>(calm);
  result.run = {mean(watched_ms, begin, calm)};
  result.plain = {mean(plain_ms, 0, calm)};
  result.kernels = kernels_between(points[begin], points[begin + calm]);
  const Graph original = graph_of(request.model);
  name_members(original, executed_graph(watched.executed_model(), original), result.kernels);
  return result;
}

}  // namespace foretime::openvino
