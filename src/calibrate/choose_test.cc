#include "calibrate/choose.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "calibrate/toy_testing.h"

namespace foretime {
namespace {

using testing::ToyData;

std::vector<Choice> chosen_of(const ToyData& data, const Chosen& known, std::size_t count) {
  const PoolView view{data.observations, neutral_model(data.observations, data.all)};
  return choose({&view, 1}, data.all, known, count);
}

/// Five networks of each width stand one after the other.
std::uint32_t width_of(std::uint32_t network) {
  return network / 5;
}

TEST(Choose, TakesOneOfEachWidthBeforeASecond) {
  const ToyData data(4);
  const std::vector<Choice> choices = chosen_of(data, {}, 4);
  ASSERT_EQ(choices.size(), 4U);
  std::set<std::uint32_t> widths;
  double left = 1;
  double covered = 0;
  for (const Choice& choice : choices) {
    EXPECT_TRUE(widths.insert(width_of(choice.network)).second) << choice.network;
    EXPECT_EQ(choice.new_share, 1);
    EXPECT_LT(choice.uncertainty, left);
    EXPECT_GT(choice.covered, covered);
    left = choice.uncertainty;
    covered = choice.covered;
  }
  EXPECT_DOUBLE_EQ(covered, 1);
  // A network's kernels are all alike here: the shallow one says as much as the deep one, and runs for less.
  for (const Choice& choice : choices) EXPECT_EQ(choice.network % 5, 0U);
}

TEST(Choose, TheFirstOfManyAreAChoiceOfFew) {
  const ToyData data(6);
  const std::vector<Choice> many = chosen_of(data, {}, 12);
  const std::vector<Choice> few = chosen_of(data, {}, 5);
  for (std::size_t i = 0; i < few.size(); ++i) EXPECT_EQ(few[i].network, many[i].network);
  std::set<std::uint32_t> networks;
  for (const Choice& choice : many) networks.insert(choice.network);
  EXPECT_EQ(networks.size(), many.size());
}

TEST(Choose, LeavesAloneWhatIsKnown) {
  const ToyData data(4);
  const Chosen known = {0, 6, 10};
  for (const Choice& choice : chosen_of(data, known, 1)) EXPECT_EQ(width_of(choice.network), 3U);
  const std::vector<Choice> rest = chosen_of(data, known, 100);
  EXPECT_EQ(rest.size(), data.all.size() - known.size());
  for (const Choice& choice : rest)
    EXPECT_FALSE(std::binary_search(known.begin(), known.end(), choice.network));
}

/// Measured latencies would give away what is to be found out.
TEST(Choose, DoesNotLookAtLatencies) {
  const ToyData one(5, {.launch = 0.05, .mac = 1 / 4e6});
  const ToyData other(5, {.launch = 5, .mac = 1 / 1e9});
  const std::vector<Choice> first = chosen_of(one, {}, 8);
  const std::vector<Choice> second = chosen_of(other, {}, 8);
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_EQ(first[i].network, second[i].network);
}

TEST(Choose, SeveralDevicesSeeMoreThanOne) {
  const ToyData data(6);
  AdditiveOptions physics_alone;
  physics_alone.rounds = 0;
  const PoolView views[] = {{data.observations, fit(data.observations, data.all, physics_alone).model},
                            {data.observations, neutral_model(data.observations, data.all)}};
  const std::vector<Choice> choices = choose(views, data.all, {}, 6);
  ASSERT_EQ(choices.size(), 6U);
  EXPECT_DOUBLE_EQ(choices.back().covered, 1);
  // Times are the first device's.
  const double measured = data.observations.problem().latencies[choices[0].network];
  EXPECT_NEAR(choices[0].time, measured, measured / 10);
}

TEST(Choose, AnEmptyPoolHasNothingToChoose) {
  const ToyData data(1);
  const PoolView view{data.observations, neutral_model(data.observations, {})};
  EXPECT_TRUE(choose({&view, 1}, {}, {}, 3).empty());
}

}  // namespace
}  // namespace foretime
