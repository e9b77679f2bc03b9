// A profile made by hand, whose prices can be computed on paper.

#include <gmock/gmock.h>

#include <cmath>

#include "base/error.h"
#include "graph/graph_text.h"
#include "kernels/physics.h"
#include "predictors/additive_parameters.h"
#include "predictors/device_model.h"

namespace foretime {
namespace {

constexpr double kOverhead = 0.25;
constexpr double kLaunch = 0.01;
constexpr double kPerMac = 1e-8;
constexpr double kFloor = 0.002;
constexpr double kCorrection = 0.5;  // of kernels with at least a million multiply-accumulates

void set(AdditiveParameters& parameters, std::string_view column, double price) {
  const std::vector<std::string> names = column_names(kCpuPhysics);
  const auto at = std::find(names.begin(), names.end(), column);
  ASSERT_NE(at, names.end()) << column;
  parameters.coefficients[static_cast<std::size_t>(at - names.begin())] = price;
}

AdditiveParameters parameters(std::unordered_set<std::uint32_t> known) {
  AdditiveParameters made;
  made.physics = "cpu";
  made.coefficients.assign(column_names(kCpuPhysics).size(), 0);
  set(made, "conv:launch", kLaunch);
  set(made, "conv:macs", kPerMac);
  made.features = {"macs"};
  made.corrections =
      TreeEnsemble(1, {{{{0, 1e6F, 1, 2}, {}, {-1, 0, 0, 0, static_cast<float>(kCorrection)}}}}, "test");
  made.overhead_ms = kOverhead;
  made.floor_ms = kFloor;
  made.intervals = {{0.1, 0.1}, {0.6, 0.3}, {0.9, 0.5}};
  made.known = std::move(known);
  return made;
}

DeviceProfile profile(const AdditiveParameters& made) {
  DeviceProfile result;
  result.id = result.device = "toy";
  result.precision = {"fp32", 32, 32};
  result.fusion_rules = "fuse conv + Relu\nremove Identity\n";
  result.predictor.kind = kAdditiveKind;
  result.predictor.roofline = {.peak_ops_per_s = 1e9,
                               .peak_bytes_per_s = 1e9,
                               .kernel_overhead_ms = 0.125,
                               .network_overhead_ms = 7,
                               .interval_low = 0.5,
                               .interval_high = 4,
                               .classes = {}};
  store(made, result.predictor);
  return result;
}

/// A network, its kernels on the toy device, and their prediction.
struct Predicted {
  Graph graph;
  KernelGraph kernels;
  Prediction prediction;

  Predicted(const std::string& text, const AdditiveParameters& made) : graph(parse_text(text, "test")) {
    DeviceModel device(profile(made));
    kernels = device.detect(analysis::layers(graph));
    prediction = device.predict(kernels);
  }
};

std::string conv(int batch) {
  const std::string n = std::to_string(batch);
  return "graph { opset \"\" 17 input x: float32[" + n +
         ",8,16,16] const w: float32[16,8,3,3] = omitted const v: float32[32,16,3,3] = omitted "
         "a: float32[" +
         n +
         ",16,16,16] = Conv(x, w) {kernel_shape = [3, 3], pads = [1, 1, 1, 1]} "
         "b: float32[" +
         n +
         ",16,16,16] = Relu(a) "
         "c: float32[" +
         n + ",32,16,16] = Conv(b, v) {kernel_shape = [3, 3], pads = [1, 1, 1, 1]} output c }";
}

// 256 positions × 16 channels × 8·9, and × 32 × 16·9 of the second.
const double kFirst = kLaunch + kPerMac * 294'912;
const double kSecond = (kLaunch + kPerMac * 1'179'648) * std::exp(kCorrection);

std::unordered_set<std::uint32_t> cells(const KernelGraph& kernels) {
  std::unordered_set<std::uint32_t> all;
  for (const Kernel& kernel : kernels.kernels) all.insert(cell_of(kernel.config));
  return all;
}

TEST(AdditivePricing, PricesByPhysicsTimesCorrection) {
  const Predicted unknown(conv(1), parameters({}));
  const Predicted at(conv(1), parameters(cells(unknown.kernels)));
  const Prediction& p = at.prediction;
  ASSERT_EQ(p.kernels.size(), 2U);
  EXPECT_DOUBLE_EQ(p.kernels[0].latency.value, kFirst);
  EXPECT_DOUBLE_EQ(p.kernels[1].latency.value, kSecond);
  EXPECT_EQ(p.kernels[0].source, Source::learned);
  EXPECT_EQ(p.overhead.value, kOverhead);
  EXPECT_DOUBLE_EQ(p.latency.value, kOverhead + kFirst + kSecond);
  EXPECT_EQ(p.coverage.kernels_percent, 100);
  EXPECT_EQ(p.coverage.time_percent, 100);
  EXPECT_DOUBLE_EQ(p.interval90.low.value, p.latency.value * std::exp(-0.1));
  EXPECT_DOUBLE_EQ(p.interval90.high.value, p.latency.value * std::exp(0.1));
}

TEST(AdditivePricing, LongerRunsHaveNarrowerIntervals) {
  const Predicted unknown(conv(1), parameters({}));
  AdditiveParameters made = parameters(cells(unknown.kernels));
  const auto error = [&](double milliseconds) {
    made.stretch = {milliseconds, 0.5};
    const Prediction& p = Predicted(conv(1), made).prediction;
    return std::log(p.interval90.high.value / p.latency.value);
  };
  const double run = kOverhead + kFirst + kSecond;
  EXPECT_NEAR(error(run), 0.1, 1e-12);
  EXPECT_NEAR(error(run / 4), 0.05, 1e-12);
  EXPECT_NEAR(error(run * 4), 0.2, 1e-12);
  EXPECT_NEAR(error(run * 1000), 0.25, 1e-12);
}

TEST(AdditivePricing, NewKernelsWidenTheInterval) {
  const Predicted strange(conv(1), parameters({}));
  EXPECT_EQ(strange.prediction.kernels[0].source, Source::fallback) << "no kernel of its sort was fitted on";
  KernelConfig larger = strange.kernels.kernels[0].config;
  larger.in_channels = larger.channels = 512;
  const Predicted unknown(conv(1), parameters({cell_of(larger)}));
  EXPECT_EQ(unknown.prediction.kernels[0].source, Source::analytic) << "of its sort, of another size";
  EXPECT_EQ(unknown.prediction.coverage.time_percent, 0);
  EXPECT_DOUBLE_EQ(unknown.prediction.interval90.high.value, unknown.prediction.latency.value * std::exp(0.5))
      << "beyond the last step";
  const Predicted half(conv(1), parameters({cell_of(unknown.kernels.kernels[1].config)}));
  EXPECT_EQ(half.prediction.coverage.kernels_percent, 50);
  EXPECT_NEAR(half.prediction.coverage.time_percent, 100 * kSecond / (kFirst + kSecond), 1e-9);
  const double error = kFirst / (kFirst + kSecond) > 0.6 ? 0.5 : 0.3;
  EXPECT_DOUBLE_EQ(half.prediction.interval90.low.value, half.prediction.latency.value * std::exp(-error));
}

TEST(AdditivePricing, AnotherBatchIsScaledAndNotCovered) {
  const Predicted one(conv(1), parameters({}));
  const Predicted eight(conv(8), parameters(cells(one.kernels)));
  EXPECT_DOUBLE_EQ(eight.prediction.kernels[0].latency.value,
                   (kLaunch + kPerMac * 294'912 * 8) * std::exp(kCorrection));
  EXPECT_EQ(eight.prediction.coverage.time_percent, 0);
  EXPECT_EQ(eight.prediction.kernels[0].source, Source::analytic);
}

/// Softmax is in no group of the CPU's physics: its time is the roofline's, with the roofline's interval.
TEST(AdditivePricing, FallsBackToTheRoofline) {
  const Predicted at("graph { input x: float32[1,1000] y: float32[1,1000] = Softmax(x) output y }",
                     parameters({}));
  ASSERT_EQ(at.prediction.kernels.size(), 1U);
  const KernelPrediction& kernel = at.prediction.kernels[0];
  EXPECT_EQ(kernel.source, Source::fallback);
  EXPECT_GE(kernel.latency.value, 0.125 + 2 * 4000 / 1e6);
  const double rest = kOverhead;
  EXPECT_DOUBLE_EQ(at.prediction.interval90.low.value, rest * std::exp(-0.5) + kernel.latency.value * 0.5);
  EXPECT_DOUBLE_EQ(at.prediction.interval90.high.value, rest * std::exp(0.5) + kernel.latency.value * 4);
  EXPECT_EQ(at.prediction.coverage.kernels_percent, 0);
}

TEST(AdditivePricing, CheapKernelsHaveTheFloor) {
  const Predicted at("graph { input x: float32[1,8,4,4] y: float32[1,8,4,4] = Relu(x) output y }",
                     parameters({}));
  EXPECT_DOUBLE_EQ(at.prediction.kernels[0].latency.value, kFloor);
  EXPECT_EQ(at.prediction.kernels[0].source, Source::fallback);
}

TEST(AdditivePricing, WhatIsRemovedCostsNothing) {
  const Predicted at("graph { input x: float32[1,8,4,4] y: float32[1,8,4,4] = Identity(x) output y }",
                     parameters({}));
  EXPECT_EQ(at.prediction.kernels[0].source, Source::rule);
  EXPECT_EQ(at.prediction.latency.value, kOverhead);
}

/// A kernel of unknown sizes costs as much as the median of the others.
TEST(AdditivePricing, NothingUnknownIsFree) {
  const Predicted at(
      "graph { opset \"\" 17 input x: float32[1,8,4,4] y: float32[1,8,4,4] = Relu(x) z: float32[1,8,4,4] = "
      "Sigmoid(y) u = Frobnicate(z) output u }",
      parameters({}));
  ASSERT_EQ(at.prediction.kernels.size(), 3U);
  EXPECT_EQ(at.prediction.kernels[2].source, Source::fallback);
  EXPECT_GT(at.prediction.kernels[2].latency.value, 0);
  ASSERT_EQ(at.prediction.diagnostics.size(), 1U);
  EXPECT_EQ(at.prediction.diagnostics[0].message,
            "1 kernels have unknown sizes; each is priced as the median of the others");
}

TEST(AdditivePricing, NoKnownKernelAtAllIsStillATime) {
  const Predicted at("graph { opset \"\" 17 input x: float32[1,8] u = Frobnicate(x) output u }",
                     parameters({}));
  ASSERT_EQ(at.prediction.kernels.size(), 1U);
  EXPECT_EQ(at.prediction.kernels[0].source, Source::fallback);
  EXPECT_DOUBLE_EQ(at.prediction.latency.value, kOverhead + 0.125);
  EXPECT_EQ(at.prediction.coverage.kernels_percent, 0);
}

TEST(AdditivePricing, BrokenParametersNameTheProfile) {
  DeviceProfile broken = profile(parameters({}));
  broken.predictor.parameters = "{}";
  try {
    DeviceModel model(broken);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "toy: /predictor: /parameters/physics: is missing");
  }
  broken.predictor.kind = "forest";
  try {
    DeviceModel model(broken);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "toy: has a predictor of kind 'forest' (roofline, refined, statistical, mixed, additive)");
  }
}

}  // namespace
}  // namespace foretime
