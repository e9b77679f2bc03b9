#include "measure/sustained.h"

#include <gtest/gtest.h>

#include "measure/simulated.h"

namespace foretime {
namespace {

using testing::SimulatedSubject;
using testing::SimulatedTime;
using testing::Simulation;

Sustained sustained(const Simulation& simulation, double seconds = 600) {
  SimulatedTime time;
  SimulatedSubject subject(simulation, time, 1);
  const ReadState state = [&] {
    MachineState now;
    now.temperature_celsius = 40 + time.ms / 60e3;
    now.frequency_mhz = time.ms < simulation.hot_after_ms ? 3000 : 2400;
    return now;
  };
  SustainedOptions options;
  options.time = {seconds * 1e3};
  return sustain(subject, options, time.now(), state);
}

TEST(SustainedRun, AMachineThatKeepsItsPaceIsSteady) {
  const Sustained result = sustained({});
  ASSERT_EQ(result.slices.size(), 30U);
  EXPECT_EQ(result.verdict, Endurance::steady);
  EXPECT_TRUE(result.reasons.empty());
  EXPECT_NEAR(result.change_percent, 0, 0.5);
  EXPECT_FALSE(result.slower_after_s);
  double last = -1;
  double seconds = 0;
  for (const SustainedSlice& slice : result.slices) {
    EXPECT_GT(slice.begin_s, last);
    EXPECT_GT(slice.iterations, 1800U);  // 20 s of 10 ms
    EXPECT_LE(slice.p05_ms, slice.median_ms);
    EXPECT_LE(slice.median_ms, slice.p95_ms);
    last = slice.begin_s;
    seconds += slice.seconds;
  }
  EXPECT_NEAR(seconds, 600, 12);
  EXPECT_GT(*result.slices.back().temperature_celsius, *result.slices.front().temperature_celsius + 8);
}

TEST(SustainedRun, AClockThatSlowsDownIsThrottling) {
  Simulation hot;
  hot.hot_after_ms = 180e3;
  hot.hot_clock = 1.25;
  const Sustained result = sustained(hot);
  EXPECT_EQ(result.verdict, Endurance::throttled);
  EXPECT_NEAR(result.change_percent, 25, 1);
  EXPECT_NEAR(result.clock_percent.value(), 25, 1);
  EXPECT_NEAR(result.worst_percent, 25, 2);
  ASSERT_TRUE(result.slower_after_s);
  EXPECT_NEAR(*result.slower_after_s, 180, 21);
  EXPECT_EQ(result.slices.back().frequency_mhz, 2400);
  ASSERT_EQ(result.reasons.size(), 1U);
  EXPECT_EQ(result.reasons[0],
            "in the end the clock was 25 % slower, too: cooling, or a lower frequency that holds");
}

TEST(SustainedRun, SlowerAtTheSameClockIsNotThrottling) {
  Simulation neighbours;
  neighbours.hot_after_ms = 300e3;
  neighbours.hot_latency = 1.3;
  const Sustained result = sustained(neighbours);
  EXPECT_EQ(result.verdict, Endurance::slower);
  EXPECT_NEAR(result.clock_percent.value(), 0, 1);
  EXPECT_NEAR(result.change_percent, 30, 1);
}

TEST(SustainedRun, OtherProgramsMakeItSayNothing) {
  Simulation busy;
  busy.disturbed = 0.7;
  EXPECT_EQ(sustained(busy, 60).verdict, Endurance::disturbed);
}

TEST(SustainedRun, ShortOnesHaveShorterSlicesAndSlowModelsFewer) {
  EXPECT_EQ(sustained({}, 10).slices.size(), 10U);
  Simulation slow;
  slow.ms = 7000;
  const Sustained result = sustained(slow, 20);
  EXPECT_LE(result.slices.size(), 4U);
  EXPECT_GE(result.slices.size(), 2U);
  const Sustained one = sustained(slow, 1);
  EXPECT_EQ(one.slices.size(), 1U);
  EXPECT_EQ(one.reasons.back(), "one slice is no curve: a longer --sustained");
}

}  // namespace
}  // namespace foretime
