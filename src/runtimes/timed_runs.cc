#include "runtimes/timed_runs.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "measure/block.h"
#include "measure/contention.h"

namespace foretime {
namespace {

// Kernels suffer more or less than the network they are part of: variances of both sensitivities.
constexpr std::array<double, 3> kKernelsDiffer = {0.1 * 0.1, 0.1 * 0.1, 0};

/// Times of one thing in several runs, without what the beats took, and the probe's slowdown meanwhile.
struct Times {
  std::vector<double> ms;
  std::vector<Slowdown> slowdowns;

  void add(double begin_ms, double time_ms, const std::vector<Beat>& beats, int threads) {
    const std::span<const Beat> within = beats_within(beats, begin_ms, begin_ms + time_ms);
    double net = time_ms;
    for (const Beat& beat : within) {
      const bool inside = beat.at_ms >= begin_ms && beat.at_ms < begin_ms + time_ms;
      if (inside) net -= cost_ms(beat) / threads;
    }
    add(net, within);
  }
  void add(double net, std::span<const Beat> within) {
    ms.push_back(std::max(net, 0.0));
    slowdowns.push_back(slowdown(mean_of(within), fastest_beat()));
  }
  double undisturbed(const Sensitivity& suffers) const {
    return middle_mean(foretime::undisturbed(ms, slowdowns, suffers).times);
  }
};

Times times_of(const std::vector<TimedRun>& runs, const std::vector<Beat>& beats, int threads) {
  Times times;
  for (const TimedRun& run : runs) times.add(run.begin_ms, run.ms, beats, threads);
  return times;
}

void leave_out_disturbed(std::vector<TimedRun>& runs, const std::vector<Beat>& beats) {
  const auto disturbed = [&](const TimedRun& run) {
    double taken = run.taken_ms;
    for (const Beat& beat : beats_within(beats, run.begin_ms, run.begin_ms + run.ms)) taken -= cost_ms(beat);
    return taken > kMostLost * run.ms;
  };
  if (!std::all_of(runs.begin(), runs.end(), disturbed)) std::erase_if(runs, disturbed);
}

}  // namespace

TimedRun RunTimer::time(const std::function<void()>& run) {
  TimedRun timed;
  const KeptProcessor kept(threads_);
  timed.begin_ms = steady_now().value;
  run();
  timed.ms = steady_now().value - timed.begin_ms;
  timed.taken_ms = kept.taken_ms(timed.ms);
  const std::vector<Beat> beats = probe_.take();
  beats_.insert(beats_.end(), beats.begin(), beats.end());
  return timed;
}

std::vector<ExecutedKernel> undisturbed_kernels(const std::vector<TimedRun>& profiled,
                                                const std::vector<Beat>& beats, int threads,
                                                const Sensitivity& usual) {
  std::vector<ExecutedKernel> kernels;
  std::vector<Times> times;
  std::unordered_map<std::string, std::size_t> place;
  for (const TimedRun& run : profiled) {
    for (const KernelTime& kernel : run.kernels) {
      const auto [at, fresh] = place.emplace(kernel.name, kernels.size());
      if (fresh) {
        kernels.push_back({kernel.kind, kernel.name, {}, {0}});
        times.emplace_back();
      }
      if (kernel.begin_ms >= 0) {
        times[at->second].add(kernel.begin_ms, kernel.ms, beats, threads);
      } else {
        times[at->second].add(kernel.ms, beats_within(beats, run.begin_ms, run.begin_ms + run.ms));
      }
    }
  }
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    const Sensitivity suffers = sensitivity(times[i].ms, times[i].slowdowns, usual);
    // What did not run in each of them counts for those in which it did.
    const double share = static_cast<double>(times[i].ms.size()) / static_cast<double>(profiled.size());
    kernels[i].latency = {times[i].undisturbed(suffers) * share};
  }
  return kernels;
}

KernelProfile undisturbed_profile(std::vector<TimedRun> profiled, std::vector<TimedRun> plain,
                                  const std::vector<Beat>& beats, int threads) {
  leave_out_disturbed(profiled, beats);
  leave_out_disturbed(plain, beats);
  know_fastest_beat(fastest_of(beats));
  const Times with = times_of(profiled, beats, threads);
  const Times without = times_of(plain, beats, threads);
  const Sensitivity suffers = sensitivity(without.ms, without.slowdowns, kUsualSensitivity);
  KernelProfile profile;
  profile.run = {with.undisturbed(suffers)};
  profile.plain = {without.undisturbed(suffers)};
  profile.kernels =
      undisturbed_kernels(profiled, beats, threads, {suffers.core, suffers.memory, kKernelsDiffer});
  profile.runs = static_cast<int>(profiled.size());
  return profile;
}

}  // namespace foretime
