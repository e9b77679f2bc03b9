#include "zoo/sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "ops/infer.h"

namespace foretime::zoo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kHead = "foretime.sweep: 1\ndevice: toy\nbenchmarks:\n";

std::vector<std::string> ids(const std::string& benchmarks) {
  std::vector<std::string> all;
  for (const SweepNetwork& network : parse_sweep(kHead + benchmarks, "s.yaml").networks)
    all.push_back(network.id);
  return all;
}

TEST(Sweep, VariesOneColumnAfterTheOther) {
  EXPECT_THAT(ids("- layers: conv\n  name: c\n  at: {width: 8, channels: 4}\n"
                  "  sweep: {channels: [4, 5], filters: {from: 4, to: 16, times: 2}}\n"),
              ElementsAre("c_b1_w8_h8_c4_f4_k3_s1_d1", "c_b1_w8_h8_c5_f5_k3_s1_d1",
                          "c_b1_w8_h8_c4_f8_k3_s1_d1", "c_b1_w8_h8_c4_f16_k3_s1_d1"));
}

TEST(Sweep, GridsCombine) {
  EXPECT_THAT(ids("- layers: [conv]\n  name: c\n  at: {width: 8, channels: 4}\n  grid: {k_size: [1, 3], "
                  "stride: {from: 1, to: 2}}\n"),
              ElementsAre("c_b1_w8_h8_c4_f4_k1_s1_d1", "c_b1_w8_h8_c4_f4_k1_s2_d1",
                          "c_b1_w8_h8_c4_f4_k3_s1_d1", "c_b1_w8_h8_c4_f4_k3_s2_d1"));
}

/// What the graphs of a sweep hold, by network.
struct Contents {
  std::map<std::string, std::vector<std::string>> operators;
  std::map<std::string, std::string> inputs;  // sizes of the first
  std::map<std::string, std::string> means;   // what the last global mean reads
};

Contents contents(const std::string& benchmark) {
  Contents all;
  Diagnostics diagnostics;
  for (const SweepNetwork& network : parse_sweep(kHead + benchmark, "s.yaml").networks) {
    const Graph graph = build(network);
    ops::infer(graph, {}, diagnostics);
    for (const Node& node : graph.nodes()) {
      all.operators[network.id].push_back(node.op);
      if (node.op == "GlobalAveragePool") all.means[network.id] = graph[node.inputs[0]].name;
    }
    for (const Dim& size : *graph[graph.inputs()[0]].type.shape)
      all.inputs[network.id] += std::to_string(size.number()) + " ";
  }
  return all;
}

constexpr const char* kChain = "- layers: [conv, max_pool, relu]\n  name: c\n"
                               "  at: {width: 9, channels: 4, filters: 6, stride: 2}\n  pairs: true\n";

TEST(Sweep, SaysWhichDeviceItIsFor) {
  EXPECT_EQ(parse_sweep(std::string(kHead) + kChain, "s.yaml").device, "toy");
}

TEST(Sweep, PairsAndPaddingAreNetworksOfTheirOwn) {
  auto [operators, inputs, means] = contents(std::string(kChain) + "  padding: true\n");
  const std::string id = "c_b1_w9_h9_c4_f6_k3_s2_d1";
  EXPECT_EQ(operators.size(), 9);
  EXPECT_THAT(operators[id], ElementsAre("Conv", "MaxPool", "Relu"));
  EXPECT_THAT(operators[id + ".padded"], ElementsAre("Conv", "Conv", "MaxPool", "Relu", "Conv"));
  EXPECT_THAT(operators[id + ".padding"], ElementsAre("Conv", "Conv"));
  EXPECT_EQ(inputs[id + ".padded"], "1 3 9 9 ");
  EXPECT_THAT(operators[id + ".1.first"], ElementsAre("Conv"));
  EXPECT_THAT(operators[id + ".1.second"], ElementsAre("MaxPool"));
  EXPECT_EQ(inputs[id + ".1.second"], "1 6 5 5 ");
  EXPECT_THAT(operators[id + ".1.both"], ElementsAre("Conv", "MaxPool"));
  EXPECT_THAT(operators[id + ".2.both"], ElementsAre("MaxPool", "Relu"));
}

TEST(Sweep, TapsReadWhatTheFirstLayerMakes) {
  auto [operators, inputs, means] = contents(std::string(kChain) + "  taps: true\n  copies: 2\n");
  const std::string id = "c_b1_w9_h9_c4_f6_k3_s2_d1";
  EXPECT_EQ(operators.size(), 9);
  EXPECT_THAT(operators[id], ElementsAre("Conv", "MaxPool", "Relu"));  // no copies, no taps
  EXPECT_THAT(operators[id + ".1.first"], ElementsAre("Conv", "GlobalMaxPool", "Conv", "GlobalMaxPool"));
  EXPECT_THAT(operators[id + ".2.both"],
              ElementsAre("MaxPool", "Relu", "GlobalMaxPool", "MaxPool", "Relu", "GlobalMaxPool"));
  EXPECT_THAT(operators[id + ".1.first_tapped"],
              ElementsAre("Conv", "GlobalAveragePool", "GlobalMaxPool", "Conv", "GlobalAveragePool",
                          "GlobalMaxPool"));
  EXPECT_THAT(operators[id + ".1.both_tapped"],
              ElementsAre("Conv", "MaxPool", "GlobalAveragePool", "GlobalMaxPool", "Conv", "MaxPool",
                          "GlobalAveragePool", "GlobalMaxPool"));
  EXPECT_EQ(means[id + ".1.both_tapped"], "copy2_conv");
}

/// Both networks must differ by the layers alone, so what cannot be narrowed is not padded.
TEST(Sweep, PadsImagesOnly) {
  const Sweep sweep = parse_sweep(
      std::string(kHead) + "- layers: fully_connected\n  at: {width: 7, channels: 16}\n  padding: true\n",
      "s.yaml");
  const auto padded = std::find_if(sweep.networks.begin(), sweep.networks.end(),
                                   [](const SweepNetwork& each) { return each.part == SweepPart::padded; });
  ASSERT_NE(padded, sweep.networks.end());
  try {
    build(*padded);
    FAIL() << "padded";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("fully_connected makes no image, which cannot be narrowed"));
  }
}

/// All layers there are, where they fit.
TEST(Sweep, LayersAreNetworks) {
  for (const char* layers :
       {"depthwise_conv", "[depthwise_conv, pointwise_conv]", "conv_transpose", "avg_pool", "global_pool",
        "fully_connected", "[conv, add, relu6]", "[conv, concat, softmax]", "[batch_norm, leaky_relu]",
        "[conv, sigmoid, tanh, silu, hardswish]"}) {
    const Sweep sweep = parse_sweep(
        std::string(kHead) + "- layers: " + layers + "\n  at: {width: 8, channels: 4, stride: 2}\n",
        "s.yaml");
    ASSERT_EQ(sweep.networks.size(), 1) << layers;
    Diagnostics diagnostics;
    EXPECT_NO_THROW(ops::infer(build(sweep.networks[0]), {}, diagnostics)) << layers;
  }
}

TEST(Sweep, SaysWhatIsWrong) {
  const std::pair<std::string, const char*> table[] = {
      {"[", "s.yaml:1: "},
      {"foretime.sweep: 2\ndevice: a\nbenchmarks: []\n", "s.yaml:1: has another version (foretime.sweep: 1)"},
      {"foretime.sweep: 1\nbenchmarks: []\n", "'device' is missing"},
      {kHead + std::string("- layer: conv\n"), "s.yaml:4: the unknown key 'layer' (did you mean layers?)"},
      {kHead + std::string("- layers: convv\n"), "there is no layer 'convv' (did you mean conv?)"},
      {kHead + std::string("- name: x\n"), "needs 'layers' or 'template' (one of them)"},
      {kHead + std::string("- layers: conv\n"), "'width' is not given (at: {width: …})"},
      {kHead + std::string("- layers: conv\n  at: {widh: 3}\n"),
       "there is no column 'widh' (did you mean width?)"},
      {kHead + std::string("- layers: conv\n  at: {width: 0}\n"), "s.yaml:5: is no size (1 to 65536)"},
      {kHead + std::string("- layers: conv\n  at: {width: [1, 2]}\n"), "'at' has several values of width"},
      {kHead + std::string(
                   "- layers: conv\n  at: {width: 4, channels: 4}\n  grid: {filters: {from: 4, to: 2}}\n"),
       "ends before it begins"},
      {kHead + std::string("- layers: conv\n  at: {width: 4, channels: 4}\n  grid: {filters: {from: 1, to: "
                           "2, step: 1, times: 2}}\n"),
       "grows by 'step' or by 'times'"},
      {kHead + std::string("- layers: conv\n  pairs: true\n"), "has no pairs (two layers or more)"},
      {kHead + std::string("- layers: conv\n  copies: 2\n"),
       "copies no pairs ('pairs: true' with 'copies: N')"},
      {kHead + std::string("- layers: [conv, relu]\n  pairs: true\n  copies: 0\n"),
       "is no size (1 to 65536)"},
      {kHead + std::string("- layers: conv\n  pairs: perhaps\n"), "'pairs' is neither true nor false"},
      {kHead + std::string("- layers: conv\n  name: ../up\n"), "'../up' is no name"},
      {kHead + std::string("- layers: conv\n  at: {width: 4, channels: 4}\n  grid: {filters: {from: 1, to: "
                           "60000}, width: [1, 2]}\n"),
       "asks for more than 100000 networks"},
  };
  for (const auto& [yaml, message] : table) {
    try {
      parse_sweep(yaml, "s.yaml");
      ADD_FAILURE() << yaml;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(message)) << yaml;
    }
  }
  const Sweep flat = parse_sweep(
      std::string(kHead) + "- layers: [fully_connected, conv]\n  at: {width: 4, channels: 4}\n", "s.yaml");
  EXPECT_THROW(build(flat.networks[0]), Error);
  const Sweep large =
      parse_sweep(std::string(kHead) + "- layers: conv\n  at: {width: 4, channels: 60000}\n", "s.yaml");
  EXPECT_THROW(build(large.networks[0]), Error);
}

}  // namespace
}  // namespace foretime::zoo
