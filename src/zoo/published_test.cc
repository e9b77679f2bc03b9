// Totals of every network against those of its source: parameters of the torch module, and half of what
// torch's FlopCounterMode counts (torch 2.15, torchvision 0.29, timm 1.0.31, transformers 5.23; one image, or
// 128 tokens).

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>

#include "zoo/zoo.h"

namespace foretime::zoo {
namespace {

struct Published {
  const char* specification;
  std::int64_t parameters;
  std::int64_t macs;
  std::int64_t calls;  // of leaf modules; 0: the source has modules without effect that make no nodes here
};

const Published kPublished[] = {
    {"alexnet", 61100840, 714188480, 21},
    {"vgg11", 132863336, 7609090048, 29},
    {"vgg13", 133047848, 11308466176, 33},
    {"vgg16", 138357544, 15470264320, 39},
    {"vgg19", 143667240, 19632062464, 45},
    {"vgg11_bn", 132868840, 7609090048, 37},
    {"vgg13_bn", 133053736, 11308466176, 43},
    {"vgg16_bn", 138365992, 15470264320, 52},
    {"vgg19_bn", 143678248, 19632062464, 61},
    {"resnet18", 11689512, 1814073344, 60},
    {"resnet34", 21797672, 3663761408, 108},
    {"resnet50", 25557032, 4089184256, 158},
    {"resnet101", 44549160, 7801405440, 311},
    {"resnet152", 60192808, 11513626624, 464},
    {"resnext50_32x4d", 25028904, 4230479872, 158},
    {"resnext101_32x8d", 88791336, 16414015488, 311},
    {"resnext101_64x4d", 83455272, 15460270080, 311},
    {"wide_resnet50_2", 68883240, 11398021120, 158},
    {"wide_resnet101_2", 126886696, 22753050624, 311},
    {"densenet121", 7978856, 2834161664, 366},
    {"densenet161", 28681000, 7727907072, 486},
    {"densenet169", 14149480, 3359843328, 510},
    {"densenet201", 20013928, 4291365888, 606},
    {"squeezenet1_0", 1248424, 818924576, 57},
    {"squeezenet1_1", 1235496, 349151936, 57},
    {"googlenet", 6624904, 1498376192, 130},
    {"inception_v3", 23834568, 5713216096, 193},
    {"mobilenet_v1", 4231976, 568740352, 0},
    {"mobilenet_v2", 3504872, 300774272, 141},
    {"mobilenet_v3_small", 2542856, 56510400, 141},
    {"mobilenet_v3_large", 5483032, 216589760, 168},
    {"mnasnet0_5", 2218512, 104455968, 141},
    {"mnasnet0_75", 3170208, 215493104, 141},
    {"mnasnet1_0", 4383312, 314415872, 141},
    {"mnasnet1_3", 6282256, 526362432, 141},
    {"shufflenet_v2_x0_5", 1366792, 40476448, 151},
    {"shufflenet_v2_x1_0", 2278604, 144907992, 151},
    {"shufflenet_v2_x1_5", 3503624, 295759392, 151},
    {"shufflenet_v2_x2_0", 7393996, 583253464, 151},
    {"efficientnet_b0", 5288548, 385814752, 223},
    {"efficientnet_b1", 7794184, 686802832, 318},
    {"efficientnet_b2", 9109994, 1087529456, 318},
    {"efficientnet_b3", 12233232, 1827141392, 360},
    {"efficientnet_b4", 19341616, 4393771024, 444},
    {"efficientnet_b5", 30389784, 10266384752, 539},
    {"efficientnet_b6", 43040704, 19067593536, 623},
    {"efficientnet_b7", 66347960, 37745884192, 760},
    {"efficientnet_lite0", 4652008, 385187552, 0},
    {"efficientnet_lite1", 5416680, 600185232, 0},
    {"efficientnet_lite2", 6092072, 859736272, 0},
    {"efficientnet_lite3", 8197096, 1607554544, 0},
    {"efficientnet_lite4", 13006568, 3943564112, 0},
    {"regnet_x_400mf", 5495976, 413812608, 211},
    {"regnet_x_800mf", 7259656, 799699712, 157},
    {"regnet_x_1_6gf", 9190136, 1602849792, 175},
    {"regnet_x_3_2gf", 15296552, 3176621952, 238},
    {"regnet_x_8gf", 39572648, 7995132416, 220},
    {"regnet_x_16gf", 54278536, 15940755456, 211},
    {"regnet_x_32gf", 107811560, 31735929792, 220},
    {"regnet_y_400mf", 4344144, 401842848, 237},
    {"regnet_y_800mf", 6432512, 833856256, 209},
    {"regnet_y_1_6gf", 11202430, 1612076160, 391},
    {"regnet_y_3_2gf", 19436338, 3176482752, 307},
    {"regnet_y_8gf", 39381472, 8473070592, 251},
    {"regnet_y_16gf", 83590140, 15911510272, 265},
    {"regnet_y_32gf", 145046770, 32279552832, 293},
    {"convnext_tiny", 28589128, 4455531264, 156},
    {"convnext_small", 50223688, 8683712256, 300},
    {"convnext_base", 88591464, 15354729472, 300},
    {"convnext_large", 197767336, 34361433600, 300},
    {"vit_b_16", 86567656, 17563828224, 100},
    {"vit_b_32", 88224232, 4409186304, 100},
    {"vit_l_16", 304326632, 61554712576, 196},
    {"vit_l_32", 306535400, 15377539072, 196},
    {"vit_tiny_patch16_224", 5717416, 1253683200, 0},
    {"vit_small_patch16_224", 22050664, 4598882304, 0},
    {"swin_t", 28288354, 4490566656, 122},
    {"swin_s", 49606258, 8740875264, 230},
    {"swin_b", 87768224, 15430946816, 230},
    {"fcn_resnet50", 32957013, 142725772800, 161},
    {"fcn_resnet101", 51949141, 222746867200, 314},
    {"deeplabv3_resnet50", 39638869, 168731205888, 180},
    {"deeplabv3_resnet101", 58630997, 248752300288, 333},
    {"deeplabv3_mobilenet_v3_large", 11025477, 10436350688, 187},
    {"lraspp_mobilenet_v3_large", 3221538, 2086219688, 171},
    {"ssd300", 35641826, 34858153472, 63},
    {"bert_base", 109482240, 11174215680, 139},
    {"distilbert_base", 66362880, 5586812928, 64},
    {"mobilebert", 24844544, 2693005312, 679},
    {"gpt2", 124439808, 11173625856, 112},
    {"gpt2_lm", 124439808, 16114089984, 113},
    {"whisper_tiny_encoder", 8208384, 18468864000, 40},
    {"whisper_tiny_decoder", 29552256, 1782340608, 59},
    {"mobilenet_v1?width=1.25", 6270840, 879516800, 0},
    {"efficientnet_b4?resolution=224", 19341616, 1503710432, 0},
    {"inception_v3?resolution=224", 23834568, 2837921120, 0},
    {"fcn_resnet50?resolution=224", 32957013, 26484498432, 0},
    {"deeplabv3_mobilenet_v3_large?resolution=224", 11025477, 1882169120, 0},
    {"lraspp_mobilenet_v3_large?resolution=224", 3221538, 379281312, 0},
    {"efficientnet_b7?resolution=224", 66347960, 5169865152, 0},
    // Their authors': the table of pytorchcv for ProxylessNAS, darknet's weight files less running
    // statistics.
    {"proxylessnas", 4080512, 320427584, 0},
    {"tiny_yolo", 15861773, 3485520896, 0},
    {"tiny_yolo@3?classes=80", 8852366, 2782480896, 0},
};

/// The constant-cost family: multiply-adds as derived from the description of the layers.
const Published kVariants[] = {
    {"alexnet_bs", 0, 913580736, 0},
    {"alexnet_p2", 0, 913580736, 0},
    {"alexnet_fd2", 0, 902963904, 0},
    {"alexnet_fd5", 0, 701244096, 0},
    {"alexnet_fw1", 0, 1372003152, 0},
    {"alexnet_fw5", 0, 966664896, 0},
    {"alexnet_wd8", 0, 913580736, 0},
    {"alexnet_wd11", 0, 913580736, 0},
    {"alexnet_wd13", 0, 876547536, 0},
    {"alexnet_wd18", 0, 919552704, 0},
    {"alexnet_wd25", 0, 917313216, 0},
    {"alexnet_wd38", 0, 913580736, 0},
    // Twice a single network.
    {"two_alexnet", 2 * 61100840, 2 * 714188480, 0},
    {"two_squeezenet", 2 * 1235496, 2 * 349151936, 0},
};

std::int64_t elements(const Graph& graph, TensorId id) {
  return elements_of(*graph[id].type.shape);
}

/// A twin that knows three operators and reads the declared shapes.
std::int64_t macs(const Graph& graph) {
  std::int64_t total = 0;
  for (const Node& node : graph.nodes()) {
    if (node.op == "Conv") {
      const Shape& weight = *graph[node.inputs[1]].type.shape;
      total += elements(graph, node.outputs[0]) * (elements_of(weight) / weight[0].number());
    } else if (node.op == "Gemm" || node.op == "MatMul") {
      total += elements(graph, node.outputs[0]) * graph[node.inputs[0]].type.shape->back().number();
    }
  }
  return total;
}

std::int64_t parameters(const Graph& graph) {
  std::int64_t total = 0;
  for (const Tensor& tensor : graph.tensors()) {
    const bool running = tensor.name.ends_with(".running_mean") || tensor.name.ends_with(".running_var");
    if (tensor.constant && tensor.constant->encoding == Encoding::omitted && !running) {
      total += elements_of(*tensor.type.shape);
    }
  }
  return total;
}

/// One call may be several nodes, which follow each other.
std::int64_t module_calls(const Graph& graph) {
  std::int64_t total = 0;
  std::string last;
  for (const Node& node : graph.nodes()) {
    if (!node.module_path.empty() && node.module_path != last) ++total;
    last = node.module_path;
  }
  return total;
}

TEST(Zoo, TotalsEqualThoseOfTheSource) {
  for (const Published& expected : kPublished) {
    SCOPED_TRACE(expected.specification);
    const Graph graph = build(expected.specification);
    EXPECT_EQ(parameters(graph), expected.parameters);
    EXPECT_EQ(macs(graph), expected.macs);
    EXPECT_EQ(expected.calls > 0 ? module_calls(graph) : 0, expected.calls);
    const auto metadata = graph.metadata();
    EXPECT_EQ(std::count(metadata.begin(), metadata.end(),
                         std::pair<std::string, std::string>("learnt_parameters",
                                                             std::to_string(expected.parameters))),
              1);
  }
}

TEST(Zoo, ConstantCostVariantsCostWhatTheyShould) {
  for (const Published& expected : kVariants) {
    SCOPED_TRACE(expected.specification);
    const Graph graph = build(expected.specification);
    EXPECT_EQ(macs(graph), expected.macs);
    EXPECT_EQ(expected.parameters > 0 ? parameters(graph) : 0, expected.parameters);
  }
}

TEST(Zoo, TablesHoldEveryNetwork) {
  std::set<std::string> tested{"conv_sweep", "random_blocks", "random_kernel", "random_network"};
  for (const Published& item : kPublished) tested.insert(item.specification);
  for (const Published& item : kVariants) tested.insert(item.specification);
  for (const Listing& item : list()) EXPECT_TRUE(tested.contains(item.name)) << item.name;
}

TEST(Zoo, CostScalesWithTheBatch) {
  for (const char* name :
       {"resnet18", "vit_b_16", "swin_t", "gpt2", "ssd300", "deeplabv3_mobilenet_v3_large"}) {
    SCOPED_TRACE(name);
    const Graph one = build(name);
    const Graph three = build(std::string(name) + "?batch=3");
    EXPECT_EQ(macs(three), 3 * macs(one));
    EXPECT_EQ(parameters(three), parameters(one));
  }
}

TEST(Zoo, SweepsOneConvolution) {
  // 56 x 56 pixels, 32 channels before and behind the probed layer; the last layer reads its 64 channels
  // instead of 32.
  const std::int64_t pixels = 56 * 56;
  const std::int64_t added = macs(build("conv_sweep?kernel=5&depth=64")) - macs(build("conv_sweep?depth=0"));
  EXPECT_EQ(added, pixels * (5 * 5 * 32 * 64 + (64 - 32) * 32));
}

}  // namespace
}  // namespace foretime::zoo
