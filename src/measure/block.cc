#include "measure/block.h"

#include <algorithm>
#include <chrono>

#include "base/stopwatch.h"
#include "measure/interference.h"

namespace foretime {
namespace {

using Clock = std::chrono::steady_clock;

double ms_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

double as_ms(Clock::time_point time) {
  return ms_between({}, time);
}

// Reading a process's own counters costs about 1 µs: iterations shorter than this share one reading.
constexpr double kGroupMs = 0.2;
// What beats took of an iteration is taken off, up to this share.
constexpr double kMostBeats = 0.1;
// A warm-up window of one iteration may be as long.
constexpr double kLongMs = 50;

/// Iterations that share one reading of the counters, appended to the block.
void run_group(const Iteration& iteration, const BlockPlan& plan, InterferenceProbe* probe,
               std::vector<Beat>& latest, std::vector<Beat>& all, SampleBlock& block) {
  const std::size_t first = block.ms.size();
  std::vector<double> ends;
  const KeptProcessor kept(plan.threads);
  const Clock::time_point group_start = Clock::now();
  double group_ms = 0;
  do {
    const Clock::time_point from = Clock::now();
    const std::optional<Milliseconds> own = iteration();
    const Clock::time_point to = Clock::now();
    block.ms.push_back(own ? own->value : ms_between(from, to));
    group_ms = ms_between(group_start, to);
    ends.push_back(group_ms);
  } while (group_ms < kGroupMs && static_cast<int>(block.ms.size()) < plan.at_most);
  const double taken = kept.taken_ms(group_ms);
  std::vector<Beat> beats;
  if (probe != nullptr) beats = probe->take();
  if (plan.self_timed) {
    block.disturbed.resize(block.ms.size(), 0);
    return;
  }
  double lost = taken;  // interrupting is not always counted as the process's time
  for (const Beat& beat : beats) lost -= cost_ms(beat);
  lost = std::max(lost, 0.0) / group_ms;
  block.disturbed.resize(block.ms.size(), lost > kMostLost ? 1 : 0);
  const double began = as_ms(group_start);
  for (const Beat& beat : beats) {
    const auto within = std::lower_bound(ends.begin(), ends.end(), beat.at_ms - began);
    if (beat.at_ms < began || within == ends.end()) continue;
    const std::size_t hit = first + static_cast<std::size_t>(within - ends.begin());
    const double cost = cost_ms(beat) / plan.threads;
    if (cost > kMostBeats * block.ms[hit]) block.disturbed[hit] = 1;
    block.ms[hit] -= std::min(cost, kMostBeats * block.ms[hit]);
  }
  if (lost <= kMostLost) {
    for (std::size_t i = first; i < block.ms.size(); ++i) block.ms[i] *= 1 - lost;
  }
  if (probe == nullptr) return;
  all.insert(all.end(), beats.begin(), beats.end());
  if (!beats.empty()) latest = std::move(beats);
  block.beats.resize(block.ms.size(), mean_of(latest));
}

}  // namespace

Milliseconds steady_now() {
  return {as_ms(Clock::now())};
}

BeatTimes fastest_of(std::span<const SampleBlock* const> blocks) {
  BeatTimes fastest;
  for (const SampleBlock* block : blocks) fastest = lower(fastest, block->fastest);
  return fastest;
}

SampleBlock run_block(const Iteration& iteration, const BlockPlan& plan) {
  SampleBlock block;
  const ProcessCounters before = read_process_counters();
  block.begin_ms = steady_now().value;
  const Stopwatch whole;
  const auto enough = [&] {
    const int count = static_cast<int>(block.ms.size());
    return count >= plan.at_most || (count >= plan.at_least && whole.elapsed() >= plan.time);
  };
  std::optional<InterferenceProbe> probe;
  if (plan.probe && !plan.self_timed) probe.emplace(plan.threads);
  std::vector<Beat> latest;
  std::vector<Beat> all;
  while (!enough()) run_group(iteration, plan, probe ? &*probe : nullptr, latest, all, block);
  probe.reset();
  block.wall_ms = whole.elapsed().value;
  block.counters = read_process_counters() - before;
  know_fastest_beat(fastest_of(all));
  block.fastest = fastest_beat();
  return block;
}

WarmUp warm_up(const Iteration& iteration, Milliseconds most) {
  // Stable: three windows in a row whose fastest iteration, which noise leaves alone, is not more than 1 %
  // below the best before. A window is ten iterations or 20 ms, whichever is longer, or one long iteration.
  constexpr int kCalmWindows = 3;
  constexpr double kFaster = 0.99;
  constexpr std::size_t kWindow = 10;
  constexpr double kWindowMs = 20;
  const Stopwatch whole;
  WarmUp result;
  double best = 0;
  int calm = 0;
  while (calm < kCalmWindows && (result.iterations == 0 || whole.elapsed() < most)) {
    std::vector<double> window;
    double window_ms = 0;
    while (window_ms < kWindowMs || (window.size() < kWindow && window_ms < kLongMs)) {
      const Stopwatch watch;
      const std::optional<Milliseconds> own = iteration();
      window.push_back(own ? own->value : watch.elapsed().value);
      window_ms += std::max(watch.elapsed().value, window.back());
      if (result.iterations++ == 0) result.first = {window.back()};
    }
    const double fastest = *std::min_element(window.begin(), window.end());
    const bool faster = best > 0 && fastest < kFaster * best;
    calm = best > 0 && !faster ? calm + 1 : 0;
    best = best > 0 ? std::min(best, fastest) : fastest;
  }
  result.stable = calm >= kCalmWindows;
  result.time = whole.elapsed();
  return result;
}

}  // namespace foretime
