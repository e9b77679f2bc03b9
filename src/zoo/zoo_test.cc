#include "zoo/zoo.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/error.h"
#include "graph/structure_hash.h"

namespace foretime::zoo {
namespace {

std::string message_of(std::string_view specification) {
  try {
    (void)build(specification);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Zoo, SaysWhatWouldHaveBeenAccepted) {
  const std::pair<const char*, const char*> cases[] = {
      {"resnet5", "zoo:resnet5: no such network (did you mean resnet50?)"},
      {"zoo:resnet50@2", "zoo:resnet50: no version '2' (there is only one)"},
      {"mobilenet_v3_small@0.8", "zoo:mobilenet_v3_small: no version '0.8' (0.9, or none)"},
      {"resnet50?widht=2", "zoo:resnet50: no option 'widht' (one of batch, resolution, classes)"},
      {"mobilenet_v2?widt=2", "zoo:mobilenet_v2: no option 'widt' (did you mean width?)"},
      {"resnet50?batch=0", "zoo:resnet50: batch=0 is not possible (a whole number from 1 to 65536)"},
      {"resnet50?batch=2x", "zoo:resnet50: batch=2x is not possible (a whole number from 1 to 65536)"},
      {"mobilenet_v2?width=nan", "zoo:mobilenet_v2: width=nan is not possible (a number from 0.05 to 16)"},
      {"resnet50?batch", "zoo specification 'resnet50?batch': 'batch' has no value (key=value&key=value…)"},
      {"resnet50?batch=1&batch=2", "zoo specification 'resnet50?batch=1&batch=2': 'batch' is given twice"},
      {"alexnet?resolution=32",
       "zoo:alexnet, features.12: its kernel does not fit on an input of 1x256x1x1 (a larger input)"},
      {"alexnet?resolution=320",
       "zoo:alexnet, avgpool: no regular pooling turns 9x9 into 6x6 (a resolution that leaves a multiple of "
       "it here)"},
      {"bert_base?seq=513", "zoo:bert_base: 513 tokens are too many (up to 512)"},
      {"tiny_yolo?resolution=400", "zoo:tiny_yolo: a resolution of 400 is not possible (multiples of 32)"},
  };
  for (const auto& [specification, message] : cases)
    EXPECT_EQ(message_of(specification), message) << specification;
}

TEST(Zoo, BuildsTheSameTwice) {
  const Graph a = build("zoo:mobilenet_v3_small@0.9?batch=2");
  const Graph b = build("zoo:mobilenet_v3_small@0.9?batch=2");
  ASSERT_EQ(a.nodes().size(), b.nodes().size());
  for (std::size_t i = 0; i < a.nodes().size(); ++i) EXPECT_EQ(a.nodes()[i].name, b.nodes()[i].name);
  EXPECT_EQ(a.metadata()[0],
            (std::pair<std::string, std::string>("zoo", "zoo:mobilenet_v3_small@0.9?batch=2")));
}

TEST(Zoo, MarksModulesAndLeavesFunctionalCallsBlank) {
  const Graph graph = build("resnet18");
  const Node& conv = graph.nodes()[0];
  EXPECT_EQ(conv.name, "conv1");
  EXPECT_EQ(conv.module_path, "conv1");
  EXPECT_EQ(conv.source_op, "Conv2d");
  EXPECT_EQ(graph[conv.inputs[1]].name, "conv1.weight");
  EXPECT_EQ(graph[conv.inputs[1]].constant->encoding, Encoding::omitted);
  const auto nodes = graph.nodes();
  const auto sum =
      std::find_if(nodes.begin(), nodes.end(), [](const Node& node) { return node.op == "Add"; });
  EXPECT_EQ(sum->name, "layer1.0/Add");
  EXPECT_EQ(sum->module_path, "");
  EXPECT_EQ(sum->source_op, "");
}

TEST(Zoo, SharesTiedWeights) {
  const Graph graph = build("gpt2_lm?seq=8");
  EXPECT_EQ(graph.consumers(*graph.find_tensor("transformer.wte.weight")).size(), 2u);
}

TEST(Zoo, SeedsGiveTheRandomNetworksOfTheirVersion) {
  std::uint64_t all = 0;
  for (int seed = 1; seed <= 20; ++seed) {
    for (const char* family : {"random_blocks?seed=", "random_network?seed="})
      all = all * 31 + structure_hash(build(family + std::to_string(seed)));
  }
  EXPECT_EQ(all, 2207080356654582192U) << "kRandomNetworks grows with it";
  EXPECT_EQ(kRandomNetworks, 7);
}

// Neither totals nor module rows see how modules are wired.
TEST(Zoo, WiresModulesAsTheSourceDoes) {
  const Graph separable = build("mobilenet_v1");
  for (const Node& node : separable.nodes())
    EXPECT_NE(node.op, "Add") << node.name << ": timm's blocks have none";
  const Graph lraspp = build("lraspp_mobilenet_v3_large");
  const auto nodes = lraspp.nodes();
  const auto low = std::find_if(nodes.begin(), nodes.end(),
                                [](const Node& node) { return node.name == "classifier.low_classifier"; });
  ASSERT_NE(low, nodes.end());
  EXPECT_EQ(lraspp[low->inputs[0]].name, "backbone.4.block.3.1");
}

TEST(Zoo, ListsOptionsAndInputs) {
  const auto items = list();
  const auto item = std::find_if(items.begin(), items.end(),
                                 [](const Listing& l) { return l.name == "mobilenet_v3_large"; });
  ASSERT_NE(item, items.end());
  EXPECT_EQ(item->input, "1x3x224x224");
  EXPECT_EQ(item->options, "batch=1&resolution=224&classes=1000&width=1");
  EXPECT_EQ(item->versions, std::vector<std::string>{"0.9"});
  EXPECT_EQ(item->source, "torchvision");
}

}  // namespace
}  // namespace foretime::zoo
