#include "measure/undisturbed.h"

#include <algorithm>
#include <cmath>

#include "measure/statistics.h"

namespace foretime {
namespace {

// So many runs tell all there is to know.
constexpr std::size_t kMost = 500;
// Runs next to each other are slowed by the same neighbour: all of them together tell as much as so many.
constexpr double kIndependent = 20;
// Steps of the search, halved from first to last.
constexpr double kFirstStep = 0.16;
constexpr double kLastStep = 0.004;
// Runs repeat this well at best, relative.
constexpr double kLeastSpread = 0.005;
// Mean absolute deviation of a normal distribution is this share of the standard deviation.
constexpr double kMeanDeviation = 0.7979;
constexpr std::size_t kLeastCalm = 3;
// A neighbour takes no more than this share of a core, nor does a slower clock as a rule: where beats say
// more, they were slowed by something else (with several threads, by each other).
constexpr double kMostLost = 0.4;
// Who lost less lost nothing.
constexpr double kNothing = 0.005;

struct Runs {
  std::vector<double> times;
  std::vector<Slowdown> slowdowns;

  /// What one of them tells.
  double weight() const { return std::min(kIndependent / static_cast<double>(times.size()), 1.0); }

  /// Of the corrected times, relative: an estimate of their standard deviation.
  double spread(const Sensitivity& tried) const {
    std::vector<double> logs;
    for (std::size_t i = 0; i < times.size(); ++i)
      logs.push_back(std::log(tried.undisturbed(times[i], slowdowns[i])));
    const double middle = median(logs);
    double sum = 0;
    for (const double value : logs) sum += std::abs(value - middle);
    return std::max(sum / static_cast<double>(logs.size()) / kMeanDeviation, kLeastSpread);
  }
};

/// Inverse of the sum of what was known before and what the runs tell.
std::array<double, 3> covariance_of(const Runs& runs, double spread, const Sensitivity& usual) {
  const Slowdown mean = mean_of(runs.slowdowns);
  const double each = runs.weight() / (spread * spread);
  double core = 1 / usual.covariance[0];
  double memory = 1 / usual.covariance[1];
  double both = 0;
  for (const Slowdown& s : runs.slowdowns) {
    core += each * (s.core - mean.core) * (s.core - mean.core);
    memory += each * (s.memory - mean.memory) * (s.memory - mean.memory);
    both += each * (s.core - mean.core) * (s.memory - mean.memory);
  }
  const double determinant = core * memory - both * both;
  return {memory / determinant, core / determinant, -both / determinant};
}

}  // namespace

Slowdown slowdown(const BeatTimes& mean, const BeatTimes& fastest) {
  const auto ratio = [](double us, double least) {
    return us > 0 && least > 0 ? std::max(us / least, 1.0) : 1;
  };
  return {ratio(mean.core_us, fastest.core_us), ratio(mean.memory_us, fastest.memory_us)};
}

double Sensitivity::lost(const Slowdown& slowdown) const {
  return std::min(core * (slowdown.core - 1) + memory * (slowdown.memory - 1),
                  1 - 1 / (slowdown.core * slowdown.memory));
}

double Sensitivity::error(const Slowdown& slowdown) const {
  const double c = slowdown.core - 1;
  const double m = slowdown.memory - 1;
  return std::sqrt(c * c * covariance[0] + m * m * covariance[1] + 2 * c * m * covariance[2]);
}

Sensitivity sensitivity(std::span<const double> times, std::span<const Slowdown> slowdowns,
                        const Sensitivity& usual) {
  const std::size_t every = times.size() / kMost + 1;
  Runs runs;
  for (std::size_t i = 0; i < times.size(); i += every) {
    if (!(times[i] > 0)) continue;
    runs.times.push_back(times[i]);
    runs.slowdowns.push_back(slowdowns[i]);
  }
  if (runs.times.size() < 2) return usual;
  const auto loss = [&](const Sensitivity& tried) {
    const double core = tried.core - usual.core;
    const double memory = tried.memory - usual.memory;
    return runs.weight() * static_cast<double>(runs.times.size()) * std::log(runs.spread(tried)) +
           (core * core / usual.covariance[0] + memory * memory / usual.covariance[1]) / 2;
  };
  Sensitivity best = usual;
  double least = loss(best);
  for (double step = kFirstStep; step > kLastStep;) {
    bool better = false;
    for (double Sensitivity::*which : {&Sensitivity::core, &Sensitivity::memory}) {
      for (const double by : {step, -step}) {
        Sensitivity tried = best;
        tried.*which = std::max(tried.*which + by, 0.0);
        const double found = loss(tried);
        if (found >= least) continue;
        least = found;
        best = tried;
        better = true;
      }
    }
    if (!better) step /= 2;
  }
  best.covariance = covariance_of(runs, runs.spread(best), usual);
  return best;
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
