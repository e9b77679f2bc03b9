#include "measure/undisturbed.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "base/stopwatch.h"
#include "measure/statistics.h"

namespace foretime {
namespace {

struct Runs {
  std::vector<double> times;
  std::vector<Slowdown> slowdowns;
};

/// Runs of 50 ms, of which a neighbour was there a part of the time: then the probe takes 2.3 times as long,
/// and the run 1.3 times.
Runs runs_beside_a_neighbour(int count, double least_share, double noise, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(least_share, 1);
  std::normal_distribution<double> normal(0, noise);
  Runs runs;
  for (int i = 0; i < count; ++i) {
    const double share = uniform(random);
    runs.times.push_back(50 / ((1 - share) + share / 1.3) * (1 + normal(random)));
    runs.slowdowns.push_back({1 + 1.3 * share, 1});
  }
  return runs;
}

TEST(Undisturbed, FindsWhatARunWouldHaveTaken) {
  const Runs runs = runs_beside_a_neighbour(100, 0, 0.02, 1);
  const Sensitivity found = sensitivity(runs.times, runs.slowdowns, kUsualSensitivity);
  EXPECT_NEAR(found.core, (1 - 1 / 1.3) / 1.3, 0.02);
  const Undisturbed calm = undisturbed(runs.times, runs.slowdowns, found, kCalmRuns);
  EXPECT_EQ(calm.times.size(), 33U);
  EXPECT_NEAR(median(calm.times), 50, 0.5);
  double mean = 0;
  for (const std::size_t run : calm.runs) mean += runs.slowdowns[run].core / 33;
  EXPECT_LT(mean, mean_of(runs.slowdowns).core - 0.2);
  EXPECT_GT(median(runs.times), 54);
}

TEST(Undisturbed, NobodyLosesMoreThanANeighbourTakes) {
  const Sensitivity suffers{1, 1, {}};
  const std::vector<double> times(3, 10);
  const auto corrected = [&](const Slowdown& slowdown) {
    return undisturbed(times, std::vector(3, slowdown), suffers, 1).times[0];
  };
  EXPECT_NEAR(corrected({1.2, 1}), 10 / 1.2, 1e-12);
  EXPECT_NEAR(corrected({4, 3}), 6, 1e-12);
}

TEST(Undisturbed, ItsErrorCoversWhatItIsOffBy) {
  int covered = 0;
  constexpr int kTimes = 200;
  for (unsigned seed = 0; seed < kTimes; ++seed) {
    const Runs runs = runs_beside_a_neighbour(20, 0.5, 0.02, seed);
    const Sensitivity found = sensitivity(runs.times, runs.slowdowns, kUsualSensitivity);
    if (std::abs(found.core - (1 - 1 / 1.3) / 1.3) < 2 * found.error({2, 1})) ++covered;
  }
  EXPECT_GE(covered, 185);
}

TEST(Undisturbed, TellsCoreAndMemoryApart) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> uniform(0, 1);
  Runs runs;
  for (int i = 0; i < 200; ++i) {
    const Slowdown slowed{1 + uniform(random), 1 + uniform(random)};
    runs.slowdowns.push_back(slowed);
    runs.times.push_back(10 / (1 - 0.1 * (slowed.core - 1) - 0.25 * (slowed.memory - 1)));
  }
  const Sensitivity found = sensitivity(runs.times, runs.slowdowns, kUsualSensitivity);
  EXPECT_NEAR(found.core, 0.1, 0.01);
  EXPECT_NEAR(found.memory, 0.25, 0.01);
}

TEST(Undisturbed, WithoutANeighbourNothingChanges) {
  const std::vector<double> times = {10, 11, 10.5, 10.2};
  const std::vector<Slowdown> none(4);
  const Sensitivity found = sensitivity(times, none, kUsualSensitivity);
  EXPECT_EQ(undisturbed(times, none, found, kCalmSamples).times, times);
  EXPECT_NEAR(found.error({2, 1}), 0.15, 1e-9);
}

TEST(Undisturbed, ASlowerClockTakesEverythingWithIt) {
  std::vector<Slowdown> slowdowns;
  std::vector<double> times;
  for (int i = 0; i < 60; ++i) {
    slowdowns.push_back({i % 3 == 0 ? 1.25 : 1, 1});
    times.push_back(8 * slowdowns.back().core);
  }
  EXPECT_NEAR(sensitivity(times, slowdowns, kUsualSensitivity).undisturbed(10, {1.25, 1}), 8, 0.1);
}

TEST(Undisturbed, MiddleMeanLeavesTheEndsOut) {
  EXPECT_EQ(middle_mean(std::vector<double>{1, 2, 4, 1000}), 3);
  EXPECT_EQ(middle_mean(std::vector<double>{7}), 7);
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
