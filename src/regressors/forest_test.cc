#include "regressors/forest.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "base/error.h"
#include "regressors/forest_json.h"

namespace foretime {
namespace {

using ::testing::ElementsAre;

TEST(Forest, ThresholdsSayTheSameOfEveryFloat) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const double threshold :
       {0.0, 0.1, -0.1, 1.5, 1e-40, -1e-40, 16777217.0, 1e30, 0.1F + 1e-12, 0.1F - 1e-12}) {
    const float near = static_cast<float>(threshold);
    const float below = threshold_below(threshold, true);
    const float strictly = threshold_below(threshold, false);
    for (const float x :
         {std::nextafter(near, -kInfinity), near, std::nextafter(near, kInfinity), 0.0F, -0.0F, 3e38F}) {
      EXPECT_EQ(x < below, static_cast<double>(x) <= threshold) << threshold << " " << x;
      EXPECT_EQ(x < strictly, static_cast<double>(x) < threshold) << threshold << " " << x;
    }
  }
  EXPECT_EQ(threshold_below(1e300, true), kInfinity);
  EXPECT_EQ(threshold_below(NAN, true), kInfinity);
}

/// A forest of a stump and a leaf; `more` stands between its keys.
std::string forest(const std::string& aggregate, const std::string& goes_left, const std::string& more = "") {
  return R"({"foretime.forest":1,"features":2,"aggregate":")" + aggregate + R"(","goes_left":")" + goes_left +
         "\"," + more +
         R"("trees":[{"left":[2,-1,-1],"right":[1,-1,-1],"feature":[1,-2,-2],"threshold":[0.5,-2,-2],"value":[9,3,5]},)"
         R"({"left":[-1],"right":[-1],"feature":[-2],"threshold":[-2],"value":[1]}]})";
}

std::vector<double> predict(const std::string& text) {
  const Forest read = parse_forest_json(text, "f.json");
  const std::vector<float> rows = {0, 0, 0, 0.5F, 0, 1};
  std::vector<double> results(3);
  read.predict(rows, results);
  return results;
}

TEST(ForestJson, SumsAndAverages) {
  EXPECT_THAT(predict(forest("sum", "less_or_equal")), ElementsAre(6, 6, 4));
  EXPECT_THAT(predict(forest("sum", "less")), ElementsAre(6, 4, 4));
  EXPECT_THAT(predict(forest("average", "less", R"("base":10,"source":"test",)")), ElementsAre(13, 12, 12));
}

std::string error_of(std::string text, const std::string& from = "", const std::string& to = "") {
  if (!from.empty()) {
    EXPECT_NE(text.find(from), std::string::npos) << from;
    text.replace(text.find(from), from.size(), to);
  }
  try {
    parse_forest_json(text, "f.json");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(ForestJson, SaysWhatIsBroken) {
  const std::string good = forest("sum", "less");
  const std::vector<std::array<std::string, 3>> cases = {
      {R"("foretime.forest":1)", R"("foretime.forest":2)",
       "f.json: /foretime.forest: is 2 (a whole number from 1 to 1)"},
      {R"("features":2)", R"("features":0)", "f.json: /features: is 0 (a whole number from 1 to 65536)"},
      {R"("features":2,)", "", "f.json: /features: is missing"},
      {R"("aggregate":"sum")", R"("aggregate":"max")", "f.json: /aggregate: is 'max' (average, sum)"},
      {R"("goes_left":"less")", R"("goes_left":"more")",
       "f.json: /goes_left: is 'more' (less_or_equal, less)"},
      {R"("trees":[)", R"("depth":3,"trees":[)",
       "f.json: /: has the unknown key 'depth' (one of foretime.forest, features, aggregate, goes_left, "
       "base, source, trees)"},
      {R"("left":[2,-1,-1])", R"("left":[2,-1])",
       "f.json: /trees/0: its lists have different lengths (2 each)"},
      {R"("left":[2,-1,-1])", R"("left":[3,-1,-1])", "f.json: /trees/0: a child 3.000000 (one of 3 nodes)"},
      {R"("left":[2,-1,-1])", R"("left":[1,-1,-1])", "f.json: /trees/0: node 1 has two parents (a tree)"},
      {R"("left":[2,-1,-1])", R"("left":[0,-1,-1])", "f.json: /trees/0: node 0 has two parents (a tree)"},
      {R"("left":[2,-1,-1])", R"("left":["2",-1,-1])", R"(f.json: /trees/0/left: holds "2" (numbers))"},
      {R"("feature":[1,-2,-2])", R"("feature":[2,-2,-2])",
       "f.json: /trees/0: a split on feature 2.000000 (one of 2)"},
      {R"("threshold":[0.5,-2,-2])", R"("threshold":[1e300,-2,-2])",
       "f.json: a split on feature 1 (one of 2, at a finite number)"},
      {R"("value":[9,3,5])", R"("value":[9,1e300,5])", "f.json: a leaf that is no finite number"},
      {R"("left":[-1],"right":[-1],"feature":[-2],"threshold":[-2],"value":[1])",
       R"("left":[],"right":[],"feature":[],"threshold":[],"value":[])",
       "f.json: /trees/1: a tree without nodes (at least a leaf)"},
      {R"("value":[1])", R"("value":[1],"impurity":[0])",
       "f.json: /trees/1: has the unknown key 'impurity' (one of left, right, feature, threshold, value)"},
  };
  for (const auto& [from, to, expected] : cases) EXPECT_EQ(error_of(good, from, to), expected) << to;
  EXPECT_EQ(error_of("[]"), "f.json: /: is an array (an object)");
  EXPECT_EQ(error_of(R"({"foretime.forest":1,"features":1,"aggregate":"sum","goes_left":"less","trees":[]})"),
            "f.json: /trees: is an array (a list that is not empty)");
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_NE(error_of(good.substr(0, size)), "no error") << size;
}

}  // namespace
}  // namespace foretime
