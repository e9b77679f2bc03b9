#include "measure/energy/energy.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/error.h"

namespace foretime {
namespace {

// A machine goes to rest, or gets going, within so much time; neither is counted.
constexpr Milliseconds kSettle{200};
// Of a given window; independent enough for an interval, and each long enough.
constexpr int kParts = 5;
// Idle stretches beside a given window: so long at most, and not worth looking at if shorter.
constexpr double kIdleSeconds = 5;
constexpr double kLeastIdleSeconds = 1;
// Below so many readings in a window its edges weigh too much.
constexpr std::size_t kReadings = 20;
// A stretch without readings is bridged; longer than this, and than is usual, it is told.
constexpr double kGapSeconds = 0.01;
constexpr double kUsualSteps = 5;
// Idle power that changes by more than this share of what the runs add makes what is taken off doubtful.
constexpr double kIdleShare = 0.1;
constexpr double kWideShare = 0.25;
constexpr double kConfidence = 0.95;

std::string digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

std::string span_text(const TimeSpan& span) {
  char text[80];
  std::snprintf(text, sizeof text, "%.3f to %.3f s", span.begin, span.end);
  return text;
}

void check(const EnergyCurve& curve, const TimeSpan& span) {
  if (curve.covers(span)) return;
  throw Error("energy",
              "the readings go from " + span_text(curve.whole()) + ", the runs from " + span_text(span),
              "a meter that runs along from before the first to behind the last run, on the same clock");
}

/// Mean over the idle stretches, and half the difference between them, in watts.
void note_idle(const EnergyCurve& curve, const MarkedRuns& marks, Energy& energy) {
  std::vector<double> watts;
  for (const TimeSpan& idle : marks.idle) {
    check(curve, idle);
    watts.push_back(curve.power(idle));
  }
  if (watts.empty()) {
    energy.reasons.push_back("no idle stretch of 1 s beside the runs: idle power is not taken off");
    return;
  }
  energy.idle_mw = mean(watts) * 1e3;
  const auto [least, most] = std::minmax_element(watts.begin(), watts.end());
  energy.idle_spread_mw = (*most - *least) / 2 * 1e3;
  if (watts.size() < 2) energy.reasons.push_back("idle on one side of the runs only");
}

void find_reasons(const EnergyCurve& curve, const MarkedRuns& marks, Energy& energy) {
  const double gap = std::max(kGapSeconds, kUsualSteps * curve.usual_step());
  double longest = 0;
  for (const MarkedWindow& window : marks.windows) {
    longest = std::max(longest, curve.longest_step(window.span));
  }
  if (longest > gap) {
    energy.reasons.push_back("for " + digits(longest * 1e3) + " ms of the runs there is no reading");
  }
  if (curve.constant()) energy.reasons.push_back("the meter showed one and the same power all the time");
  const double added = energy.active_mw - energy.idle_mw.value_or(0);
  if (added <= 0) {
    energy.reasons.push_back("the runs took no more power than idling");
  } else if (2 * energy.idle_spread_mw > kIdleShare * added) {
    energy.reasons.push_back("idle power changed by " + digits(2 * energy.idle_spread_mw) +
                             " mW from before to after: a calmer machine, or --cooldown");
  }
  const double half = (energy.ci95.high - energy.ci95.low) / 2;
  if (half > kWideShare * std::abs(energy.mj)) {
    energy.reasons.push_back("known to ±" + digits(half) + " mJ only");
  }
}

}  // namespace

MarkedRuns mark_runs(Subject& subject, const MarkOptions& options, const Now& steady, const Pause& pause) {
  MarkedRuns marks;
  const auto idle = [&] {
    pause(kSettle);
    const double begin = steady().value / 1e3;
    pause(options.idle);
    marks.idle.push_back({begin, steady().value / 1e3});
  };
  BlockPlan plan;
  plan.threads = options.threads;
  plan.probe = false;
  plan.self_timed = options.self_timed;
  idle();
  plan.time = kSettle;
  subject.block(plan);
  plan.time = options.window;
  for (int i = 0; i < options.windows; ++i) {
    const SampleBlock block = subject.block(plan);
    const double begin = block.begin_ms / 1e3;
    marks.windows.push_back({{begin, begin + block.wall_ms / 1e3}, static_cast<double>(block.ms.size())});
  }
  idle();
  return marks;
}

MarkedRuns marks_within(const EnergyCurve& curve, const TimeSpan& window, double runs) {
  check(curve, window);
  MarkedRuns marks;
  const TimeSpan whole = curve.whole();
  const TimeSpan before{std::max(whole.begin, window.begin - kIdleSeconds), window.begin};
  const TimeSpan after{window.end, std::min(whole.end, window.end + kIdleSeconds)};
  for (const TimeSpan& idle : {before, after}) {
    if (idle.length() >= kLeastIdleSeconds) marks.idle.push_back(idle);
  }
  const double part = window.length() / kParts;
  for (int i = 0; i < kParts; ++i) {
    const double begin = window.begin + i * part;
    const double end = i + 1 == kParts ? window.end : begin + part;
    marks.windows.push_back({{begin, end}, runs / kParts});
  }
  return marks;
}

Energy energy_of(const EnergyCurve& curve, const MarkedRuns& marks, double edge_seconds) {
  Energy energy;
  note_idle(curve, marks, energy);
  const double idle_watts = energy.idle_mw.value_or(0) / 1e3;
  std::vector<double> each;  // mJ
  double joules = 0;
  for (const MarkedWindow& window : marks.windows) {
    check(curve, window.span);
    if (curve.readings(window.span) < kReadings) {
      throw Error("energy",
                  "only " + std::to_string(curve.readings(window.span)) + " readings while it ran for " +
                      digits(window.span.length()) + " s",
                  std::to_string(kReadings) + " in each part of the runs: longer runs, or a faster meter");
    }
    const double gross = curve.energy(window.span);
    joules += gross;
    energy.runs += window.runs;
    energy.seconds += window.span.length();
    each.push_back((gross - idle_watts * window.span.length()) / window.runs * 1e3);
  }
  energy.windows = each.size();
  energy.gross_mj = joules / energy.runs * 1e3;
  energy.active_mw = joules / energy.seconds * 1e3;
  energy.mj = energy.gross_mj - idle_watts * energy.seconds / energy.runs * 1e3;
  // The windows' own spread; what idle power may be off by; what the windows' edges may be.
  const double runs_in_one = energy.runs / static_cast<double>(each.size());
  const double half = (each.size() > 1 ? half_width(each, kConfidence) : 0) +
                      energy.idle_spread_mw * energy.seconds / energy.runs +
                      2 * edge_seconds * energy.active_mw / runs_in_one;
  energy.ci95 = {energy.mj - half, energy.mj + half};
  find_reasons(curve, marks, energy);
  return energy;
}

}  // namespace foretime
