#include "kernels/nn_meter/detector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "base/error.h"
#include "kernels/nn_meter/rule_sets.h"

namespace foretime::nn_meter {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// "a Conv; b Relu a" as a graph: a name, a type, and the names of producers. All shapes are [1,8,8,4].
nnmeter::RawGraph graph_of(const std::string& text) {
  nnmeter::RawGraph graph;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line, ';');) {
    std::istringstream words(line);
    nnmeter::RawNode& node = graph.nodes.emplace_back();
    words >> node.name >> node.type;
    for (std::string name; words >> name;) node.inbounds.push_back(name);
    node.input_shapes = {{1, 8, 8, 4}};
    node.output_shapes = {{1, 8, 8, 4}};
  }
  return graph;
}

std::vector<std::string> names_of(const std::string& graph, const std::string& rules) {
  std::vector<std::string> names;
  for (const Kernel& kernel : detect_kernels(graph_of(graph), parse_rules(rules, "r"))) {
    names.push_back(kernel.config.name);
  }
  return names;
}

std::string message_of(const std::string& graph, const std::string& rules) {
  try {
    names_of(graph, rules);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(NnMeterDetector, FusesPairsByTheTypeOfTheFirst) {
  EXPECT_THAT(
      names_of("a conv; b bn a; c relu b; d add c", "fuse conv + bn\nfuse conv + relu\nfuse relu + add"),
      ElementsAre("conv-bn-relu#0", "add#1"))
      << "a relu that was absorbed absorbs nothing";
  EXPECT_THAT(names_of("a conv; b relu a; c relu a", "fuse conv + relu"),
              ElementsAre("conv#0", "relu#1", "relu#2"));
  EXPECT_THAT(names_of("a conv; b relu a; c relu a; d add b c", "fuse conv + relu\nconsumers all"),
              ElementsAre("conv-relu-relu#0", "add#1"));
}

TEST(NnMeterDetector, CountsGroupsThatAreNoKernels) {
  EXPECT_THAT(names_of("p Placeholder; k Const; a conv p; b add a k; lonely relu", ""),
              ElementsAre("conv#2", "add#3"));
}

TEST(NnMeterDetector, FindsBlocksAsInducedSubgraphs) {
  const std::string rules =
      "block hs = graph { input x a = add(x) b = relu(a) y = mul(b, x) output y }\nfuse conv + hs";
  EXPECT_THAT(names_of("c conv; a add c; b relu a; m mul b c", rules), ElementsAre("conv-hs#0"));
  EXPECT_THAT(names_of("c conv; d conv; a add c; b relu a; m mul b d", rules),
              ElementsAre("conv#0", "conv#1", "add#2", "relu#3", "mul#4"))
      << "the gate is another tensor";
  EXPECT_THAT(names_of("c conv; a add c; b relu a; m mul b c a", rules),
              ElementsAre("conv#0", "add#1", "relu#2", "mul#3"))
      << "an edge too many";
  EXPECT_THAT(names_of("c conv; a add c; b relu a; m mul b c; e relu b", rules),
              ElementsAre("conv-hs#0", "relu#1"))
      << "members may have other consumers";
}

TEST(NnMeterDetector, RefusesWhatNnMeterCannotSay) {
  const char* const cases[][2] = {
      {"remove a", "remove: is nothing that nn-Meter's detector knows (set, alias, block, fuse, consumers)"},
      {"split a = b c",
       "split: is nothing that nn-Meter's detector knows (set, alias, block, fuse, consumers)"},
      {"consumers first",
       "consumers first: is nothing that nn-Meter's detector knows (consumers none or all)"},
      {"fuse a + b -> c",
       "fuse a + b: is nothing that nn-Meter's detector knows (two types and nothing else)"},
      {"block b = graph { input x output x }",
       "block b: is nothing that nn-Meter's detector knows (patterns of 1 to 64 nodes)"},
  };
  for (const auto& [rules, message] : cases) EXPECT_EQ(message_of("a conv", rules), message) << rules;
  EXPECT_EQ(message_of("a conv b; b relu a", ""), "a: lies on a cycle, or behind one");
}

TEST(NnMeterDetector, GivesUpOnEndlessSearches) {
  std::string graph;
  std::string last;
  for (int layer = 0; layer < 8; ++layer) {
    std::string names;
    for (int i = 0; i < 40; ++i) {
      const std::string name = "n" + std::to_string(layer) + "_" + std::to_string(i);
      graph += name + " relu" + last + ";";
      names += " " + name;
    }
    last = names;
  }
  const std::string chain =
      "block b = graph { a = relu() b = relu(a) c = relu(b) d = relu(c) e = relu(d) f = relu(e) g = no(f) "
      "output g }";
  EXPECT_THAT(message_of(graph, chain), HasSubstr("matches too many parts of the graph"));
}

TEST(NnMeterRules, OfJsonAreThoseObeyed) {
  const RuleSet rules = device_rules_of_json(
      R"({"BF_a_b": {"obey": true, "latency": {}}, "BF_c_d": {"obey": false}, "MON": {"obey": 1},
          "BF_e_f": {}, "BF_a_b_c": {"obey": 3}, "RT": {"obey": true}})",
      "r.json");
  EXPECT_EQ(to_text(rules),
            "fuse a + b\nconsumers all\nblock a-b-c = graph {\n  t1 = a()\n  t3 = b(t1)\n  t5 = c(t3)\n"
            "  output t5\n}\n");
}

TEST(NnMeterRules, SayWhatIsWrong) {
  const auto message = [](const char* json) -> std::string {
    try {
      rules_of_json(json, "r.json");
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(message("[]"), "r.json: is no file of fusion rules ({\"BF_conv_relu\": {\"obey\": true}})");
  EXPECT_EQ(message(R"({"MON": {"obey": 2}})"),
            "r.json: MON: 'obey' has a value whose meaning is not defined (null, false, 0, true or 1)");
  EXPECT_EQ(message(R"({"BF_a_b": {"obey": "yes"}})"),
            "r.json: BF_a_b: 'obey' is neither a boolean nor a number (true, false, null or an integer)");
  EXPECT_EQ(message(R"({"BF_a_": {"obey": true}})"), "r.json: BF_a_: names an empty type (BF_conv_relu)");
  EXPECT_EQ(message(R"({"BF_a_b": 1})"), "r.json: BF_a_b: is no rule ({\"obey\": true})");
}

TEST(NnMeterRules, AreBuiltInForFourDevices) {
  EXPECT_THAT(devices(), ElementsAre("adreno630gpu_tflite21", "adreno640gpu_tflite21",
                                     "cortexA76cpu_tflite21", "myriadvpu_openvino2019r2"));
  for (const std::string& device : devices()) EXPECT_NO_THROW(detect_kernels({}, rules_for(device)));
  EXPECT_THROW(rules_for("common"), Error);
  try {
    rules_for("adreno640gpu");
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("adreno640gpu: nn-Meter has no rules for this device"));
  }
}

}  // namespace
}  // namespace foretime::nn_meter
