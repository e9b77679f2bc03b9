#include "measure/protocol.h"

#include <gtest/gtest.h>

#include "measure/simulated.h"

namespace foretime {
namespace {

using testing::SimulatedSubject;
using testing::SimulatedTime;
using testing::Simulation;

struct Outcome {
  Measurement measurement;
  double spent_ms = 0;
};

Outcome measured(const Simulation& simulation, ProtocolOptions options = {}, unsigned seed = 1) {
  SimulatedTime time;
  SimulatedSubject subject(simulation, time, seed);
  const Measured all = measure(subject, options, time.now());
  return {judge(all.records, {options.target_percent, 0, all.warm, options.self_timed, options.calm}),
          time.ms};
}

bool tells(const Measurement& measurement, const std::string& what) {
  for (const std::string& reason : measurement.reasons) {
    if (reason.find(what) != std::string::npos) return true;
  }
  return false;
}

TEST(Protocol, AQuietMachineIsTrustedAndSoon) {
  const Outcome outcome = measured({});
  EXPECT_EQ(outcome.measurement.verdict, Verdict::trusted);
  EXPECT_TRUE(outcome.measurement.reasons.empty());
  EXPECT_NEAR(outcome.measurement.latency.median, 10.07, 0.1);
  EXPECT_LE(outcome.measurement.half_width_percent, 1);
  EXPECT_GE(outcome.measurement.launches, 5);
  EXPECT_LT(outcome.spent_ms, 20'000);
}

TEST(Protocol, TheIntervalHoldsTheTruth) {
  int held = 0;
  constexpr int kTimes = 200;
  constexpr double kTruth = 10 * (1 + 0.01 * 0.6745);  // the median of |normal| is 0.6745
  for (unsigned seed = 0; seed < kTimes; ++seed) {
    Simulation simulation;
    simulation.launch_spread = 0.01;
    const ConfidenceInterval ci = measured(simulation, {}, seed).measurement.ci95;
    if (ci.low <= kTruth && kTruth <= ci.high) ++held;
  }
  EXPECT_GE(held, 180);  // 95 % asked for; looking after every launch costs a little
}

TEST(Protocol, LeavesOutWhatWasDisturbedAndSaysSo) {
  Simulation simulation;
  simulation.disturbed = 0.2;
  const Measurement calm = measured(simulation).measurement;
  EXPECT_EQ(calm.verdict, Verdict::trusted);
  EXPECT_LT(calm.latency.max, 12);
  EXPECT_NEAR(calm.disturbance.excluded_percent, 20, 5);
  simulation.disturbed = 0.5;
  const Measurement noisy = measured(simulation).measurement;
  EXPECT_EQ(noisy.verdict, Verdict::noisy);
  EXPECT_TRUE(tells(noisy, "of the samples were disturbed and left out: stop other programs, or --cpus"));
  simulation.disturbed = 1;
  const Measurement hopeless = measured(simulation).measurement;
  EXPECT_EQ(hopeless.verdict, Verdict::rejected);
  EXPECT_TRUE(tells(hopeless, "100 % of the samples were disturbed"));
}

TEST(Protocol, CorrectsWhatASlowerClockDid) {
  Simulation simulation;
  simulation.slow_clock = 0.3;
  const Measurement measurement = measured(simulation).measurement;
  EXPECT_EQ(measurement.verdict, Verdict::trusted);
  EXPECT_NEAR(measurement.latency.median, 10.07, 0.1);
  EXPECT_LT(measurement.latency.max, 11);
  EXPECT_NEAR(measurement.disturbance.clock_percent, 20, 1);
  EXPECT_NEAR(measurement.disturbance.calm_percent, 70, 15);
}

TEST(Protocol, LeavesOutWhatRanOnProcessorsFarApart) {
  Simulation simulation;
  simulation.far = 0.3;
  const Measurement measurement = measured(simulation).measurement;
  EXPECT_EQ(measurement.verdict, Verdict::trusted);
  EXPECT_NEAR(measurement.latency.median, 10.07, 0.1);
  EXPECT_NEAR(measurement.disturbance.displaced_percent, 30, 15);
  EXPECT_EQ(measurement.disturbance.excluded_percent, 0);
  simulation.far = 1;  // and were near before
  ProtocolOptions options;
  options.calm = {3, 5, 0.03};
  const Measurement far = measured(simulation, options).measurement;
  EXPECT_EQ(far.verdict, Verdict::noisy);
  EXPECT_NEAR(far.latency.median, 15.1, 0.2);
  EXPECT_TRUE(tells(far, "during 100 % of the samples its processors were far from each other"));
}

TEST(Protocol, ACorrectionThatIsNotKnownWidensTheInterval) {
  Simulation simulation;
  simulation.slow_clock = 1;  // so that no run tells what the others lost
  EXPECT_NEAR(measured(simulation).measurement.latency.median, 12.08, 0.1);
  ProtocolOptions options;
  options.calm = {3, 5};  // but the machine was calmer before
  const Measurement measurement = measured(simulation, options).measurement;
  EXPECT_LT(measurement.latency.median, 11.9);
  EXPECT_GT(measurement.disturbance.slowed_percent, 1);
  EXPECT_GT(measurement.half_width_percent, 1);
  EXPECT_EQ(measurement.disturbance.fastest.core_us, 3 * 1.2);
  EXPECT_EQ(measurement.disturbance.calm.core_us, 3);
  EXPECT_EQ(measurement.disturbance.calm_percent, 0);
  EXPECT_TRUE(tells(measurement, "something slowed the core during 100 % of the samples"));
}

TEST(Protocol, NothingIsMuchFasterThanTheFastestRun) {
  Simulation simulation;
  simulation.slow_clock = 1;
  ProtocolOptions options;
  options.calm = {1, 5};  // the beats were once three and a half times as fast: no neighbour does that
  const Measurement measurement = measured(simulation, options).measurement;
  EXPECT_DOUBLE_EQ(measurement.latency.median, 0.75 * measurement.disturbance.fastest_run_ms);
  // What was taken back is part of the interval.
  EXPECT_LT(measurement.ci95.low, 0.7 * measurement.disturbance.fastest_run_ms);
  EXPECT_NE(measurement.verdict, Verdict::trusted);
}

TEST(Protocol, LaunchesThatDifferAreNoisy) {
  Simulation simulation;
  simulation.launch_spread = 0.05;
  const Outcome outcome = measured(simulation);
  EXPECT_EQ(outcome.measurement.verdict, Verdict::noisy);
  EXPECT_TRUE(tells(outcome.measurement, "launches differ by"));
  EXPECT_GT(outcome.measurement.launches, 5);
  EXPECT_LT(outcome.spent_ms, 21'000);
}

TEST(Protocol, ASlowModelEndsWithItsBudget) {
  Simulation simulation;
  simulation.ms = 3'000;
  simulation.load_ms = 2'000;
  const Outcome outcome = measured(simulation);
  EXPECT_GE(outcome.measurement.iterations, 1U);
  EXPECT_LT(outcome.spent_ms, 40'000);
  EXPECT_EQ(outcome.measurement.verdict, Verdict::noisy);
  EXPECT_TRUE(tells(outcome.measurement, "launches fitted in")) << outcome.measurement.launches;
}

}  // namespace
}  // namespace foretime
