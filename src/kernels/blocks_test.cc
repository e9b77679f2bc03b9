#include "kernels/blocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

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

TEST(Blocks, GoOnInAnImageThatIsAWholeNumberOfTimesAsLarge) {
  const auto resized = [](const std::string& size, const std::string& attributes) {
    return arranged(conv("a", "x", "w", 32) + "  const s: float32[4]\n  y: float32[1,32," + size + "," + size +
                        "] = Resize(a, _, s) {" + attributes + "}\n",
                    16)
        .blocks.back();
  };
  const std::string repeated =
      R"(mode = "nearest", coordinate_transformation_mode = "asymmetric", nearest_mode = "floor")";
  EXPECT_EQ(resized("16", repeated), 16);
  EXPECT_EQ(resized("13", repeated), 0);
  EXPECT_EQ(resized("16", R"(mode = "nearest")"), 0);
  EXPECT_EQ(resized("16", R"(mode = "linear")"), 16);
  EXPECT_EQ(resized("15", R"(mode = "linear")"), 0);
  EXPECT_EQ(resized("16", R"(mode = "linear", coordinate_transformation_mode = "pytorch_half_pixel")"), 0);
  EXPECT_EQ(resized("16", R"(mode = "cubic")"), 0);
}

/// `block` of kernels of integers, whatever they compute, between DequantizeLinear and QuantizeLinear.
class Integers {
 public:
  /// `call` with D for the integers that it reads: "MaxPool(D)".
  Integers& add(const std::string& to, const std::string& from, const std::string& sizes, std::string call) {
    text_ += "  " + to + "d: float32[" + sizes_[from] + "] = DequantizeLinear(" + from + ", s, z)\n";
    call.replace(call.find('D'), 1, to + "d");
    text_ += "  " + to + "f: float32[" + sizes + "] = " + call + "\n";
    text_ += "  " + to + ": uint8[" + sizes + "] = QuantizeLinear(" + to + "f, s, z)\n";
    sizes_[to] = sizes;
    return *this;
  }

  KernelGraph arranged() const {
    const Graph graph = parse_text(text_ + "  output y\n}", "test");
    const std::string rules =
        "integer Conv Sigmoid MaxPool Softmax Reshape Transpose\n" + std::string(common_rules());
    KernelGraph kernels = Detector(parse_rules(rules, "rules")).detect(analysis::layers(graph));
    arrange_blocks(kernels, 16);
    return kernels;
  }
  std::vector<int> blocks() const {
    std::vector<int> result;
    for (const Kernel& kernel : arranged().kernels) result.push_back(kernel.config.block);
    return result;
  }

 private:
  std::map<std::string, std::string> sizes_{{"q", "1,16,8,8"}};
  std::string text_ = R"(graph {
  input q: uint8[1,16,8,8]
  const w: float32[16,16,1,1]
  const s: float32[] = {0.5}
  const z: uint8[] = {128}
  const parts: int64[5] = {1, 2, 8, 8, 8}
  const whole: int64[4] = {1, 16, 8, 8}
)";
};

constexpr const char* kImage = "1,16,8,8";
constexpr const char* kConv = "Conv(D, w) {kernel_shape = [1, 1]}";
constexpr const char* kPool = "MaxPool(D) {kernel_shape = [1, 1]}";

TEST(Blocks, ConvolutionsOfIntegersKeepChannelsTogether) {
  Integers chain;
  chain.add("a", "q", kImage, kConv).add("b", "a", kImage, "Sigmoid(D)").add("c", "b", kImage, kPool);
  EXPECT_THAT(Integers(chain).add("y", "c", kImage, kConv).blocks(), ElementsAre(1, 1, 1, 1));
  // Turned over where nobody behind asks for it.
  EXPECT_THAT(Integers(chain).add("y", "c", kImage, "Softmax(D)").blocks(), ElementsAre(1, 0, 0, 0));
  // But a pooling is turned over with the convolution in front of it.
  EXPECT_THAT(
      Integers().add("a", "q", kImage, kConv).add("b", "a", kImage, kPool).add("y", "b", kImage, "Softmax(D)").blocks(),
      ElementsAre(1, 1, 0));
}

TEST(Blocks, GroupsOfIntegersChangePlacesNumberByNumber) {
  const auto shuffled = [](const char* first) {
    const KernelGraph kernels =
        Integers()
            .add("a", "q", kImage, first)
            .add("b", "a", "1,2,8,8,8", "Reshape(D, parts)")
            .add("c", "b", "1,8,2,8,8", "Transpose(D) {perm = [0, 2, 1, 3, 4]}")
            .add("d", "c", kImage, "Reshape(D, whole)")
            .add("y", "d", kImage, kConv)
            .arranged();
    return kernels.kernels[2].config.scattered;
  };
  EXPECT_TRUE(shuffled(kConv));
  EXPECT_FALSE(shuffled("Sigmoid(D)"));
}

TEST(Blocks, IntegersAreTurnedOverForEachWhoReadsThem) {
  std::vector<int> reordered;
  for (const Kernel& kernel : Integers()
                                  .add("a", "q", kImage, kConv)
                                  .add("b", "a", kImage, "Softmax(D)")
                                  .add("y", "a", kImage, "Softmax(D)")
                                  .arranged()
                                  .kernels) {
    if (kernel.kind() == Kind::softmax) reordered.push_back(kernel.config.reordered);
  }
  EXPECT_THAT(reordered, ElementsAre(1024, 1024));
}

}  // namespace
}  // namespace foretime
