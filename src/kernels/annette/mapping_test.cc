#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "kernels/annette/mappings.h"
#include "kernels/annette/network.h"

namespace foretime::annette {
namespace {

using ::testing::HasSubstr;

std::string no_file(const std::string& path) {
  throw Error(path, "is not read here");
}

std::string layer(const std::string& name, const std::string& type, const std::string& parents,
                  const std::string& children, const std::string& more = "") {
  return "\"" + name + R"(": {"type": ")" + type + R"(", "parents": [)" + parents + R"(], "children": [)" +
         children + "]" + more + "}";
}

/// x → conv (3x3, 8 channels) → relu → relu2 → pool
RawGraph chain() {
  return parse_raw_graph(
      "{\"layers\": {" + layer("x", "DataInput", "", "\"c\"", R"(, "output_shape": [-1, 8, 8, 4])") + "," +
          layer(
              "c", "Conv", "\"x\"", "\"r\"",
              R"(, "kernel_shape": [3, 3, 4, 8], "input_shape": [-1, 8, 8, 4], "output_shape": [-1, 8, 8, 8])") +
          "," + layer("r", "Relu", "\"c\"", "\"s\"") + "," + layer("s", "Relu", "\"r\"", "\"p\"") + "," +
          layer("p", "Pool", "\"s\"", "", R"(, "kernel_shape": [1, 2, 2, 1], "pooling_type": "MAX")") + "}}",
      "g");
}

std::string order_with(const std::string& rules) {
  const RawGraph raw = chain();
  Network network = load(raw);
  apply(parse_rules(rules, "r"), network);
  std::string text;
  for (const std::size_t place : network.order) {
    text += (text.empty() ? "" : " ") + std::string(network.layers[place].name) + ":" +
            std::string(network.layers[place].type);
  }
  return text;
}

TEST(AnnetteMapping, RunsEachRuleOnce) {
  const std::pair<const char*, const char*> table[] = {
      {"", "x:DataInput c:Conv r:Relu s:Relu p:Pool"},
      {"remove Relu", "x:DataInput c:Conv p:Pool"},
      {"fuse Conv + Relu", "x:DataInput c:Conv s:Relu p:Pool"},
      {"fuse Conv + Relu\nfuse Conv + Relu", "x:DataInput c:Conv s:Relu p:Pool"},
      {"fuse Relu + Relu -> R2\nfuse R2 + Pool", "x:DataInput c:Conv r:R2"},
      {"split Pool = A B\nfuse Conv + Relu", "x:DataInput c:Conv s:Relu p_A:A p_B:B"},
      {"fuse Conv + Relu where producer.num_ops > 1000 and producer.kernel_shape[2] == 4",
       "x:DataInput c:Conv s:Relu p:Pool"},
      {"fuse Conv + Relu where producer.num_weights > 288", "x:DataInput c:Conv r:Relu s:Relu p:Pool"},
      {"fuse Relu + Pool where consumer.pooling_type == AVG", "x:DataInput c:Conv r:Relu s:Relu p:Pool"},
      {"fuse Relu + Pool where consumer.pooling_type == MAX", "x:DataInput c:Conv r:Relu s:Relu"},
  };
  for (const auto& [rules, order] : table) EXPECT_EQ(order_with(rules), order) << rules;
}

TEST(AnnetteMapping, FailsWhereAnnetteDoes) {
  EXPECT_THROW(order_with("split Pool = A B"), Error);
  EXPECT_THROW(order_with("consumers all"), Error);
  EXPECT_THROW(order_with("alias Relu = act"), Error);
}

TEST(AnnetteMapping, OfOv2IsRefused) {
  try {
    mapping_for("ov2");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("classifiers"));
  }
  EXPECT_THROW(mapping_for("ovv"), Error);
}

TEST(AnnetteMappingJson, MakesRulesOfDecisionTrees) {
  const auto read = [](const std::string& path) {
    EXPECT_EQ(path, "tree.json");
    return std::string(
        R"({"left": [1, -1, 3, -1, -1], "right": [2, -1, 4, -1, -1], "feature": [0, -2, 1, -2, -2],
                          "threshold": [4, 0, 2.5, 0, 0], "class": [0, 1, 0, 0, 1]})");
  };
  const RuleSet rules = mapping_of_json(
      R"({"name": "m", "R": {"prim_type": "Conv", "sec_type": "Pool", "out_type": "ConvPool", "est_model": "tree.json",
          "conv_dict": {"1": {"name": "kernel_shape", "i": 1, "layer": "primary"}, "0": {"name": "num_ops", "layer": "primary"}},
          "fuse_cond": {"primary": {}, "secondary": {"0": {"name": "pooling_type", "cond": "==", "val": "MAX"}}}},
          "D": {"prim_type": "Dropout", "sec_type": null, "out_type": null}})",
      "m.json", read);
  EXPECT_EQ(to_text(rules),
            "fuse Conv + Pool -> ConvPool where consumer.pooling_type == MAX and producer.num_ops <= 4\n"
            "fuse Conv + Pool -> ConvPool where consumer.pooling_type == MAX and producer.num_ops > 4 and "
            "producer.kernel_shape[1] > 2.5\n"
            "remove Dropout\n");
}

TEST(AnnetteMappingJson, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> table[] = {
      {"[]", "m: is no mapping model"},
      {R"({"R": 1})", "m: R: is no rule"},
      {R"({"R": {}})", "m: R: has no 'prim_type'"},
      {R"({"R": {"prim_type": "A", "out_type": []}})", "m: R: splits into what is no list of types"},
      {R"({"R": {"prim_type": "A", "sec_type": "B", "fuse_cond": {"primary": {"0": {"name": "x", "cond": "!", "val": "1"}}}}})",
       "m: R: has a condition with '!' (==, >, <, >= or <=)"},
      {R"({"R": {"prim_type": "A", "sec_type": "B", "est_model": "x.sav"}})",
       "m: R: asks the classifier x.sav"},
  };
  for (const auto& [text, message] : table) {
    try {
      mapping_of_json(text, "m", no_file);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(message));
    }
  }
}

}  // namespace
}  // namespace foretime::annette
