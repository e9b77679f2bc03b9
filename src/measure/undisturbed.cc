#include "measure/undisturbed.h"

#include <algorithm>
#include <cmath>

#include "measure/statistics.h"

namespace foretime {
namespace {

// Of what is lost.
constexpr double kUnsure = 0.3;
constexpr std::size_t kLeastCalm = 3;
// A neighbour takes no more than this share of a core, nor does a slower clock as a rule: where beats say
// more, they were slowed by something else (with several threads, by each other).
constexpr double kMostLost = 0.4;
// Who lost less lost nothing.
constexpr double kNothing = 0.005;

}  // namespace

Slowdown slowdown(const BeatTimes& mean, const BeatTimes& fastest) {
  const auto ratio = [](double us, double least) {
    return us > 0 && least > 0 ? std::max(us / least, 1.0) : 1;
  };
  return {ratio(mean.core_us, fastest.core_us), ratio(mean.memory_us, fastest.memory_us)};
}

double Sensitivity::lost(const Slowdown& slowdown) const {
  const double longer = core * (slowdown.core - 1) + memory * (slowdown.memory - 1);
  return longer / (1 + longer);
}

double Sensitivity::error(const Slowdown& slowdown) const {
  return kUnsure * lost(slowdown);
}

Undisturbed undisturbed(std::span<const double> times, std::span<const Slowdown> slowdowns,
                        const Sensitivity& suffers, double share) {
  std::vector<double> lost;
  for (const Slowdown& slowdown : slowdowns) lost.push_back(std::min(suffers.lost(slowdown), kMostLost));
  std::vector<double> sorted = lost;
  std::sort(sorted.begin(), sorted.end());
  const auto wanted = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
  const std::size_t count = std::min(std::max(wanted, kLeastCalm), sorted.size());
  const double limit = count > 0 ? std::max(sorted[count - 1], kNothing) : 0;
  Undisturbed result;
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (lost[i] > limit) continue;
    result.times.push_back(times[i] * (1 - lost[i]));
    result.runs.push_back(i);
  }
  return result;
}

Slowdown mean_of(std::span<const Slowdown> slowdowns) {
  Slowdown sum{0, 0};
  for (const Slowdown& slowdown : slowdowns) {
    sum.core += slowdown.core / static_cast<double>(slowdowns.size());
    sum.memory += slowdown.memory / static_cast<double>(slowdowns.size());
  }
  return sum;
}

double middle_mean(std::span<const double> values) {
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const std::size_t cut = sorted.size() / 4;
  return mean(std::span(sorted).subspan(cut, sorted.size() - 2 * cut));
}

}  // namespace foretime
