#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "graph/graph_text.h"
#include "kernels/common_rules.h"
#include "kernels/detector.h"
#include "kernels/physics.h"
#include "kernels/runtime/embedded.h"

namespace foretime {
namespace {

using ::testing::Contains;
using ::testing::Key;
using ::testing::Not;

using Columns = std::map<std::string, double>;

Columns columns_of(const KernelConfig& config) {
  const std::vector<std::string> names = column_names(kWideSimdPhysics);
  std::vector<Amount> amounts;
  append_amounts(kWideSimdPhysics, config, amounts);
  Columns columns;
  for (const Amount& amount : amounts) columns[names[amount.column]] += amount.value;
  return columns;
}

/// Columns of a runtime's kernels, in order. `body` starts from a, 32 channels of 8×8 that a convolution
/// made, and has zero and six.
std::vector<Columns> columns_of(const std::string& body, std::string_view runtime = "onnxruntime") {
  const Graph graph = parse_text(R"(graph {
  opset "" 17
  input x: float32[1,16,8,8]
  const w: float32[32,16,3,3]
  const zero: float32[]
  const six: float32[]
  a: float32[1,32,8,8] = Conv(x, w) {kernel_shape = [3, 3], pads = [1, 1, 1, 1]}
)" + body + "  output y\n}",
                                 "test");
  std::string_view rules;
  for (const runtime::EmbeddedRules& each : runtime::embedded_rules()) {
    if (each.name == runtime) rules = each.text;
  }
  EXPECT_FALSE(rules.empty());
  const Detector detector(with_common_rules(rules, "rules"));
  KernelGraph kernels = detector.detect(analysis::layers(graph));
  kWideSimdPhysics.arrange(kernels, 1);
  std::vector<Columns> result;
  for (const Kernel& kernel : kernels.kernels) result.push_back(columns_of(kernel.config));
  return result;
}

TEST(SimdPhysics, ReluCostsNothingBehindAConvolution) {
  const std::vector<Columns> at = columns_of("  y: float32[1,32,8,8] = Relu(a)\n");
  ASSERT_EQ(at.size(), 1U);
  EXPECT_THAT(at[0], Not(Contains(Key("conv:cuts"))));
  EXPECT_THAT(at[0], Not(Contains(Key("conv:curve"))));
}

TEST(SimdPhysics, OtherActivationsPassOverTheResult) {
  const auto priced = [](const std::string& body) { return columns_of(body).front(); };
  EXPECT_EQ(priced("  y: float32[1,32,8,8] = Clip(a, zero, six)\n").at("conv:cuts"), 2048);
  EXPECT_EQ(priced("  y: float32[1,32,8,8] = Sigmoid(a)\n").at("conv:curve"), 2048);
  EXPECT_EQ(priced("  y: float32[1,32,8,8] = HardSwish(a)\n").at("conv:swish"), 2048);
}

TEST(SimdPhysics, OnnxRuntimeJoinsAHardSwishThatOneProductMakes) {
  const std::vector<Columns> at =
      columns_of("  h: float32[1,32,8,8] = HardSigmoid(a)\n  y: float32[1,32,8,8] = Mul(a, h)\n");
  ASSERT_EQ(at.size(), 1U);
  EXPECT_EQ(at[0].at("conv:swish"), 2048);
}

TEST(SimdPhysics, OnnxRuntimeRunsASpelledOutHardSwishInSteps) {
  const std::vector<Columns> at = columns_of(
      "  p: float32[1,32,8,8] = Add(a, six)\n  q: float32[1,32,8,8] = Clip(p, zero, six)\n"
      "  r: float32[1,32,8,8] = Mul(a, q)\n  y: float32[1,32,8,8] = Div(r, six)\n");
  ASSERT_EQ(at.size(), 2U);
  EXPECT_THAT(at[0], Not(Contains(Key("conv:swish"))));
  EXPECT_EQ(at[1].at("hard_swish:beyond"), 2048);
  EXPECT_EQ(at[1].at("reorder:numbers"), 2048);
}

TEST(SimdPhysics, OpenVinoJoinsActivationsHoweverTheyAreSpelled) {
  const auto kernels = [](const std::string& body) { return columns_of(body, "openvino"); };
  const std::string mish = "  s: float32[1,32,8,8] = Softplus(a)\n  t: float32[1,32,8,8] = Tanh(s)\n";
  EXPECT_EQ(kernels(mish + "  y: float32[1,32,8,8] = Mul(a, t)\n").at(0).at("conv:curve"), 2048);
  const std::vector<Columns> silu =
      kernels("  s: float32[1,32,8,8] = Sigmoid(a)\n  y: float32[1,32,8,8] = Mul(a, s)\n");
  ASSERT_EQ(silu.size(), 1U);
  EXPECT_EQ(silu[0].at("conv:curve"), 2048);
  const std::vector<Columns> gate =
      kernels("  h: float32[1,32,8,8] = HardSigmoid(a)\n  y: float32[1,32,8,8] = Mul(a, h)\n");
  ASSERT_EQ(gate.size(), 2U);
  EXPECT_EQ(gate[1].at("hard_gate:beyond"), 2048);
}

TEST(SimdPhysics, TfliteJoinsCutsOnly) {
  EXPECT_EQ(columns_of("  y: float32[1,32,8,8] = Clip(a, zero, six)\n", "tflite").size(), 1U);
  EXPECT_EQ(columns_of("  y: float32[1,32,8,8] = Sigmoid(a)\n", "tflite").size(), 2U);
  EXPECT_EQ(columns_of("  y: float32[1,32,8,8] = Add(a, a)\n", "tflite").size(), 2U);
}

TEST(SimdPhysics, SoftmaxJumpsAlongOtherAxesThanTheLast) {
  const Columns last = columns_of("  y: float32[1,32,8,8] = Softmax(a)\n").at(1);
  EXPECT_EQ(last.at("softmax:out"), 2048);
  EXPECT_EQ(last.at("softmax:rows"), 256);
  EXPECT_THAT(last, Not(Contains(Key("softmax:across"))));
  const Columns channels = columns_of("  y: float32[1,32,8,8] = Softmax(a) {axis = 1}\n").at(1);
  EXPECT_EQ(channels.at("softmax:across"), 2048);
  EXPECT_THAT(channels, Not(Contains(Key("softmax:out"))));
}

TEST(SimdPhysics, OnnxRuntimeNormalisesASumNumberByNumber) {
  const std::string sum = "  const g: float32[8]\n  b: float32[1,32,8,8] = Exp(a)\n  s: float32[1,32,8,8] = Add(a, b)\n";
  const std::string normal = "float32[1,32,8,8] = LayerNormalization(s, g)\n";
  const std::vector<Columns> joined = columns_of(sum + "  y: " + normal);
  ASSERT_EQ(joined.size(), 3U);
  EXPECT_EQ(joined[2].at("skip_layer_norm:in"), 2048);
  EXPECT_THAT(joined[2], Not(Contains(Key("normalization:in"))));
  // As in front of an attention, the sum is needed again.
  const std::vector<Columns> apart =
      columns_of(sum + "  n: " + normal + "  y: float32[1,32,8,8] = Mul(n, s)\n");
  ASSERT_EQ(apart.size(), 5U);
  EXPECT_EQ(apart[3].at("normalization:in"), 2048);
}

TEST(SimdPhysics, OnnxRuntimeRunsAGeluInStepsThatHalvesTheShare) {
  const std::string begin =
      "  const c: float32[]\n  d: float32[1,32,8,8] = Div(a, c)\n  e: float32[1,32,8,8] = Erf(d)\n"
      "  p: float32[1,32,8,8] = Add(e, c)\n";
  const auto ends = [&](const std::string& h, const std::string& y) {
    return columns_of(begin + "  h: float32[1,32,8,8] = " + h + "\n  y: float32[1,32,8,8] = " + y + "\n").at(1);
  };
  EXPECT_THAT(ends("Mul(c, p)", "Mul(a, h)"), Contains(Key("gelu_steps:beyond")));
  EXPECT_THAT(ends("Mul(a, p)", "Mul(h, c)"), Contains(Key("gelu:beyond")));
}

TEST(SimdPhysics, OnnxRuntimeRunsAnRmsNormInStepsThatTakesAReciprocal) {
  const auto norm = [](const std::string& f) {
    return columns_of(
               "  const c: float32[]\n  q: float32[1,32,8,8] = Pow(a, c)\n"
               "  m: float32[1,32,8,1] = ReduceMean(q) {axes = [-1]}\n  e: float32[1,32,8,1] = Add(m, c)\n"
               "  r: float32[1,32,8,1] = Sqrt(e)\n  f: float32[1,32,8,1] = " +
               f + "\n  n: float32[1,32,8,8] = Mul(a, f)\n  y: float32[1,32,8,8] = Mul(c, n)\n")
        .at(1);
  };
  EXPECT_THAT(norm("Reciprocal(r)"), Contains(Key("rms_norm_steps:beyond")));
  EXPECT_THAT(norm("Div(c, r)"), Contains(Key("rms_norm:beyond")));
}

TEST(SimdPhysics, EmptyTensorsHaveFinitePrices) {
  for (const Kind kind : {Kind::softmax, Kind::normalization, Kind::transpose}) {
    KernelConfig config;
    config.kind = kind;
    config.inner = config.in_channels = config.channels = 0;
    config.keeps_inner = true;
    std::vector<Amount> amounts;
    append_amounts(kWideSimdPhysics, config, amounts);
    EXPECT_FALSE(amounts.empty());
    for (const Amount& amount : amounts) EXPECT_TRUE(std::isfinite(amount.value));
  }
}

TEST(SimdPhysics, SumsAlongTheLastAxisReadWhatLiesSideBySide) {
  EXPECT_EQ(columns_of("  y: float32[1,32,8,1] = ReduceL2(a) {axes = [3]}\n").at(1).at("reduce:in"), 2048);
  EXPECT_EQ(columns_of("  y: float32[1,1,8,8] = ReduceL2(a) {axes = [1]}\n").at(1).at("reduce:across"), 2048);
}

TEST(SimdPhysics, ATransposeReadsWhatItMakes) {
  const Columns columns = columns_of("  y: float32[8,1,32,8] = Transpose(a) {perm = [2, 0, 1, 3]}\n").at(1);
  EXPECT_EQ(columns.at("transpose:rows"), 2048);
  EXPECT_EQ(columns.at("transpose:pieces"), 256);
}

TEST(SimdPhysics, CopiesCountPieces) {
  // Of the last axis a half is kept: of each row one piece.
  const std::string ends =
      "  const f: int64[1] = {0}\n  const t: int64[1] = {4}\n  const n: int64[1] = {3}\n";
  EXPECT_EQ(columns_of(ends + "  y: float32[1,32,8,4] = Slice(a, f, t, n)\n").at(1).at("split:pieces"), 256);
  // Every second number is one.
  EXPECT_EQ(columns_of(ends + "  const e: int64[1] = {8}\n  const s: int64[1] = {2}\n"
                              "  y: float32[1,32,8,4] = Slice(a, f, e, n, s)\n")
                .at(1)
                .at("split:pieces"),
            1024);
  EXPECT_EQ(columns_of("  y: float32[1,64,8,8] = Concat(a, a) {axis = 1}\n").at(1).at("concat:pieces"), 2);
  EXPECT_EQ(columns_of("  y: float32[1,32,8,16] = Concat(a, a) {axis = 3}\n").at(1).at("concat:pieces"), 512);
  const Columns rows =
      columns_of("  const i: int64[3] = {0, 5, 2}\n  y: float32[1,3,8,8] = Gather(a, i) {axis = 1}\n").at(1);
  EXPECT_EQ(rows.at("data_movement:pieces"), 3);
  EXPECT_EQ(rows.at("data_movement:rows"), 192);
  EXPECT_EQ(rows.at("Gather:pieces"), 3);
}

TEST(SimdPhysics, ScatteredNumbersAreCountedByTheirPlaces) {
  EXPECT_EQ(columns_of("  const i: int64[5,2,4]\n  const v: float32[5,2]\n"
                       "  y: float32[1,32,8,8] = ScatterND(a, i, v)\n")
                .at(1)
                .at("ScatterND:pieces"),
            10);
}

TEST(SimdPhysics, ResamplingHasAPriceByItsTapsAndPlace) {
  const auto resized = [](const std::string& size, const std::string& attributes) {
    return columns_of("  const s: float32[4]\n  y: float32[1,32," + size + "," + size +
                      "] = Resize(a, _, s) {" + attributes + "}\n")
        .at(1);
  };
  EXPECT_THAT(resized("16", R"(mode = "linear")"), Not(Contains(Key("resampled:numbers"))));  // in blocks
  EXPECT_EQ(resized("12", R"(mode = "linear")").at("resampled:numbers"), 32 * 12 * 12);
  EXPECT_EQ(resized("12", R"(mode = "nearest")").at("resampled:numbers"), 32 * 12 * 12);
  EXPECT_THAT(resized("16", R"(mode = "nearest")"), Not(Contains(Key("resampled:numbers"))));
  const Columns cubic = resized("16", R"(mode = "cubic")");
  EXPECT_EQ(cubic.at("resampled_cubic:numbers"), 32 * 16 * 16);
  EXPECT_THAT(cubic, Not(Contains(Key("resampled:numbers"))));
}

TEST(SimdPhysics, WhereNumbersAreNotZeroIsFoundOneByOne) {
  EXPECT_EQ(columns_of("  y: int64[4,2048] = NonZero(a)\n").at(1).at("NonZero:coordinates"), 8192);
}

TEST(SimdPhysics, IntegersHavePricesOfTheirOwn) {
  KernelConfig config;
  config.kind = Kind::gemm;
  config.in_channels = 100;
  config.channels = 10;
  config.in_height = config.height = 4;
  for (const int bytes : {1, 4}) {
    config.element_bytes = static_cast<std::uint8_t>(bytes);
    const Columns columns = columns_of(config);
    EXPECT_EQ(columns.contains("gemm_integer:macs"), bytes == 1);
    EXPECT_EQ(columns.contains("product:macs"), bytes == 4);
  }
}

TEST(SimdPhysics, SpansDependOnHowAnImageLies) {
  KernelConfig config;
  config.kind = Kind::broadcast;
  config.channels = 16;
  config.height = config.width = 7;
  config.spans = 16;
  const auto spans = [&](int block) {
    config.block = static_cast<std::int16_t>(block);
    const Columns columns = columns_of(config);
    const auto found = columns.find("broadcast:spans");
    return found == columns.end() ? 0 : found->second;
  };
  EXPECT_EQ(spans(0), 16);  // a channel at a time
  EXPECT_EQ(spans(1), 49);  // a pixel at a time
  EXPECT_EQ(spans(16), 0);
}

TEST(SimdPhysics, DepthwiseConvolutionsOfIntegersAreFastInWholeVectors) {
  KernelConfig config;
  config.kind = Kind::depthwise_conv;
  config.element_bytes = 1;
  config.height = config.width = 2;
  config.in_height = config.in_width = 2;
  config.channels = config.in_channels = config.groups = 32;
  EXPECT_TRUE(columns_of(config).contains("depthwise_conv_integer:macs"));
  config.channels = config.in_channels = config.groups = 21;
  EXPECT_EQ(columns_of(config).at("depthwise_conv_uneven:singles"), 4 * 5);
}

TEST(SimdPhysics, ImagesOfFewChannelsAreReadAsTheyAre) {
  const Graph graph = parse_text(
      "graph { input x: float32[1,3,8,8] const w: float32[32,3,3,3] y: float32[1,32,8,8] = Conv(x, w) "
      "{kernel_shape = [3, 3], pads = [1, 1, 1, 1]} output y }",
      "test");
  KernelGraph kernels = Detector(with_common_rules("", "rules")).detect(analysis::layers(graph));
  kWideSimdPhysics.arrange(kernels, 1);
  const Columns columns = columns_of(kernels.kernels.front().config);
  EXPECT_GT(columns.size(), 3U);
  for (const auto& [name, value] : columns) {
    if (name != "forgotten:launch" && name != "conv:colder_launch") {
      EXPECT_TRUE(name.starts_with("conv_first:")) << name;
    }
  }
}

TEST(SimdPhysics, WhatRunsOnceInARunIsForgottenMeanwhile) {
  const Graph graph = parse_text(R"(graph {
  input x: float32[1,64,56,56]
  const w: float32[64,64,3,3]
  a: float32[1,64,56,56] = Conv(x, w) {kernel_shape = [3, 3], pads = [1, 1, 1, 1]}
  b: float32[1,64,56,56] = Conv(a, w) {kernel_shape = [3, 3], pads = [1, 1, 1, 1]}
  y: float32[1,64,56,56] = Softmax(b)
  output y
})",
                                 "test");
  KernelGraph kernels = Detector(with_common_rules("", "rules")).detect(analysis::layers(graph));
  kWideSimdPhysics.arrange(kernels, 1);
  ASSERT_EQ(kernels.kernels.size(), 3U);
  const auto idle = [&](std::size_t kernel) { return kernels.kernels[kernel].config.idle_octaves; };
  EXPECT_EQ(idle(1), 0);
  EXPECT_GT(idle(0), 4);
  EXPECT_GT(idle(2), idle(0) + 2);
}

TEST(SimdPhysics, WeightsAndLaunchesCoolInALongRun) {
  Columns by_length[2];
  for (const int microseconds : {100, 100'000}) {
    KernelConfig config;
    config.kind = Kind::gemm;
    config.in_channels = 100;
    config.channels = 10;
    config.run_microseconds = microseconds;
    by_length[microseconds > 100 ? 1 : 0] = columns_of(config);
  }
  EXPECT_NEAR(by_length[0].at("gemm_vector:cold_launch"), 0.064, 0.001);
  EXPECT_NEAR(by_length[1].at("gemm_vector:cold_launch"), 1, 0.001);
  EXPECT_NEAR(by_length[1].at("gemm_vector:cold_weights"), by_length[1].at("gemm_vector:weights"), 1);
  EXPECT_NEAR(by_length[0].at("gemm:colder_launch"), 0.01, 0.001);
  EXPECT_NEAR(by_length[1].at("gemm:colder_launch"), 1, 0.001);
}

}  // namespace
}  // namespace foretime
