#include "formats/onnx/tree_regressor.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "graph/graph_text.h"

namespace foretime::onnx {
namespace {

/// A model with this node: "attributes" is what stands in its braces.
Graph model(const std::string& attributes) {
  return parse_text(
      "graph { opset \"\" 17 opset \"ai.onnx.ml\" 3 input x: float32[batch,2] c = Cast(x) {to = 1} y = "
      "ai.onnx.ml::TreeEnsembleRegressor(c) {" +
          attributes + "} output y }",
      "test");
}

/// Node 0 splits feature 0 at 1, node 1 feature 1 at -2; leaves are 2, 3 (10, 20) and 4 (40). The nodes of
/// tree 7 stand in no order.
std::string two_trees(const std::string& mode) {
  return "nodes_treeids = [7, 7, 7, 7, 7, 9], nodes_nodeids = [2, 0, 4, 1, 3, 0], nodes_featureids = [0, 0, "
         "0, 1, 0, 0], "
         "nodes_values = [0.0, 1.0, 0.0, -2.0, 0.0, 0.0], nodes_modes = [\"LEAF\", \"" +
         mode + "\", \"LEAF\", \"" + mode +
         "\", \"LEAF\", \"LEAF\"], nodes_truenodeids = [0, 1, 0, 2, 0, 0], nodes_falsenodeids = [0, 4, 0, 3, "
         "0, 0], "
         "target_treeids = [7, 7, 7, 9, 9], target_nodeids = [2, 3, 4, 0, 0], target_ids = [0, 0, 0, 0, 0], "
         "target_weights = [10.0, 20.0, 40.0, 1.0, 2.0]";
}

std::vector<double> predict(const std::string& attributes, const std::vector<float>& rows) {
  const Forest forest = tree_regressor(model(attributes), "test");
  std::vector<double> results(rows.size() / 2);
  forest.predict(rows, results);
  return results;
}

// Below, at and above each threshold; the second feature matters where the first one's test holds.
const std::vector<float> kRows = {0, -3, 0, -2, 0, -1, 1, -3, 1, -1, 2, -3, 2, -2, 2, -1};

TEST(TreeRegressor, EveryMode) {
  using ::testing::ElementsAre;
  EXPECT_THAT(predict(two_trees("BRANCH_LEQ"), kRows), ElementsAre(13, 13, 23, 13, 23, 43, 43, 43));
  EXPECT_THAT(predict(two_trees("BRANCH_LT"), kRows), ElementsAre(13, 23, 23, 43, 43, 43, 43, 43));
  EXPECT_THAT(predict(two_trees("BRANCH_GTE"), kRows), ElementsAre(43, 43, 43, 23, 13, 23, 13, 13));
  EXPECT_THAT(predict(two_trees("BRANCH_GT"), kRows), ElementsAre(43, 43, 43, 43, 43, 23, 23, 13));
}

TEST(TreeRegressor, AveragesAndBaseValues) {
  EXPECT_EQ(predict(two_trees("BRANCH_LEQ") + ", base_values = [0.5]", {0, -3})[0], 13.5);
  EXPECT_EQ(predict(two_trees("BRANCH_LEQ") + ", aggregate_function = \"AVERAGE\", base_values = [0.5]",
                    {0, -3})[0],
            7);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  EXPECT_NE(text.find(from), std::string::npos) << from;
  return text.replace(text.find(from), from.size(), to);
}

std::string error_of(const Graph& graph) {
  try {
    tree_regressor(graph, "m");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(TreeRegressor, SaysWhatItDoesNotRead) {
  const std::string good = two_trees("BRANCH_LEQ");
  const std::vector<std::pair<std::string, std::string>> cases = {
      {two_trees("BRANCH_EQ"), "mode BRANCH_EQ (BRANCH_LEQ, BRANCH_LT, BRANCH_GTE, BRANCH_GT, LEAF)"},
      {good + ", aggregate_function = \"MAX\"", "aggregate_function is MAX (SUM, AVERAGE)"},
      {good + ", post_transform = \"LOGISTIC\"", "post_transform is LOGISTIC (NONE)"},
      {good + ", n_targets = 2", "has 2 targets (1)"},
      {good + ", base_values = [1.0, 2.0]", "has 2 base values (at most 1)"},
      {replaced(good, "target_ids = [0, 0", "target_ids = [0, 1"), "a weight of target 1 (0)"},
      {replaced(good, "target_treeids = [7, 7", "target_treeids = [7, 8"),
       "a weight of tree 8, which has no nodes"},
      {replaced(good, "target_nodeids = [2, 3", "target_nodeids = [2, 1"),
       "a weight of node 1, which is no leaf"},
      {replaced(good, "nodes_nodeids = [2, 0, 4", "nodes_nodeids = [2, 0, 2"), "tree 7 has node 2 twice"},
      {replaced(good, "nodes_truenodeids = [0, 1", "nodes_truenodeids = [0, 6"), "tree 7 has no node 6"},
      {replaced(good, "nodes_values = [0.0, ", "nodes_values = ["), "nodes_values has 5 items (6)"},
      {replaced(good, "nodes_featureids = [0, 0", "nodes_featureids = [0, -1"),
       "a split on feature -1 (0 to 65535)"},
      {"n_targets = 1", "has no nodes_treeids (at least a leaf)"},
  };
  for (const auto& [attributes, expected] : cases) {
    EXPECT_EQ(error_of(model(attributes)), "m: TreeEnsembleRegressor: " + expected) << attributes;
  }
  EXPECT_EQ(error_of(model(replaced(good, "nodes_truenodeids = [0, 1", "nodes_truenodeids = [0, 4"))),
            "m: TreeEnsembleRegressor: tree 7 has 2 roots (1)");
  EXPECT_EQ(error_of(parse_text("graph { input x: float32[1] y = Relu(x) output y }", "test")),
            "m: holds a Relu (a TreeEnsembleRegressor alone)");
  EXPECT_EQ(error_of(parse_text("graph { input x: float32[1] y = Identity(x) output y }", "test")),
            "m: holds no TreeEnsembleRegressor (one)");
}

}  // namespace
}  // namespace foretime::onnx
