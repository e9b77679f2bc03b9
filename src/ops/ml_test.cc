#include <gtest/gtest.h>

#include "ops/testing.h"

namespace foretime::ops::testing {
namespace {

using Ints = std::vector<std::int64_t>;
using Floats = std::vector<float>;
using Texts = std::vector<std::string>;

const Input kTable = f32({2, 3});

Case ml(std::string op, std::vector<Input> inputs, Attributes attributes, std::vector<std::string> outputs,
        std::int64_t macs = kAnyCost, std::int64_t flops = kAnyCost) {
  return {std::move(op),
          std::move(inputs),
          std::move(attributes),
          std::move(outputs),
          macs,
          flops,
          "ai.onnx.ml",
          3};
}

// Types as ONNX Runtime 1.31 returns them.
TEST(Ml, Features) {
  const Input text = typed(DataType::string, {2});
  const Input number = typed(DataType::int64, {2});
  const std::vector<Case> cases = {
      ml("Scaler", {typed(DataType::int64, {2, 3})}, {}, {"float32[2,3]"}, 0, 12),
      ml("Normalizer", {f32({3})}, {}, {"float32[3]"}, 0, 9),
      ml("Imputer", {kTable}, {}, {"float32[2,3]"}),
      ml("ArrayFeatureExtractor", {kTable, ints({0, 2})}, {}, {"float32[2,2]"}),
      ml("ArrayFeatureExtractor", {f32({3}), ints({0, 2})}, {}, {"float32[1,2]"}),
      ml("ArrayFeatureExtractor", {f32({2, 5, 3}), ints({1, 2}, {0, 2})}, {}, {"float32[2,5,2]"}),
      ml("CategoryMapper", {text}, {}, {"int64[2]"}),
      ml("LabelEncoder", {number}, {{"values_strings", Texts{"a"}}}, {"string[2]"}),
      ml("LabelEncoder", {text}, {{"classes_strings", Texts{"a"}}}, {"int64[2]"}),
      ml("OneHotEncoder", {typed(DataType::int64, {1, 2})}, {{"cats_int64s", Ints{1, 2, 3}}},
         {"float32[1,2,3]"}),
      ml("FeatureVectorizer", {kTable, f32({2, 4})}, {{"inputdimensions", Ints{3, 4}}}, {"float32[2,7]"}),
      ml("FeatureVectorizer", {f32({3}), f32({4})}, {{"inputdimensions", Ints{3, 4}}}, {"float32[1,7]"}),
      ml("ZipMap", {kTable}, {{"classlabels_int64s", Ints{0, 1, 2}}}, {"seq(float32[3])"}),
  };
  for (const Case& test : cases) EXPECT_EQ(mismatch(test), "");
}

TEST(Ml, Models) {
  const Attributes tree{{"nodes_treeids", Ints{0, 0, 0, 1, 1, 1}},
                        {"nodes_featureids", Ints{0, 0, 0, 0, 0, 0}},
                        {"classlabels_int64s", Ints{0, 1}}};
  const std::vector<Case> cases = {
      ml("LinearRegressor", {kTable},
         {{"coefficients", Floats(6)}, {"intercepts", Floats(2)}, {"targets", std::int64_t{2}}},
         {"float32[2,2]"}, 12, 28),
      ml("LinearClassifier", {kTable}, {{"coefficients", Floats(9)}, {"classlabels_ints", Ints{0, 1, 2}}},
         {"int64[2]", "float32[2,3]"}, 18, 36),
      ml("LinearClassifier", {f32({3})},
         {{"coefficients", Floats(3)}, {"classlabels_strings", Texts{"a", "b"}}},
         {"string[1]", "float32[1,2]"}, 3),
      ml("SVMRegressor", {kTable}, {{"support_vectors", Floats(6)}, {"coefficients", Floats(2)}},
         {"float32[2,1]"}, 16, 40),
      ml("SVMClassifier", {kTable},
         {{"support_vectors", Floats(9)},
          {"vectors_per_class", Ints{1, 1, 1, 1}},
          {"classlabels_ints", Ints{0, 1, 2, 3}}},
         {"int64[2]", "float32[2,6]"}),
      ml("TreeEnsembleRegressor", {kTable}, tree, {"float32[2,1]"}, 0, 4),
      ml("TreeEnsembleClassifier", {kTable}, tree, {"int64[2]", "float32[2,2]"}, 0, 4),
      ml("TreeEnsemble", {kTable}, {{"n_targets", std::int64_t{4}}}, {"float32[2,4]"}, 0, 0),
  };
  for (const Case& test : cases) EXPECT_EQ(mismatch(test), "");
}

}  // namespace
}  // namespace foretime::ops::testing
