#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "analysis/layers.h"
#include "base/error.h"
#include "graph/graph_text.h"
#include "kernels/detector.h"
#include "predictors/pricing.h"
#include "predictors/stack_parameters.h"

namespace foretime {
namespace {

using ::testing::HasSubstr;

/// A tree whose leaf is `below` where input 0 is below 100, else `above`.
Forest stump(float below, float above, std::size_t inputs) {
  Tree tree;
  tree.nodes = {{0, 100, 1, 2, 0}, {-1, 0, 0, 0, below}, {-1, 0, 0, 0, above}};
  Forest forest;
  forest.trees = TreeEnsemble(inputs, {tree}, "stump");
  return forest;
}

/// 1 GFLOP/s, 1 GB/s; convolutions compute 16 filters at a time.
DeviceProfile profile_of(const StackParameters& parameters, std::string_view kind) {
  DeviceProfile profile;
  profile.id = "toy";
  profile.device = "toy";
  profile.precision = {"fp32", 32, 32};
  profile.provenance = {"test", "none", "2026-01-01", "0", ""};
  profile.predictor.roofline.peak_ops_per_s = 1e9;
  profile.predictor.roofline.peak_bytes_per_s = 1e9;
  store(parameters, kind, profile.predictor);
  return parse_profile(to_json(profile), "toy");
}

StackParameters parallel_filters() {
  StackParameters parameters;
  parameters.refinement.classes["conv"][static_cast<std::size_t>(KernelDimension::filters)] = {16, 1};
  return parameters;
}

/// A 1×1 convolution of 8 channels to so many on an image of 10×10: 1,600 operations for each filter.
KernelGraph convolution(int filters) {
  const std::string out = std::to_string(filters);
  const Graph graph = parse_text("graph { opset \"\" 17 input x: float32[1,8,10,10] const w: float32[" + out +
                                     ",8,1,1] = omitted y: float32[1," + out +
                                     ",10,10] = Conv(x, w) {kernel_shape = [1, 1]} output y }",
                                 "test");
  return unfused(analysis::layers(graph));
}

double milliseconds(const DeviceProfile& profile, const KernelGraph& kernels) {
  return stack_pricing(profile)->predict(kernels).latency.value;
}

Estimator estimator(Gives gives, float below, float above) {
  Estimator each;
  each.kinds = {Kind::conv};
  each.inputs = {{"channels"}, {"num_ops"}};
  each.gives = gives;
  each.table = "conv";
  each.forest = stump(below, above, 2);
  return each;
}

TEST(Stack, EachKindAddsToTheOneBefore) {
  StackParameters parameters = parallel_filters();
  // 24 filters fill three quarters of two steps of 16.
  EXPECT_NEAR(milliseconds(profile_of({}, kRooflineKind), convolution(24)), 0.0384, 1e-12);
  EXPECT_NEAR(milliseconds(profile_of(parameters, kRefinedKind), convolution(24)), 0.0384 / 0.75, 1e-12);
  parameters.estimators = {estimator(Gives::ops_per_s, 2e9F, 4e9F)};
  EXPECT_NEAR(milliseconds(profile_of(parameters, kStatisticalKind), convolution(24)), 0.0384 / 2, 1e-12);
  EXPECT_NEAR(milliseconds(profile_of(parameters, kMixedKind), convolution(24)), 0.0384 / 2 / 0.75, 1e-12);
  EXPECT_NEAR(milliseconds(profile_of(parameters, kStatisticalKind), convolution(112)), 0.1792 / 4, 1e-12);
}

TEST(Stack, ResultsMeanWhatTheProfileSays) {
  const std::pair<Gives, double> table[] = {
      {Gives::ops_per_s, 38400 / 3.0 * 1e3},
      {Gives::ns_per_op, 38400 * 3.0 / 1e6},
      {Gives::milliseconds, 3},
      {Gives::log_factor, 0.0384 * std::exp(3.0)},
  };
  for (const auto& [gives, expected] : table) {
    StackParameters parameters;
    parameters.estimators = {estimator(gives, 3, 0)};
    const DeviceProfile profile = profile_of(parameters, kStatisticalKind);
    EXPECT_NEAR(milliseconds(profile, convolution(24)) / expected, 1, 1e-6) << static_cast<int>(gives);
    // A rate of 0 says nothing: the roofline counts.
    if (gives == Gives::log_factor) continue;
    EXPECT_NEAR(milliseconds(profile, convolution(112)), 0.1792, 1e-12);
  }
}

TEST(Stack, FirstEstimatorThatFitsPrices) {
  StackParameters parameters;
  parameters.estimators = {estimator(Gives::milliseconds, 1, 1), estimator(Gives::milliseconds, 2, 2),
                           estimator(Gives::milliseconds, 3, 3)};
  parameters.estimators[0].fused_pool = true;
  parameters.estimators[1].table = "second";
  parameters.estimators[2].kinds.clear();
  parameters.estimators[2].table = "third";
  const DeviceProfile profile = profile_of(parameters, kStatisticalKind);
  KernelGraph kernels = convolution(24);
  EXPECT_EQ(milliseconds(profile, kernels), 2);
  kernels.kernels[0].config.fused_pool = true;
  EXPECT_EQ(milliseconds(profile, kernels), 1);
  kernels.kernels[0].config.kind = Kind::elementwise;
  EXPECT_EQ(milliseconds(profile, kernels), 3);
}

TEST(Stack, NoveltyWidensTheInterval) {
  StackParameters parameters;
  parameters.estimators = {estimator(Gives::log_factor, 0, 0)};
  parameters.intervals = {{0.1, std::log(2)}, {1, std::log(4)}};
  parameters.known = {cell_of(convolution(24).kernels[0].config)};
  const DeviceProfile profile = profile_of(parameters, kMixedKind);
  const KernelGraph seen = convolution(24);
  const KernelGraph strange = convolution(2400);
  const Prediction known = stack_pricing(profile)->predict(seen);
  EXPECT_EQ(known.kernels[0].source, Source::learned);
  EXPECT_EQ(known.coverage.time_percent, 100);
  EXPECT_NEAR(known.interval90.high.value, 2 * known.latency.value, 1e-12);
  const Prediction unknown = stack_pricing(profile)->predict(strange);
  EXPECT_EQ(unknown.kernels[0].source, Source::analytic);
  EXPECT_NEAR(unknown.interval90.high.value, 4 * unknown.latency.value, 1e-9);
}

TEST(Estimator, CountsAsAnnetteDoes) {
  KernelGraph kernels = convolution(24);
  KernelConfig& config = kernels.kernels[0].config;
  config.kernel_height = config.kernel_width = 3;
  config.batch = 2;
  const auto count = [&](const char* name) { return (*kernel_count(name))(kernels, kernels.kernels[0]); };
  EXPECT_EQ(count("num_weights"), 8 * 24 * 9);
  EXPECT_EQ(count("num_ops"), 2.0 * 8 * 24 * 9 * 100);
  EXPECT_EQ(count("num_inputs"), 800);
  EXPECT_EQ(count("num_outputs"), 2400);
  config.kind = Kind::max_pool;
  EXPECT_EQ(count("num_ops"), 2.0 * 100 * 24 * 9);
  EXPECT_FALSE(kernel_count("num_bytes"));
}

TEST(Estimator, CountsWhatAFusedPoolingWrites) {
  const Graph graph =
      parse_text(R"(graph { opset "" 17 input x: float32[1,8,10,10] const w: float32[24,8,1,1] = omitted
      y: float32[1,24,10,10] = Conv(x, w) {kernel_shape = [1, 1]}
      z: float32[1,24,5,5] = MaxPool(y) {kernel_shape = [2, 2], strides = [2, 2]} output z })",
                 "test");
  const KernelGraph kernels =
      Detector(parse_rules("fuse conv + MaxPool", "rules")).detect(analysis::layers(graph));
  ASSERT_EQ(kernels.kernels.size(), 1);
  EXPECT_EQ((*kernel_count("num_outputs"))(kernels, kernels.kernels[0]), 600);
}

TEST(Estimator, ReadsPartsOfSizes) {
  Estimator each;
  each.inputs = {{"channels", EstimatorInput::Part::quotient, 16, 0, 0},
                 {"channels", EstimatorInput::Part::remainder, 16, 0, 0},
                 {"kernel", EstimatorInput::Part::whole, 1, 1, 0},
                 {"", EstimatorInput::Part::whole, 1, 0, 7}};
  std::vector<float> row;
  const KernelGraph kernels = convolution(24);
  EstimatorReader(each, "test").append(kernels, kernels.kernels[0], row);
  EXPECT_THAT(row, ::testing::ElementsAre(1, 8, 0, 7));
}

TEST(Stack, SaysWhatIsBroken) {
  StackParameters parameters = parallel_filters();
  parameters.estimators = {estimator(Gives::ops_per_s, 1, 2)};
  DeviceProfile good = profile_of(parameters, kMixedKind);
  const std::array<const char*, 3> table[] = {
      {R"("gives":"ops_per_s")", R"("gives":"watts")",
       "toy: /predictor: /parameters/estimators/0/gives: is 'watts' (ops_per_s, ns_per_op, milliseconds, "
       "log_factor)"},
      {R"("kinds":["conv"])", R"("kinds":["convv"])", "there is no kind of kernels 'convv'"},
      {R"("num_ops"])", R"("num_opss"])", "there is no feature 'num_opss'"},
      {R"("channels","num_ops"])", R"("channels"])",
       "/parameters/estimators/0/inputs: are 1 (2, as the trees ask for)"},
      {R"("trees":"conv")", R"("trees":"pool")", "/tables/pool: is missing"},
      {R"("parallelism")", R"("parallel")", "/parameters/parallelism: is missing"},
      {R"("channels","num_ops"])", R"({"name":"channels","div":2,"mod":2},1])",
       "has 'div' and 'mod' (one of them)"},
  };
  for (const auto& [from, to, message] : table) {
    DeviceProfile bad = good;
    const std::size_t at = bad.predictor.parameters.find(from);
    ASSERT_NE(at, std::string::npos) << from << bad.predictor.parameters;
    bad.predictor.parameters.replace(at, std::string(from).size(), to);
    try {
      stack_pricing(bad);
      ADD_FAILURE() << to;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(message));
    }
  }
}

}  // namespace
}  // namespace foretime
