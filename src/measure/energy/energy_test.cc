#include "measure/energy/energy.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "measure/simulated.h"

namespace foretime {
namespace {

using testing::SimulatedSubject;
using testing::SimulatedTime;
using testing::Simulation;

/// What a meter would have seen of marked runs: so many watts idle and running, every `step` seconds.
EnergyCurve seen(const MarkedRuns& marks, double idle_watts, double run_watts, double step = 0.01,
                 double drift_watts_per_s = 0) {
  EnergyCurve curve;
  const double begin = marks.windows.front().span.begin;
  const double end = marks.windows.back().span.end;
  double joules = 0;
  for (double t = 0; t <= end + 2; t += step) {
    curve.add_energy(t, joules);
    const double run = std::max(0.0, std::min(t + step, end) - std::max(t, begin));  // of this step
    joules += idle_watts * step + (run_watts - idle_watts) * run + drift_watts_per_s * t * step;
  }
  return curve;
}

struct Marked {
  SimulatedTime time;
  MarkedRuns marks;
};

Marked marked(double ms = 10) {
  Marked run;
  run.time.ms = 100;
  Simulation simulation;
  simulation.ms = ms;
  SimulatedSubject subject(simulation, run.time, 1);
  run.marks = mark_runs(subject, {}, run.time.now(), [&](Milliseconds pause) { run.time.ms += pause.value; });
  return run;
}

TEST(EnergyOfRuns, MarksIdlesAndWindowsOnOneClock) {
  const Marked run = marked();
  ASSERT_EQ(run.marks.idle.size(), 2U);
  ASSERT_EQ(run.marks.windows.size(), 5U);
  EXPECT_NEAR(run.marks.idle[0].begin, 0.3, 1e-9);
  EXPECT_NEAR(run.marks.idle[0].length(), 1, 1e-9);
  double last = run.marks.idle[0].end;
  for (const MarkedWindow& window : run.marks.windows) {
    EXPECT_GE(window.span.begin, last - 1e-9);
    EXPECT_GE(window.span.length(), 1);
    EXPECT_NEAR(window.runs * 0.01, window.span.length(), 0.05);
    last = window.span.end;
  }
  EXPECT_GT(run.marks.idle[1].begin, last);
}

TEST(EnergyOfRuns, IsWhatRunningAddsToIdling) {
  const Marked run = marked();
  const Energy energy = energy_of(seen(run.marks, 2, 7), run.marks, 0.001);
  const double per_run = energy.seconds / energy.runs * 1e3;  // ms
  EXPECT_NEAR(energy.mj, 5 * per_run, 0.05);
  EXPECT_NEAR(energy.gross_mj, 7 * per_run, 0.05);
  ASSERT_TRUE(energy.idle_mw);
  EXPECT_NEAR(*energy.idle_mw, 2000, 1);
  EXPECT_NEAR(energy.active_mw, 7000, 10);
  EXPECT_LT(energy.ci95.low, energy.mj);
  EXPECT_LT(energy.ci95.high - energy.ci95.low, 0.1 * energy.mj);
  EXPECT_EQ(energy.windows, 5U);
  EXPECT_TRUE(energy.reasons.empty()) << energy.reasons[0];
}

TEST(EnergyOfRuns, IdlePowerThatDriftsWidensTheInterval) {
  const Marked run = marked();
  const Energy calm = energy_of(seen(run.marks, 2, 7), run.marks, 0.001);
  const Energy drifting = energy_of(seen(run.marks, 2, 7, 0.01, 0.2), run.marks, 0.001);
  EXPECT_GT(drifting.ci95.high - drifting.ci95.low, 2 * (calm.ci95.high - calm.ci95.low));
  ASSERT_FALSE(drifting.reasons.empty());
  EXPECT_NE(drifting.reasons[0].find("idle power changed by"), std::string::npos) << drifting.reasons[0];
}

TEST(EnergyOfRuns, SaysWhatMakesItDoubtful) {
  const Marked run = marked();
  const Energy stuck = energy_of(seen(run.marks, 3, 3), run.marks, 0.001);
  EXPECT_NEAR(stuck.mj, 0, 1e-6);
  ASSERT_GE(stuck.reasons.size(), 1U);
  EnergyCurve power;
  for (int i = 0; i < 2000; ++i) power.add_power(i * 0.01, 3);
  const Energy constant = energy_of(power, run.marks, 0.001);
  EXPECT_EQ(constant.reasons[0], "the meter showed one and the same power all the time");
  EXPECT_EQ(constant.reasons[1], "the runs took no more power than idling");
}

TEST(EnergyOfRuns, TooFewReadingsOrNoneAreAnError) {
  const Marked run = marked();
  const auto why = [&](const EnergyCurve& curve) {
    try {
      (void)energy_of(curve, run.marks, 0.001);
      return std::string("none");
    } catch (const Error& error) {
      return std::string(error.what());
    }
  };
  EXPECT_NE(why(seen(run.marks, 2, 7, 0.1)).find("readings while it ran for"), std::string::npos);
  EnergyCurve early;
  early.add_power(0, 1);
  early.add_power(0.7, 1);
  EXPECT_EQ(
      why(early),
      "energy: the readings go from 0.000 to 0.700 s, the runs from 0.300 to 1.300 s (a meter that runs "
      "along from before the first to behind the last run, on the same clock)");
}

TEST(EnergyOfRuns, OfAWindowInATrace) {
  EnergyCurve trace;  // 1 W; from second 2 to 6 3 W; a hole of 716 samples within
  for (int i = 0; i <= 40'000; ++i) {
    if (i > 20'000 && i <= 20'716) continue;
    const double t = i / 5000.0;
    trace.add_power(t, t >= 2 && t < 6 ? 3 : 1);
  }
  const Energy energy = energy_of(trace, marks_within(trace, {2, 6}, 100), 0.0002);
  EXPECT_NEAR(energy.mj, 80, 0.05);  // 2 W for 4 s, in 100 runs
  EXPECT_NEAR(energy.gross_mj, 120, 0.05);
  EXPECT_NEAR(*energy.idle_mw, 1000, 1);
  EXPECT_NEAR(energy.runs, 100, 1e-9);
  ASSERT_EQ(energy.reasons.size(), 1U);
  EXPECT_EQ(energy.reasons[0], "for 143.4 ms of the runs there is no reading");
  const Energy whole = energy_of(trace, marks_within(trace, trace.whole(), 100), 0.0002);
  EXPECT_FALSE(whole.idle_mw);
  EXPECT_NEAR(whole.mj, whole.gross_mj, 1e-9);
  EXPECT_EQ(whole.reasons[0], "no idle stretch of 1 s beside the runs: idle power is not taken off");
  EXPECT_THROW((void)marks_within(trace, {2, 9}, 1), Error);
}

}  // namespace
}  // namespace foretime
