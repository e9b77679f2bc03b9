#pragma once

// What a program would take alone on its machine, from runs that neighbours slowed more or less, and a probe
// that was slowed, too (interference.h).

#include <cstddef>
#include <span>
#include <vector>

#include "measure/interference.h"

namespace foretime {

/// How much longer the probe's pieces of work took during a run; 1: as long as when they are left alone.
struct Slowdown {
  double core = 1;
  double memory = 1;
};

Slowdown slowdown(const BeatTimes& mean, const BeatTimes& fastest);

/// Runs of one program, and what slowed each meanwhile.
struct SlowedRuns {
  std::vector<double> ms;
  std::vector<Slowdown> slowdowns;
};

/// How much a network suffers from what slows the probe: a run of length t would have taken t / (1 + core ·
/// (slowdown.core − 1) + memory · (slowdown.memory − 1)) undisturbed. Networks differ, and these numbers suit
/// many (docs/measuring.md); fitted to the runs of each network they come out too small, for a run's beats
/// are few and tell its slowdown with errors.
struct Sensitivity {
  double core = 0.4;
  double memory = 0.075;

  /// Share of the time of a run.
  double lost(const Slowdown& slowdown) const;
  double undisturbed(double time, const Slowdown& slowdown) const { return time * (1 - lost(slowdown)); }
  /// Standard error of `lost`: networks differ.
  double error(const Slowdown& slowdown) const;
};

/// Times of the calmest `share` of the runs (three at least, and all that lost next to nothing), corrected:
/// those need it least. None by more than 40 %.
struct Undisturbed {
  std::vector<double> times;
  std::vector<std::size_t> runs;  // which of them, ascending
};
Undisturbed undisturbed(std::span<const double> times, std::span<const Slowdown> slowdowns,
                        const Sensitivity& suffers, double share);

/// Shares: of samples, of which there are many; of rounds and profiled runs, of which there are few.
inline constexpr double kCalmSamples = 0.1;
inline constexpr double kCalmRuns = 1.0 / 3;

/// REQUIRES: not empty.
Slowdown mean_of(std::span<const Slowdown> slowdowns);

/// Mean of the middle half: as steady as a median, and of sums nearly the sum.
double middle_mean(std::span<const double> values);

}  // namespace foretime
