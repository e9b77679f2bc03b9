#include "calibrate/fitted.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "calibrate/boosted_trees.h"
#include "calibrate/fitted_profile.h"
#include "calibrate/toy_testing.h"
#include "predictors/device_model.h"

namespace foretime {
namespace {

using testing::toy_network;
using testing::ToyData;
using testing::ToyDevice;

bool xgboost_loads() {
  try {
    BoostedTrees(std::vector<float>{0, 1}, 1, {});
  } catch (const Error&) {
    return false;
  }
  return true;
}

#define NEEDS_XGBOOST \
  if (!xgboost_loads()) GTEST_SKIP() << "XGBoost's library cannot be loaded"

TEST(Fitted, PredictsWhatItNeverSawAndSaysHowSureItIs) {
  NEEDS_XGBOOST;
  const ToyData data(10);
  const AdditiveOptions options = options_for(data.all.size(), kCpuPhysics);
  const auto [fitted, held_out, parts, residuals, abroad] =
      fit_with_intervals(data.observations, data.all, options, options, {});
  const AccuracyFigures figures = score(held_out);
  EXPECT_EQ(figures.networks, 50);
  EXPECT_LT(*figures.mape_percent, 10);
  EXPECT_GE(*figures.interval90_coverage_percent, 80);
  EXPECT_GT(*figures.spearman, 0.98);
  ASSERT_FALSE(fitted.intervals.empty());
  for (std::size_t i = 1; i < fitted.intervals.size(); ++i) {
    EXPECT_GE(fitted.intervals[i].log_error, fitted.intervals[i - 1].log_error);
  }
}

TEST(Fitted, CountsWhatWasMeasuredBadlyLess) {
  NEEDS_XGBOOST;
  ToyData data(6);
  const ToyDevice slowed{0.15, 3 / 4e6};
  for (int width = 1; width <= 6; ++width) {
    for (int depth = 1; depth <= 5; ++depth) {
      MeasuredNetwork each = toy_network(8 * width, depth, slowed);
      MeasuredLatency& latency = each.latencies["cpu"];
      latency.deviation = {0.6 * latency.latency.value};
      data.observations.add(data.observations.cut(each, latency));
      data.all.push_back(static_cast<std::uint32_t>(data.all.size()));
    }
  }
  AdditiveOptions options = options_for(data.all.size(), kCpuPhysics);
  const auto ratio = [&] {
    const Fitted fitted = fit(data.observations, data.all, options);
    const Scored first = predict(data.observations, fitted, data.all[14]);
    return first.predicted / first.measured;
  };
  EXPECT_GT(ratio(), 1.3);
  options.noise = 0.05;
  EXPECT_NEAR(ratio(), 1, 0.1);
}

TEST(Fitted, PoolsStepsOfNoveltyThatContradict) {
  NEEDS_XGBOOST;
  const ToyData data(10);
  const AdditiveOptions options = options_for(data.all.size(), kCpuPhysics);
  Calibrated calibrated = fit_with_intervals(data.observations, data.all, options, options, {});
  ASSERT_EQ(calibrated.residuals.size(), 50U);
  // A few large errors in front are more than a tenth there, and less of both steps.
  for (std::size_t i = 0; i < 50; ++i) calibrated.residuals[i] = {i < 25 ? 0.01 : 0.05, i < 3 ? 0.5 : 0.1};
  const std::vector<std::size_t> all(data.all.begin(), data.all.end());
  const auto width = [&](std::size_t step) { return calibrated.fitted.intervals.at(step).log_error; };
  calibrated.abroad.clear();
  set_intervals(data.observations, all, calibrated);
  EXPECT_EQ(width(0), 0.1);
  EXPECT_EQ(width(1), 0.1);
  EXPECT_EQ(width(2), 0.2);  // assumed
  // Where families were left out, the wider interval stays.
  calibrated.abroad = {{0.9, 0.1}};
  set_intervals(data.observations, all, calibrated);
  EXPECT_EQ(width(0), 0.5);
  EXPECT_EQ(width(1), 0.5);
}

TEST(Fitted, StretchesIntervalsByHowLongARunTakes) {
  NEEDS_XGBOOST;
  const ToyData data(10);
  const AdditiveOptions options = options_for(data.all.size(), kCpuPhysics);
  Calibrated calibrated = fit_with_intervals(data.observations, data.all, options, options, {});
  EXPECT_EQ(calibrated.fitted.stretch, IntervalStretch());
  const std::vector<std::size_t> all(data.all.begin(), data.all.end());
  calibrated.abroad.clear();
  // A hundred times as long, half as far off.
  for (std::size_t i = 0; i < 50; ++i) {
    const bool is_long = i % 2 != 0;
    calibrated.residuals[i] = {0.01, is_long ? 0.1 : 0.2, is_long ? 100.0 : 1.0};
    calibrated.held_out[i].predicted = calibrated.residuals[i].milliseconds;
  }
  set_stretch(all, calibrated);
  EXPECT_NEAR(calibrated.fitted.stretch.exponent, std::log(2) / std::log(100), 1e-9);
  set_intervals(data.observations, all, calibrated);
  for (const Scored& scored : calibrated.held_out)
    EXPECT_NEAR(std::log(scored.high / scored.predicted), scored.predicted > 10 ? 0.1 : 0.2, 1e-9);
  // Nor wider for what takes longer.
  for (Residual& residual : calibrated.residuals) residual.milliseconds = 101 - residual.milliseconds;
  set_stretch(all, calibrated);
  EXPECT_EQ(calibrated.fitted.stretch, IntervalStretch());
  set_stretch(std::span(all).first(20), calibrated);
  EXPECT_EQ(calibrated.fitted.stretch, IntervalStretch());
}

void expect_profile_gives_the_same_numbers(ModelKind kind) {
  const ToyData data(6, {}, kind);
  const AdditiveOptions options = options_for(data.all.size(), kCpuPhysics);
  const auto [fitted, held_out, parts, residuals, abroad] =
      fit_with_intervals(data.observations, data.all, options, options, {});
  DeviceProfile like;
  like.id = like.device = "toy";
  like.precision = {"fp32", 32, 32};
  like.provenance = {"test", "MIT", "2026-01-01", "0", ""};
  const DeviceProfile profile = fitted_profile(data.observations, fitted, data.all, held_out, like);
  EXPECT_EQ(profile.predictor.kind, kModelKinds[static_cast<std::size_t>(kind)]);
  DeviceModel device(parse_profile(to_json(profile), "toy"));
  for (const std::uint32_t i : data.all) {
    const MeasuredNetwork each = toy_network(8 * (static_cast<int>(i) / 5 + 1), static_cast<int>(i) % 5 + 1);
    const KernelGraph kernels = device.detect(analysis::layers(each.graph));
    const Prediction prediction = device.predict(kernels);
    const Scored scored = predict(data.observations, fitted, i);
    EXPECT_NEAR(prediction.latency.value, scored.predicted, 1e-9 * scored.predicted) << each.id;
    EXPECT_NEAR(prediction.interval90.low.value, scored.low, 1e-9 * scored.low) << each.id;
    EXPECT_NEAR(prediction.interval90.high.value, scored.high, 1e-9 * scored.high) << each.id;
  }
}

TEST(Fitted, ProfileGivesTheSameNumbersAsTheFit) {
  NEEDS_XGBOOST;
  for (std::size_t kind = 0; kind < kModelKinds.size(); ++kind) {
    SCOPED_TRACE(kModelKinds[kind]);
    expect_profile_gives_the_same_numbers(static_cast<ModelKind>(kind));
  }
}

/// Of three networks nothing is known for sure, but nothing is said to be exact.
TEST(Fitted, FewNetworksHaveWideIntervals) {
  NEEDS_XGBOOST;
  const ToyData data(1);
  const Chosen few = {0, 2, 4};
  const AdditiveOptions options = options_for(few.size(), kCpuPhysics);
  for (const Scored& each : fit_with_intervals(data.observations, few, options, options, {}).held_out) {
    EXPECT_GT(each.predicted, 0);
    EXPECT_LE(each.low, each.measured);
    EXPECT_GE(each.high, each.measured);
  }
}

TEST(Fitted, OneNetworkIsNotEnough) {
  NEEDS_XGBOOST;
  const ToyData data(1);
  const AdditiveOptions options = options_for(1, kCpuPhysics);
  try {
    fit_with_intervals(data.observations, {1}, options, options, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(
        error.what(),
        "fit: 1 measured networks, no two of them different (at least two different networks on the device)");
  }
}

TEST(Fitted, NoveltyIsTheShareOfUnknownKernels) {
  const ToyData data(2);
  Fitted fitted;
  fitted.times.assign(data.observations.problem().physics.size(), 1);
  EXPECT_EQ(novelty(data.observations, fitted, 0), 1);
  for (const std::uint32_t cell : data.observations.cells()) fitted.known.insert(cell);
  EXPECT_EQ(novelty(data.observations, fitted, 0), 0);
}

}  // namespace
}  // namespace foretime
