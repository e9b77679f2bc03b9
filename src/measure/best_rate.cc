#include "measure/best_rate.h"

#include <algorithm>

#include "base/stopwatch.h"

namespace foretime {
namespace {

// A repetition counts as faster from half a percent on; this many without one mean that the best has been
// seen. With a neighbour that takes half of the time, the chance that none of so many was undisturbed is
// below one in 10^9.
constexpr double kFaster = 1.005;
constexpr int kPatience = 32;
constexpr int kLeast = 2;  // the first one warms up

constexpr double kShortestMs = 1e-6;  // the clock's own step; keeps a rate finite

}  // namespace

double best_rate(double work, Milliseconds budget, const std::function<void()>& run) {
  const Stopwatch whole;
  double best_ms = 0;
  int since_better = 0;
  for (int i = 0; i < kLeast || (whole.elapsed() < budget && since_better < kPatience); ++i) {
    const Stopwatch one;
    run();
    const double ms = std::max(one.elapsed().value, kShortestMs);
    since_better = i > 0 && ms * kFaster > best_ms ? since_better + 1 : 0;
    best_ms = i == 0 ? ms : std::min(best_ms, ms);
  }
  constexpr double kMsPerSecond = 1000;
  return work / best_ms * kMsPerSecond;
}

}  // namespace foretime
