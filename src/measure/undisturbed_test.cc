#include "measure/undisturbed.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/stopwatch.h"

namespace foretime {
namespace {

TEST(Undisturbed, TheCalmestRunsCountCorrected) {
  std::vector<double> times;
  std::vector<Slowdown> slowdowns;
  for (int i = 0; i < 30; ++i) {
    slowdowns.push_back({1 + 0.01 * i, 1 + 0.05 * i});
    times.push_back(50 * (1 + 0.4 * 0.01 * i + 0.075 * 0.05 * i));
  }
  const Undisturbed calm = undisturbed(times, slowdowns, {}, kCalmRuns);
  ASSERT_EQ(calm.times.size(), 10U);
  EXPECT_EQ(calm.runs.back(), 9U);
  for (const double time : calm.times) EXPECT_NEAR(time, 50, 1e-9);
}

TEST(Undisturbed, NobodyLosesMoreThanANeighbourTakes) {
  const Sensitivity suffers{1, 1};
  const std::vector<double> times(3, 10);
  const auto corrected = [&](const Slowdown& slowdown) {
    return undisturbed(times, std::vector(3, slowdown), suffers, 1).times[0];
  };
  EXPECT_NEAR(corrected({1.2, 1}), 10 / 1.2, 1e-12);
  EXPECT_NEAR(corrected({4, 3}), 6, 1e-12);  // no neighbour takes more
}

TEST(Undisturbed, WithoutANeighbourNothingChanges) {
  const std::vector<double> times = {10, 11, 10.5, 10.2};
  const std::vector<Slowdown> none(4);
  const Sensitivity suffers;
  EXPECT_EQ(undisturbed(times, none, suffers, kCalmSamples).times, times);
  EXPECT_EQ(suffers.error({}), 0);
  EXPECT_NEAR(suffers.error({2, 1}), 0.3 * 0.4 / 1.4, 1e-9);
}

TEST(Undisturbed, MiddleMeanLeavesTheEndsOut) {
  EXPECT_EQ(middle_mean(std::vector<double>{1, 2, 4, 1000}), 3);
  EXPECT_EQ(middle_mean(std::vector<double>{7}), 7);
}

TEST(InterferenceProbe, CalmIsWhatNobodyMadeLonger) {
  EXPECT_TRUE(is_calm({3.1, 9}, {3, 3}));
  EXPECT_FALSE(is_calm({3.3, 3}, {3, 3}));
  EXPECT_TRUE(is_calm({3.3, 3}, {}));
  EXPECT_FALSE(is_calm({}, {3, 3}));
}

TEST(InterferenceProbe, BeatsWhileTheThreadWorks) {
  InterferenceProbe probe(1);
  std::vector<Beat> beats;
  for (const Stopwatch watch; beats.size() < 10 && watch.elapsed().value < 20e3;) {
    const std::vector<Beat> latest = probe.take();
    beats.insert(beats.end(), latest.begin(), latest.end());
  }
  ASSERT_GE(beats.size(), 10U);
  EXPECT_GT(fastest_of(beats).core_us, 0.5);
  EXPECT_GT(fastest_of(beats).memory_us, 0.5);
  for (const Beat& beat : beats)
    EXPECT_GT(cost_ms(beat) * 1e3, beat.times.core_us + beat.times.memory_us - 1e-9);
  EXPECT_EQ(beats_within(beats, beats[3].at_ms, beats[5].at_ms).size(), 2U);
  EXPECT_EQ(beats_within(beats, 0, 1).size(), 1U);
  for (std::size_t i = 1; i < beats.size(); ++i) EXPECT_GT(beats[i].at_ms, beats[i - 1].at_ms);
}

}  // namespace
}  // namespace foretime
