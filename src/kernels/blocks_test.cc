#include "kernels/blocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/graph_text.h"
#include "kernels/common_rules.h"
#include "kernels/detector.h"

namespace foretime {
namespace {

using ::testing::ElementsAre;

struct Arranged {
  std::vector<int> blocks;
  std::vector<int> reordered;
};

/// `body` starts from x, float32[1,16,8,8], and has w: float32[32,16,3,3] and v: float32[32,32,3,3].
Arranged arranged(const std::string& body, int block) {
  const Graph graph = parse_text(R"(graph {
  input x: float32[1,16,8,8]
  const w: float32[32,16,3,3]
  const v: float32[32,32,3,3]
  const w24: float32[24,16,3,3]
  const v24: float32[32,24,3,3]
  const w18: float32[18,16,3,3]
  const v18: float32[32,18,3,3]
  const zero: float32[]
  const three: float32[]
  const six: float32[]
)" + body + "  output y\n}",
                                 "test");
  const Detector detector(parse_rules(std::string(common_rules()), "rules"));
  KernelGraph kernels = detector.detect(analysis::layers(graph));
  arrange_blocks(kernels, block);
  Arranged result;
  for (const Kernel& kernel : kernels.kernels) {
    if (kernel.kind() == Kind::none) continue;
    result.blocks.push_back(kernel.config.block);
    result.reordered.push_back(kernel.config.reordered);
  }
  return result;
}

constexpr const char* kPads = " {kernel_shape = [3, 3], strides = [1, 1], pads = [1, 1, 1, 1]}\n";

std::string conv(const std::string& out, const std::string& in, const std::string& weights, int channels) {
  return "  " + out + ": float32[1," + std::to_string(channels) + ",8,8] = Conv(" + in + ", " + weights +
         ")" + kPads;
}

TEST(Blocks, ConvolutionsKeepThemBetweenThem) {
  const Arranged a = arranged(conv("a", "x", "w", 32) + conv("y", "a", "v", 32), 16);
  EXPECT_THAT(a.blocks, ElementsAre(16, 16));
  EXPECT_THAT(a.reordered, ElementsAre(1024, 0));
}

TEST(Blocks, ReachOverSumsAndPoolings) {
  const Arranged a =
      arranged(conv("a", "x", "w", 32) + conv("b", "a", "v", 32) +
                   "  s: float32[1,32,8,8] = Add(a, b)\n"
                   "  p: float32[1,32,4,4] = MaxPool(s) {kernel_shape = [2, 2], strides = [2, 2]}\n"
                   "  y: float32[1,32,1,1] = GlobalAveragePool(p)\n",
               16);
  EXPECT_THAT(a.blocks, ElementsAre(16, 16, 16, 16, 16));
  EXPECT_THAT(a.reordered, ElementsAre(1024, 0, 0, 0, 0));
}

TEST(Blocks, DependOnHowAnActivationIsSpelled) {
  const std::string hard_sigmoid =
      "  h: float32[1,32,8,8] = HardSigmoid(a) {alpha = 0.166667, beta = 0.5}\n  y: float32[1,32,8,8] = "
      "Mul(a, h)\n";
  EXPECT_THAT(arranged(conv("a", "x", "w", 32) + hard_sigmoid, 16).blocks, ElementsAre(16, 16));
  const std::string by_hand =
      "  p: float32[1,32,8,8] = Add(a, three)\n  q: float32[1,32,8,8] = Clip(p, zero, six)\n"
      "  r: float32[1,32,8,8] = Mul(a, q)\n  y: float32[1,32,8,8] = Div(r, six)\n";
  const Arranged a = arranged(conv("a", "x", "w", 32) + by_hand, 16);
  EXPECT_EQ(a.blocks.back(), 0);
  EXPECT_THAT(a.reordered, testing::Contains(2048));
}

TEST(Blocks, EndWhereAnOperatorDoesNotKnowThem) {
  const Arranged a =
      arranged(conv("a", "x", "w", 32) + "  e: float32[1,32,8,8] = Erf(a)\n" + conv("y", "e", "v", 32), 16);
  EXPECT_THAT(a.blocks, ElementsAre(16, 0, 16));
  EXPECT_THAT(a.reordered, ElementsAre(1024, 2048, 2048));
}

TEST(Blocks, AreConvertedOnceForAllWhoReadThem) {
  const Arranged a = arranged(conv("a", "x", "w", 32) +
                                  "  e: float32[1,32,8,8] = Erf(a)\n  f: float32[1,32,8,8] = Exp(a)\n"
                                  "  y: float32[1,32,8,8] = Add(e, f)\n",
                              16);
  EXPECT_THAT(a.reordered, ElementsAre(1024, 2048, 0, 0));
}

TEST(Blocks, MustBeWholeToBePooledOrJoined) {
  const std::string pooled =
      conv("a", "x", "w24", 24) +
      "  p: float32[1,24,8,8] = MaxPool(a) {kernel_shape = [3, 3], strides = [1, 1], pads = [1, 1, 1, 1]}\n" +
      conv("y", "p", "v24", 32);
  EXPECT_THAT(arranged(pooled, 16).blocks, ElementsAre(16, 0, 16));
  EXPECT_THAT(arranged(pooled, 16).reordered, ElementsAre(1024, 1536, 1536));
  EXPECT_THAT(arranged(pooled, 8).blocks, ElementsAre(8, 8, 8));
  EXPECT_THAT(arranged(pooled, 8).reordered, ElementsAre(1024, 0, 0));
}

TEST(Blocks, NeedChannelsInFours) {
  const Arranged a = arranged(conv("a", "x", "w18", 18) + conv("y", "a", "v18", 32), 16);
  EXPECT_THAT(a.blocks, ElementsAre(16, 0));
  EXPECT_THAT(a.reordered, ElementsAre(1024, 1152));
}

}  // namespace
}  // namespace foretime
