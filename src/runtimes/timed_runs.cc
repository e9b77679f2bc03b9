#include "runtimes/timed_runs.h"

#include <algorithm>
#include <unordered_map>

#include "base/stopwatch.h"
#include "measure/contention.h"
#include "measure/statistics.h"
#include "measure/undisturbed.h"

namespace foretime {
namespace {

constexpr double kFloor = 0.25;

/// Without what the beats took, and the probe's slowdown meanwhile.
SlowedRuns without_beats(const std::vector<TimedRun>& runs, const std::vector<Beat>& beats, int threads) {
  SlowedRuns net;
  for (const TimedRun& run : runs) {
    const std::span<const Beat> within = beats_within(beats, run.begin_ms, run.begin_ms + run.ms);
    net.ms.push_back(run.ms);
    for (const Beat& beat : within) {
      if (beat.at_ms >= run.begin_ms && beat.at_ms < run.begin_ms + run.ms)
        net.ms.back() -= std::min(cost_ms(beat) / threads, net.ms.back() / 2);
    }
    net.slowdowns.push_back(slowdown(mean_of(within), fastest_beat()));
  }
  return net;
}

void leave_out_disturbed(std::vector<TimedRun>& runs, const std::vector<Beat>& beats) {
  const auto disturbed = [&](const TimedRun& run) {
    double taken = run.taken_ms;
    for (const Beat& beat : beats_within(beats, run.begin_ms, run.begin_ms + run.ms)) taken -= cost_ms(beat);
    return taken > kMostLost * run.ms;
  };
  if (!std::all_of(runs.begin(), runs.end(), disturbed)) std::erase_if(runs, disturbed);
}

/// Kernels of these runs, each run's multiplied by its factor.
std::vector<ExecutedKernel> scaled_kernels(const std::vector<TimedRun>& profiled, const Undisturbed& calm) {
  std::vector<ExecutedKernel> kernels;
  std::vector<std::vector<double>> times;
  std::unordered_map<std::string, std::size_t> place;
  for (std::size_t i = 0; i < calm.runs.size(); ++i) {
    const TimedRun& run = profiled[calm.runs[i]];
    const double factor = calm.times[i] / run.ms;
    for (const KernelTime& kernel : run.kernels) {
      const auto [at, fresh] = place.emplace(kernel.name, kernels.size());
      if (fresh) {
        kernels.push_back({kernel.kind, kernel.name, {}, {0}});
        times.emplace_back();
      }
      times[at->second].push_back(kernel.ms * factor);
    }
  }
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    // What did not run in each of them counts for those in which it did.
    const double share = static_cast<double>(times[i].size()) / static_cast<double>(calm.runs.size());
    kernels[i].latency = {middle_mean(times[i]) * share};
  }
  return kernels;
}

/// Kernels are short: even where each run was disturbed, each of its kernels is left alone in some.
void add_floors(const std::vector<TimedRun>& profiled, std::vector<ExecutedKernel>& kernels) {
  std::unordered_map<std::string, std::vector<double>> times;
  for (const TimedRun& run : profiled) {
    for (const KernelTime& kernel : run.kernels) times[kernel.name].push_back(kernel.ms);
  }
  for (ExecutedKernel& kernel : kernels) {
    std::vector<double>& own = times[kernel.name];
    std::sort(own.begin(), own.end());
    if (own.size() == profiled.size()) kernel.floor = {quantile(own, kFloor)};
  }
}

}  // namespace

TimedRun RunTimer::time(const std::function<void()>& run) {
  TimedRun timed;
  const KeptProcessor kept(threads_);
  timed.begin_ms = steady_now().value;
  run();
  timed.ms = steady_now().value - timed.begin_ms;
  const std::vector<Beat> beats = probe_.take();
  timed.taken_ms = kept.taken_ms(timed.ms, beats.size());
  beats_.insert(beats_.end(), beats.begin(), beats.end());
  return timed;
}

KernelProfile undisturbed_profile(std::vector<TimedRun> profiled, std::vector<TimedRun> plain,
                                  const std::vector<Beat>& beats, int threads) {
  leave_out_disturbed(profiled, beats);
  leave_out_disturbed(plain, beats);
  know_fastest_beat(fastest_of(beats));
  const SlowedRuns with = without_beats(profiled, beats, threads);
  const SlowedRuns without = without_beats(plain, beats, threads);
  const Sensitivity suffers;
  const Undisturbed calm = undisturbed(with.ms, with.slowdowns, suffers, kCalmRuns);
  KernelProfile profile;
  profile.run = {middle_mean(calm.times)};
  profile.plain = {middle_mean(undisturbed(without.ms, without.slowdowns, suffers, kCalmRuns).times)};
  profile.kernels = scaled_kernels(profiled, calm);
  add_floors(profiled, profile.kernels);
  profile.runs = static_cast<int>(profiled.size());
  return profile;
}

std::vector<ExecutedKernel> kernels_of(const std::vector<TimedRun>& profiled) {
  Undisturbed all;
  for (std::size_t i = 0; i < profiled.size(); ++i) {
    all.times.push_back(profiled[i].ms);
    all.runs.push_back(i);
  }
  return scaled_kernels(profiled, all);
}

}  // namespace foretime
