#include "kernels/configure.h"

#include <gmock/gmock.h>

#include "graph/graph_text.h"
#include "kernels/common_rules.h"
#include "kernels/detector.h"

namespace foretime {
namespace {

/// A network's kernels under a few rules; the graph outlives them.
struct Detected {
  Graph graph;
  KernelGraph kernels;

  explicit Detected(const std::string& body, const std::string& rules = "")
      : graph(parse_text("graph { opset \"\" 17 " + body + " }", "test")) {
    const Detector detector(parse_rules(rules + std::string(common_rules()), "test"));
    kernels = detector.detect(analysis::layers(graph));
  }
  const Kernel& operator[](std::size_t i) const { return kernels.kernels.at(i); }
};

TEST(Configure, Convolution) {
  const Detected at(
      "input x: float32[2,8,15,16] const w: float32[12,4,3,5] = omitted c: y: float32[2,12,8,8] = Conv(x, w) "
      "{group = 2, strides = [2, 2], dilations = [1, 1], pads = [1, 2, 1, 2], kernel_shape = [3, 5]} r: z: "
      "float32[2,12,8,8] = Relu(y) output z",
      "fuse conv + Relu\n");
  ASSERT_EQ(at.kernels.kernels.size(), 1U);
  const KernelConfig& c = at[0].config;
  EXPECT_EQ(c.kind, Kind::conv);
  EXPECT_EQ(c.batch, 2);
  EXPECT_EQ(c.in_channels, 8);
  EXPECT_EQ(c.channels, 12);
  EXPECT_EQ(c.in_height, 15);
  EXPECT_EQ(c.in_width, 16);
  EXPECT_EQ(c.height, 8);
  EXPECT_EQ(c.kernel_height, 3);
  EXPECT_EQ(c.kernel_width, 5);
  EXPECT_EQ(c.stride, 2);
  EXPECT_EQ(c.groups, 2);
  EXPECT_TRUE(c.same);
  EXPECT_TRUE(c.network_input);
  EXPECT_EQ(c.activations, kRelu);
  EXPECT_EQ(c.fused, 1);
  EXPECT_EQ(c.inputs, 1);
  const KernelWork work = work_of(at.kernels, at[0]);
  EXPECT_EQ(work.weight_elements, 12 * 4 * 3 * 5);
  EXPECT_EQ(work.arithmetic->macs.value, 2 * 8 * 8 * 12 * 4 * 3 * 5);
  EXPECT_EQ(work.activation_elements, 2 * 8 * 15 * 16 + 2 * 12 * 8 * 8);
  EXPECT_TRUE(at[0].sized);
}

TEST(Configure, CountsCutsOtherThanRelu) {
  const auto cuts = [](const std::string& activation) {
    return Detected(
               "input x: float32[1,8,4,4] const w: float32[8,8,1,1] c: y: float32[1,8,4,4] = Conv(x, w) "
               "{kernel_shape = [1, 1]} r: z: float32[1,8,4,4] = " +
                   activation + "(y) output z",
               "fuse conv + " + activation + "\n")[0]
        .config.fused_cuts;
  };
  EXPECT_EQ(cuts("Relu"), 0);
  EXPECT_EQ(cuts("LeakyRelu"), 1);
  EXPECT_EQ(cuts("Sigmoid"), 0);
}

TEST(Configure, TellsTranspositionsThatMoveNumbersOneByOne) {
  const auto form = [](const std::string& perm, const std::string& sizes, const char* in = "2,3,4,5") {
    const KernelConfig config = Detected("input x: float32[" + std::string(in) + "] t: y: float32[" + sizes +
                                         "] = Transpose(x) {perm = [" + perm + "]} output y")[0]
                                    .config;
    return std::pair(config.keeps_inner ? config.inner : 0, config.scattered);
  };
  EXPECT_EQ(form("0, 2, 1, 3", "2,4,3,5"), std::pair(5, false));   // rows
  EXPECT_EQ(form("1, 0, 2, 3", "3,2,4,5"), std::pair(20, false));  // matrices
  EXPECT_EQ(form("0, 1, 3, 2", "2,3,5,4"), std::pair(0, false));
  EXPECT_EQ(form("0, 3, 1, 2", "2,5,3,4"), std::pair(0, false));
  EXPECT_EQ(form("1, 2, 3, 0", "3,4,5,2"), std::pair(0, false));
  EXPECT_EQ(form("2, 3, 0, 1", "4,5,2,3"), std::pair(0, false));  // two that stay together
  EXPECT_EQ(form("3, 2, 1, 0", "5,4,3,2"), std::pair(0, true));
  EXPECT_EQ(form("1, 3, 0, 2", "3,5,2,4"), std::pair(0, true));
  EXPECT_EQ(form("0, 2, 4, 3, 5, 1", "1,4,3,5,3,6", "1,6,4,5,3,3"), std::pair(0, true));  // windows
  EXPECT_EQ(form("2, 0, 3, 4, 1", "3,1,4,5,6", "1,6,3,4,5"), std::pair(0, false));        // of one image
  EXPECT_EQ(form("0, 2, 1, 3", "2,4,3,1", "2,3,4,1"), std::pair(0, false));
  EXPECT_EQ(form("0, 2, 1, 3", "1,4,1,5", "1,1,4,5"), std::pair(20, false));  // nothing moves
}

TEST(Configure, TranspositionsThatRunAsOne) {
  const Detected at(
      "input x: float32[2,3,4,5] t: y: float32[2,4,3,5] = Transpose(x) {perm = [0, 2, 1, 3]} "
      "u: z: float32[2,4,5,3] = Transpose(y) {perm = [0, 1, 3, 2]} "
      "v: w: float32[2,3,4,5] = Transpose(z) {perm = [0, 3, 1, 2]} output w",
      "fuse Transpose + Transpose\n");
  ASSERT_EQ(at.kernels.kernels.size(), 1U);
  EXPECT_TRUE(at[0].config.keeps_inner);  // all is where it was
  EXPECT_EQ(at[0].config.inner, 120);
}

TEST(Configure, KnowsWhatAShuffleTurns) {
  const Detected at(
      "input x: float32[1,6,4,4] const a: int64[6] = {1, 6, 2, 2, 2, 2} const b: int64[3] = {4, 4, 6} "
      "r: y: float32[1,6,2,2,2,2] = Reshape(x, a) "
      "t: z: float32[1,2,2,2,2,6] = Transpose(y) {perm = [0, 2, 4, 3, 5, 1]} "
      "s: w: float32[4,4,6] = Reshape(z, b) output w");
  ASSERT_EQ(at.kernels.kernels.size(), 1U);
  EXPECT_TRUE(at[0].config.scattered);
}

TEST(Configure, WhatIsTakenApartIsTurnedInParts) {
  const auto scattered = [](const char* reader) {
    return Detected("input x: float32[4,6,3,2,5] const i: int64[] = {1} "
                    "t: y: float32[3,4,2,5,6] = Transpose(x) {perm = [2, 0, 3, 4, 1]} r: z: float32[" +
                    std::string(reader) + " output z")[0]
        .config.scattered;
  };
  EXPECT_FALSE(scattered("4,2,5,6] = Gather(y, i)"));
  EXPECT_TRUE(scattered("3,2,5,6] = Gather(y, i) {axis = 1}"));
  EXPECT_TRUE(scattered("3,4,2,5,6] = Sigmoid(y)"));
}

TEST(Configure, TellsWhetherAReductionTakesTheLastAxis) {
  const auto across = [](const std::string& op, const std::string& out) {
    const std::string inputs = "input x: float32[2,6,6] const a: int64[1] = {-1} const b: int64[1] = {1} ";
    return Detected(inputs + "r: y: float32[" + out + "] = " + op + " output y")[0].config.keeps_inner;
  };
  EXPECT_FALSE(across("ReduceMean(x) {axes = [-1], keepdims = 0}", "2,6"));
  EXPECT_FALSE(across("ReduceMean(x) {axes = [2]}", "2,6,1"));
  EXPECT_FALSE(across("ReduceSum(x, a) {keepdims = 0}", "2,6"));
  EXPECT_TRUE(across("ReduceSum(x, b) {keepdims = 0}", "2,6"));
  EXPECT_TRUE(across("ReduceMax(x) {axes = [1]}", "2,1,6"));
  EXPECT_FALSE(across("ReduceMax(x)", "1,1,1"));
  EXPECT_TRUE(across("ArgMax(x) {axis = 1, keepdims = 0}", "2,6"));
  EXPECT_FALSE(across("ArgMax(x) {axis = -1, keepdims = 0}", "2,6"));
}

TEST(Configure, ASumThatIsNormalised) {
  const std::string graph =
      "input x: float32[1,8,64] input r: float32[1,8,64] const g: float32[64] = omitted s: a: "
      "float32[1,8,64] = Add(x, r) n: y: float32[1,8,64] = LayerNormalization(a, g) output y";
  const Detected at(graph, "fuse Add + LayerNormalization\n");
  ASSERT_EQ(at.kernels.kernels.size(), 1U);
  EXPECT_EQ(at[0].kind(), Kind::normalization);
  EXPECT_EQ(at[0].config.fused_norms, 1);
  EXPECT_EQ(Detected(graph + " output a", "fuse Add + LayerNormalization\n").kernels.kernels.size(), 2U);
}

TEST(Configure, CountsWhereTwoShapesGoOnAlike) {
  const auto spans = [](const std::string& a, const std::string& b, const std::string& out) {
    return Detected("input x: float32[" + a + "] const c: float32[" + b + "] t: y: float32[" + out +
                    "] = Mul(x, c) output y")[0]
        .config.spans;
  };
  EXPECT_EQ(spans("9,8,12", "9,8,12", "9,8,12"), 0);
  EXPECT_EQ(spans("9,8,12", "", "9,8,12"), 1);
  EXPECT_EQ(spans("9,8,12", "1", "9,8,12"), 1);
  EXPECT_EQ(spans("9,8,12", "12", "9,8,12"), 72);
  EXPECT_EQ(spans("9,8,12", "8,12", "9,8,12"), 9);
  EXPECT_EQ(spans("9,8,12", "8,1", "9,8,12"), 72);
  EXPECT_EQ(spans("1,16,7,7", "16,1,1", "1,16,7,7"), 16);
  EXPECT_EQ(spans("9,8,1", "", "9,8,1"), 72);  // a last axis of one number
  EXPECT_EQ(spans("12", "9,8,12", "9,8,12"), 72);
}

TEST(Configure, ProductsOfMatrices) {
  const Detected at(
      "input x: float32[4,10,64] const w: float32[64,32] = omitted a: y: float32[4,10,32] = MatMul(x, w) "
      "t: u: float32[4,32,10] = Transpose(y) {perm = [0, 2, 1]} b: z: float32[4,10,10] = MatMul(y, u) output "
      "z");
  ASSERT_EQ(at.kernels.kernels.size(), 3U);
  EXPECT_EQ(at[0].kind(), Kind::gemm);
  EXPECT_EQ(at[0].config.matrix_rows, 40);
  EXPECT_EQ(at[0].config.in_channels, 64);
  EXPECT_EQ(at[0].config.channels, 32);
  EXPECT_EQ(at[2].kind(), Kind::matmul);
  EXPECT_EQ(at[2].config.in_channels, 32);
  EXPECT_EQ(at[2].config.producer, Kind::gemm);
  EXPECT_EQ(at[2].config.second_producer, Kind::transpose);
}

TEST(Configure, Concatenation) {
  const Detected at(
      "input x: float32[1,6,4,4] a: y: float32[1,6,4,4] = Relu(x) b: z: float32[1,6,4,4] = Sigmoid(x) "
      "c: k: float32[1,12,4,4] = Concat(y, z) {axis = 1} output k");
  const KernelConfig& c = at[2].config;
  EXPECT_EQ(c.kind, Kind::concat);
  EXPECT_EQ(c.in_channels, 12);
  EXPECT_EQ(c.widest_input, 6);
  EXPECT_EQ(c.channel_slices, 4);
  EXPECT_FALSE(c.slices_whole);
  EXPECT_EQ(at[0].config.concat_place, 1);
  EXPECT_EQ(at[1].config.concat_place, 2);
  EXPECT_EQ(at[0].config.concat_consumers, 1);
}

struct KindCase {
  std::string graph;
  std::string_view kind;
};

TEST(Configure, KindsOfOneLayer) {
  const std::string x = "input x: float32[1,8,6,6] ";
  const std::vector<KindCase> cases = {
      {x + "y: float32[1,8,6,6] = Add(x, x) output y", "elementwise"},
      {x + "input g: float32[1,8,1,1] y: float32[1,8,6,6] = Mul(x, g) output y", "broadcast"},
      {x + "y: float32[1,8,6,6] = Sigmoid(x) output y", "transcendental"},
      {x + "y: float32[1,8,1,1] = GlobalAveragePool(x) output y", "global_pool"},
      {x + "y: float32[1,8,1,1] = ReduceMean(x) {axes = [2, 3]} output y", "global_pool"},
      {x + "y: float32[1,8,1,1] = AveragePool(x) {kernel_shape = [6, 6]} output y", "average_pool"},
      {x + "y: float32[1,8,5,5] = AveragePool(x) {kernel_shape = [2, 2]} output y", "average_pool"},
      {x + "y: float32[1,6,6] = ReduceMean(x) {axes = [1], keepdims = 0} output y", "reduce"},
      {x + "y: float32[1,8,6,6] = Softmax(x) output y", "softmax"},
      {x + "y: float32[1,6,6,8] = Transpose(x) {perm = [0, 2, 3, 1]} output y", "transpose"},
      {x + "y: float32[1,288] = Flatten(x) output y", "reshape"},
      {x + "const s: float32[8] = omitted y: float32[1,8,6,6] = BatchNormalization(x, s, s, s, s) output y",
       "normalization"},
      {x + "const w: float32[8,1,3,3] = omitted y: float32[1,8,4,4] = Conv(x, w) {group = 8} output y",
       "depthwise_conv"},
      {x + "const w: float32[8,4,2,2] = omitted y: float32[1,4,7,7] = ConvTranspose(x, w) output y",
       "conv_transpose"},
  };
  for (const KindCase& each : cases)
    EXPECT_EQ(info(Detected(each.graph)[0].kind()).name, each.kind) << each.graph;
}

TEST(Configure, Neighbours) {
  const Detected at(
      "input x: float32[1,16,8,8] const w: float32[16,16,1,1] = omitted a: y: float32[1,16,8,8] = Conv(x, w) "
      "b: z: float32[1,16,8,8] = Relu(y) c: s: float32[1,16,8,8] = Conv(z, w) d: t: float32[1,16,8,8] = "
      "Add(s, z) "
      "output t",
      "fuse conv + Relu\n");
  ASSERT_EQ(at.kernels.kernels.size(), 3U);
  EXPECT_EQ(at[0].config.consumers, 2);
  EXPECT_EQ(at[0].config.conv_consumers, 1);
  EXPECT_EQ(at[0].config.add_consumers, 1);
  EXPECT_EQ(at[1].config.producer, Kind::conv);
  EXPECT_TRUE(at[1].config.producer_relu);
  EXPECT_EQ(at[1].config.consumer, Kind::elementwise);
  EXPECT_EQ(at[2].config.second_producer, Kind::conv);
  EXPECT_EQ(at[2].config.inputs, 2);
  EXPECT_EQ(at[2].config.second_elements, 16 * 64);
}

TEST(Configure, WhatHasNoSizesSaysSo) {
  const Detected at("input x: float32[1,8] y = Frobnicate(x) z = Relu(y) output z");
  EXPECT_FALSE(at[0].sized);
  EXPECT_FALSE(at[1].sized);
  EXPECT_EQ(block_info("gelu").kind, Kind::transcendental);
  EXPECT_EQ(block_info("conv").kind, Kind::conv);
  EXPECT_EQ(block_info("anything").kind, Kind::other);
}

}  // namespace
}  // namespace foretime
