#include "measure/block.h"

#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <chrono>

#include "base/stopwatch.h"
#include "measure/statistics.h"

namespace foretime {
namespace {

using Clock = std::chrono::steady_clock;

double ms_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

// Reading a process's own counters costs about 1 µs: iterations shorter than this share one reading.
constexpr double kGroupMs = 0.2;
// An iteration that lost less than this share of its time to others is as good as undisturbed; below it lie
// the kernel's own timer interrupts.
constexpr double kLostShare = 0.01;
// The reference kernel runs between groups once in so much time, which is below 1 % of it.
constexpr double kReferenceEveryMs = 5;
// After the reference has swept the caches, iterations that are not counted: so long, and one at least unless
// one iteration is longer than kLongMs, beside which filling caches anew takes no time.
constexpr double kSettleMs = 2;
constexpr double kLongMs = 50;

/// What can be read fast enough to judge single iterations.
struct Quick {
  double cpu_ms = 0;
  std::int64_t involuntary = 0;
};

Quick quick(int threads) {
  Quick now;
  if (threads == 1) {
    timespec cpu{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    now.cpu_ms = static_cast<double>(cpu.tv_sec) * 1e3 + static_cast<double>(cpu.tv_nsec) / 1e6;
  } else {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    now.involuntary = usage.ru_nivcsw;
  }
  return now;
}

/// One thread that never waits runs all the time, unless the processor was taken away. Of several threads
/// some wait for others as a matter of course; what tells is that one was made to leave.
bool was_disturbed(const Quick& before, const Quick& after, double wall_ms, int threads) {
  if (threads == 1) return wall_ms - (after.cpu_ms - before.cpu_ms) > kLostShare * wall_ms;
  return after.involuntary != before.involuntary;
}

void settle(const Iteration& iteration, Milliseconds expected) {
  if (expected.value > kLongMs) return;
  const Stopwatch watch;
  do {
    iteration();
  } while (watch.elapsed().value < kSettleMs);
}

/// Iterations that share one reading of the counters.
struct Group {
  double ms = 0;
  bool disturbed = false;
};

Group run_group(const Iteration& iteration, const BlockPlan& plan, std::vector<double>& samples) {
  const Quick start = quick(plan.threads);
  const Clock::time_point group_start = Clock::now();
  Group group;
  do {
    const Clock::time_point from = Clock::now();
    const std::optional<Milliseconds> own = iteration();
    const Clock::time_point to = Clock::now();
    samples.push_back(own ? own->value : ms_between(from, to));
    group.ms = ms_between(group_start, to);
  } while (group.ms < kGroupMs && static_cast<int>(samples.size()) < plan.at_most);
  group.disturbed = !plan.self_timed && was_disturbed(start, quick(plan.threads), group.ms, plan.threads);
  return group;
}

}  // namespace

Milliseconds steady_now() {
  return {std::chrono::duration<double, std::milli>(Clock::now().time_since_epoch()).count()};
}

SampleBlock run_block(const Iteration& iteration, const BlockPlan& plan, Reference& reference) {
  SampleBlock block;
  std::vector<double> compute;
  const bool with_reference = plan.reference && !plan.self_timed;
  if (with_reference) {
    if (plan.memory) block.memory_us = reference.memory_us();
    compute.push_back(reference.compute_us());
    settle(iteration, plan.expected);
  }
  const ProcessCounters before = read_process_counters();
  block.begin_ms = steady_now().value;
  const Stopwatch whole;
  double since_reference = 0;
  const auto enough = [&] {
    const int count = static_cast<int>(block.ms.size());
    return count >= plan.at_most || (count >= plan.at_least && whole.elapsed() >= plan.time);
  };
  while (!enough()) {
    const Group group = run_group(iteration, plan, block.ms);
    block.disturbed.resize(block.ms.size(), group.disturbed ? 1 : 0);
    since_reference += group.ms;
    if (!with_reference || since_reference < kReferenceEveryMs) continue;
    compute.push_back(reference.compute_us());
    since_reference = 0;
  }
  block.wall_ms = whole.elapsed().value;
  block.counters = read_process_counters() - before;
  if (!with_reference) return block;
  block.compute_us = median(std::move(compute));
  if (plan.memory) block.memory_us = std::min(block.memory_us, reference.memory_us());
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
