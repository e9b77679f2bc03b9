#include "measure/comparison.h"

#include <gtest/gtest.h>

#include <map>

#include "base/error.h"
#include "measure/simulated.h"

namespace foretime {
namespace {

using testing::SimulatedSubject;
using testing::SimulatedTime;
using testing::Simulation;

std::map<std::string, int> verdicts(const Simulation& a, const Simulation& b, unsigned times) {
  std::map<std::string, int> counts;
  for (unsigned seed = 0; seed < times; ++seed) {
    SimulatedTime time;
    SimulatedSubject subject_a(a, time, 2 * seed);
    SimulatedSubject subject_b(b, time, 2 * seed + 1);
    CompareOptions options;
    options.seed = seed;
    const ComparisonResult comparison = compare(subject_a, subject_b, options, time.now());
    ++counts[std::string(name_of(comparison.verdict))];
  }
  return counts;
}

TEST(Compare, TheSameIsNeverFasterOrSlower) {
  for (const double spread : {0.002, 0.01, 0.03}) {
    Simulation simulation;
    simulation.launch_spread = spread;
    auto counts = verdicts(simulation, simulation, 300);
    EXPECT_LE(counts["FASTER"] + counts["SLOWER"], 1) << spread;
    if (spread < 0.005) {
      EXPECT_GE(counts["SAME"], 290);
    }
  }
}

TEST(Compare, FivePercentAreFound) {
  Simulation slower;
  slower.ms = 10.5;
  slower.launch_spread = 0.01;
  Simulation base = slower;
  base.ms = 10;
  EXPECT_GE(verdicts(base, slower, 100)["SLOWER"], 97);
  EXPECT_GE(verdicts(slower, base, 100)["FASTER"], 97);
}

TEST(Compare, DisturbedSamplesDoNotCount) {
  Simulation disturbed;
  disturbed.disturbed = 0.4;
  const auto counts = verdicts({}, disturbed, 50);
  EXPECT_FALSE(counts.contains("SLOWER"));
  Simulation hopeless;
  hopeless.disturbed = 1;
  EXPECT_THROW(verdicts({}, hopeless, 1), Error);
}

/// Slower on its first place, by a fifth.
class PlacedSubject final : public Subject {
 public:
  PlacedSubject(double ms, unsigned seed) : subject_({.ms = ms, .launch_spread = 0.002}, time_, seed) {}
  void launch() override { subject_.launch(); }
  void open() override { subject_.open(); }
  WarmUp warm_up(Milliseconds most) override { return subject_.warm_up(most); }
  void move_to(const std::vector<int>& processors) override { place_ = processors.front(); }
  SampleBlock block(const BlockPlan& plan) override {
    SampleBlock block = subject_.block(plan);
    for (double& ms : block.ms) ms *= place_ == 0 ? 1.2 : 1;
    return block;
  }
  Now now() { return time_.now(); }

 private:
  SimulatedTime time_;
  SimulatedSubject subject_;
  int place_ = -1;
};

TEST(Compare, ADuetHasBothOnBothPlaces) {
  for (const double ms : {10.0, 10.5}) {
    PlacedSubject a(10, 1);
    PlacedSubject b(ms, 2);
    CompareOptions options;
    options.duet = {std::vector<int>{0}, std::vector<int>{1}};
    const ComparisonResult comparison = compare(a, b, options, a.now());
    EXPECT_NEAR(comparison.ratio, ms / 10, 0.005);
    EXPECT_EQ(comparison.verdict, ms > 10 ? Difference::slower : Difference::same);
  }
}

TEST(Compare, RatioIsBOverA) {
  const std::vector<PairRecord> pairs(6, PairRecord{{std::log(1.1), std::log(1.1)}, 0});
  const ComparisonResult comparison = decide(pairs, 1);
  EXPECT_NEAR(comparison.ratio, 1.1, 1e-9);
  EXPECT_EQ(comparison.verdict, Difference::slower);
  EXPECT_LT(comparison.ci95.low, 1.1);
  EXPECT_GT(comparison.ci95.high, 1.1);
  EXPECT_EQ(comparison.rounds, 12);
  EXPECT_EQ(decide({pairs[0]}, 1).verdict, Difference::undecided);
  EXPECT_EQ(decide(pairs, 20).verdict, Difference::same);
}

}  // namespace
}  // namespace foretime
