#include "calibrate/known_devices.h"

#include <gmock/gmock.h>

#include <cmath>

#include "calibrate/adapt.h"
#include "calibrate/mixture.h"
#include "calibrate/toy_testing.h"

namespace foretime {
namespace {

using testing::ToyData;
using testing::ToyDevice;

AdditiveOptions physics_alone() {
  AdditiveOptions options;
  options.rounds = 0;
  return options;
}

/// A device with slow launches, and the same networks on one with slow arithmetic.
constexpr ToyDevice kOld = {.launch = 0.2, .mac = 1 / 4e6};
constexpr ToyDevice kNew = {.launch = 0.1, .mac = 1 / 1e6};

struct Pair {
  ToyData measured{6, kNew};
  Fitted old;

  Pair() {
    const ToyData data(6, kOld);
    old = fit(data.observations, data.all, physics_alone());
    old.times = kernel_times(old.model, measured.observations.problem());
    old.intervals = {{0.02, 0.01}, {1, 0.3}};
  }

  double worst(const Fitted& fitted) const {
    double largest = 0;
    for (const std::uint32_t network : measured.all) {
      const Scored scored = predict(measured.observations, fitted, network);
      largest = std::max(largest, std::abs(scored.predicted / scored.measured - 1));
    }
    return largest;
  }
};

TEST(Transfer, TwoNetworksTellAnotherDeviceApart) {
  const Pair pair;
  EXPECT_GT(pair.worst(pair.old), 0.4);
  // Few and shallow against wide and deep: launches against arithmetic.
  EXPECT_LT(pair.worst(transfer(pair.measured.observations, pair.old, {0, 29})), 0.1);
  EXPECT_EQ(pair.worst(transfer(pair.measured.observations, pair.old, {})), pair.worst(pair.old));
}

TEST(KnownDevices, TakesTheBestAndSaysHowSureItIs) {
  const Pair pair;
  const Chosen few = {0, 4, 12, 17, 29};
  const KnownDevice devices[] = {{"old", pair.measured.observations, pair.old}};
  const std::vector<Candidate> all = candidates(devices, few);
  ASSERT_FALSE(all.empty());
  const auto moved =
      std::find_if(all.begin(), all.end(), [](const Candidate& each) { return !each.from_scratch; });
  ASSERT_NE(moved, all.end());
  EXPECT_EQ(moved->what, "from old");
  ASSERT_EQ(moved->held_out.size(), few.size());
  for (std::size_t i = 0; i < few.size(); ++i) {
    const Scored& scored = moved->held_out[i];
    EXPECT_EQ(scored.measured, pair.measured.observations.problem().latencies[few[i]]);
    EXPECT_LE(scored.low, scored.measured);
    EXPECT_GE(scored.high, scored.measured);
  }
  EXPECT_GT(moved->fitted.intervals.front().log_error, 0.01);
}

/// A sibling's model counts with a third of its error on five networks; a device that lends only its design
/// is fitted.
TEST(KnownDevices, TrustsASiblingWhereNetworksAreFew) {
  const Pair pair;
  const Chosen few = {0, 4, 12, 17, 29};
  const KnownDevice devices[] = {{"old", pair.measured.observations, pair.old},
                                 {"bare", pair.measured.observations, {}, false}};
  const std::vector<Candidate> all = candidates(devices, few);
  ASSERT_EQ(all.size(), 2U);  // moved, and from scratch once: both devices have the same design
  const bool moved_first = !all[0].from_scratch;
  const Candidate& moved = all[moved_first ? 0 : 1];
  const Candidate& scratch = all[moved_first ? 1 : 0];
  EXPECT_EQ(moved.device, 0U);
  EXPECT_EQ(moved_first, moved.log_error / 3 <= scratch.log_error);

  const std::vector<Candidate> bare = candidates({devices + 1, 1}, few);
  ASSERT_EQ(bare.size(), 1U);
  EXPECT_EQ(bare[0].what, "from scratch as bare");
}

/// Devices that differ in launches and arithmetic span all that lie between: two networks place the new one.
TEST(KnownDevices, MixesDevicesOfOneDesign) {
  const ToyData measured(6, kNew);
  std::vector<KnownDevice> devices;
  for (const ToyDevice& known : {kOld, ToyDevice{0.02, 1 / 1e6}, ToyDevice{0.05, 1 / 2e6}}) {
    const ToyData data(6, known);
    KnownDevice& device =
        devices.emplace_back(KnownDevice{"d" + std::to_string(devices.size()), measured.observations, {}});
    device.fitted = fit(data.observations, data.all, physics_alone());
    device.fitted.times = kernel_times(device.fitted.model, measured.observations.problem());
    device.fitted.intervals = {{0.02, 0.01}, {1, 0.3}};
  }
  const std::vector<const Fitted*> known = {&devices[0].fitted, &devices[1].fitted, &devices[2].fitted};
  const auto worst = [&](const Fitted& fitted) {
    double largest = 0;
    for (const std::uint32_t network : measured.all) {
      const Scored scored = predict(measured.observations, fitted, network);
      largest = std::max(largest, std::abs(scored.predicted / scored.measured - 1));
    }
    return largest;
  };
  EXPECT_LT(worst(mix(measured.observations, known, {0, 29})), 0.1);
  // One network says how fast the mean device is; none, not even that.
  const Fitted one = mix(measured.observations, known, {12});
  const Scored scored = predict(measured.observations, one, 12);
  EXPECT_NEAR(scored.predicted / scored.measured, 1, 0.01);
  EXPECT_NEAR(
      mix(measured.observations, known, {}).model.coefficients[0],
      (known[0]->model.coefficients[0] + known[1]->model.coefficients[0] + known[2]->model.coefficients[0]) /
          3,
      1e-12);

  const std::vector<Candidate> all = candidates(devices, {0, 4, 12, 17, 29});
  ASSERT_EQ(all.size(), 5U);  // three moved, the mixture, and from scratch
  const auto mixture = std::find_if(
      all.begin(), all.end(), [](const Candidate& each) { return each.what == "mixture of d0, d1, d2"; });
  ASSERT_NE(mixture, all.end());
  EXPECT_LT(mixture->log_error, 0.1);
  EXPECT_EQ(mixture->held_out.size(), 5U);
  EXPECT_EQ(mixture->rivals, 1U);
  EXPECT_EQ(all[mixture == all.begin() ? 1 : 0].rivals,
            all[mixture == all.begin() ? 1 : 0].from_scratch ? 1U : 3U);
}

TEST(KnownDevices, TheBestOfManyIsLucky) {
  EXPECT_EQ(luck(1, 5), 1);
  EXPECT_NEAR(luck(2, 10), 1.391, 0.001);
  EXPECT_NEAR(luck(46, 100), 1.264, 0.001);
  EXPECT_EQ(luck(46, 2), 20);
}

TEST(KnownDevices, FewErrorsSayLess) {
  EXPECT_NEAR(log_error_of({0.1}), 0.6314, 1e-12);
  EXPECT_NEAR(log_error_of({0.1, 0.1, 0.1, 0.1}), 0.2132, 1e-12);
  EXPECT_NEAR(log_error_of({0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.5}), 0.5, 1e-12);
  std::vector<double> nine(9, 0.1);
  EXPECT_NEAR(log_error_of(nine), 0.1, 1e-12);
}

}  // namespace
}  // namespace foretime
