#include "measure/block.h"

#include <algorithm>

#include "base/stopwatch.h"
#include "measure/interference.h"
#include "measure/message.h"

namespace foretime {
namespace {

// Reading a process's own counters costs about 1 µs: iterations shorter than this share one reading.
constexpr double kGroupMs = 0.2;
// What beats took of an iteration is taken off, up to this share.
constexpr double kMostBeats = 0.1;
// Of a block's time, to be calm before patience ends.
constexpr double kCalmShare = 0.5;
// A warm-up window of one iteration may be as long.
constexpr double kLongMs = 50;

/// What beats took of the iterations, which began at `began` and ended at `ends`, is taken off.
void take_off(const std::vector<Beat>& beats, int threads, double began, const std::vector<double>& ends,
              std::size_t first, SampleBlock& block) {
  for (const Beat& beat : beats) {
    const auto within = std::lower_bound(ends.begin(), ends.end(), beat.at_ms);
    if (beat.at_ms < began || within == ends.end()) continue;
    const std::size_t hit = first + static_cast<std::size_t>(within - ends.begin());
    const double cost = cost_ms(beat) / threads;
    if (cost > kMostBeats * block.ms[hit]) block.disturbed[hit] = 1;
    block.ms[hit] -= std::min(cost, kMostBeats * block.ms[hit]);
  }
}

/// Iterations that share one reading of the counters, appended to the block. `beats`: all since the block
/// began.
void run_group(const Iteration& iteration, const BlockPlan& plan, InterferenceProbe* probe,
               std::vector<Beat>& beats, SampleBlock& block) {
  const std::size_t first = block.ms.size();
  std::vector<double> ends;
  const KeptProcessor kept(plan.threads);
  const double began = steady_now().value;
  double now = began;
  do {
    const double from = now;
    const std::optional<Milliseconds> own = iteration();
    now = steady_now().value;
    block.ms.push_back(own ? own->value : now - from);
    ends.push_back(now);
  } while (now - began < kGroupMs && static_cast<int>(block.ms.size()) < plan.at_most);
  std::vector<Beat> latest;
  if (probe != nullptr) latest = probe->take();
  double lost = plan.self_timed ? 0 : kept.taken_ms(now - began, latest.size());
  // Interrupting is not always counted as the process's time.
  for (const Beat& beat : latest) lost -= cost_ms(beat);
  const double share = std::max(lost, 0.0) / (now - began);
  block.disturbed.resize(block.ms.size(), share > kMostLost ? 1 : 0);
  take_off(latest, plan.threads, began, ends, first, block);
  if (share <= kMostLost) {
    for (std::size_t i = first; i < block.ms.size(); ++i) block.ms[i] *= 1 - share;
  }
  if (probe == nullptr) return;
  beats.insert(beats.end(), latest.begin(), latest.end());
  block.beats.resize(block.ms.size(), mean_of(beats_within(beats, began, now)));
}

}  // namespace

BeatTimes fastest_of(std::span<const SampleBlock* const> blocks) {
  BeatTimes fastest;
  for (const SampleBlock* block : blocks) fastest = lower(fastest, block->fastest);
  return fastest;
}

SampleBlock run_block(const Iteration& iteration, const BlockPlan& plan) {
  SampleBlock block;
  const bool probed = plan.probe && !plan.self_timed;
  const double message_before = probed ? message_us(plan.threads) : 0;
  const ProcessCounters before = read_process_counters();
  block.begin_ms = steady_now().value;
  const Stopwatch whole;
  double calm_ms = 0;
  const auto enough = [&] {
    const int count = static_cast<int>(block.ms.size());
    if (count < plan.at_least || whole.elapsed() < plan.time) return count >= plan.at_most;
    return count >= plan.at_most || !probed || calm_ms >= kCalmShare * plan.time.value ||
           whole.elapsed() >= plan.time + plan.patience;
  };
  std::optional<InterferenceProbe> probe;
  if (probed) probe.emplace(plan.threads);
  std::vector<Beat> beats;
  while (!enough()) {
    const std::size_t first = block.ms.size();
    run_group(iteration, plan, probe ? &*probe : nullptr, beats, block);
    for (std::size_t i = first; i < block.beats.size(); ++i)
      calm_ms += is_calm(block.beats[i], fastest_beat()) ? block.ms[i] : 0;
  }
  probe.reset();
  block.wall_ms = whole.elapsed().value;
  block.counters = read_process_counters() - before;
  block.fastest = fastest_of(beats);
  if (message_before > 0) {
    block.fastest.message_us = std::max(message_before, message_us(plan.threads));
    for (BeatTimes& beat : block.beats) beat.message_us = block.fastest.message_us;
  }
  know_fastest_beat(block.fastest);
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
