#include <gtest/gtest.h>

#include "ops/testing.h"

namespace foretime::ops::testing {
namespace {

using Ints = std::vector<std::int64_t>;

const Input kCube = f32({2, 3, 4});

// Axes as attribute and as input; shapes as ONNX Runtime 1.31 computes them.
TEST(Reduction, Axes) {
  const Attributes drop{{"keepdims", std::int64_t{0}}};
  const Attributes noop{{"noop_with_empty_axes", std::int64_t{1}}};
  const std::vector<Case> cases = {
      {"ReduceSum", {kCube}, {}, {"float32[1,1,1]"}, 0, 24},
      {"ReduceSum", {kCube}, drop, {"float32[]"}, 0, 24},
      {"ReduceSum", {kCube, ints({-1, 0})}, drop, {"float32[3]"}, 0, 24},
      {"ReduceSum", {kCube, ints({1})}, {}, {"float32[2,1,4]"}, 0, 24},
      {"ReduceSum", {kCube, ints({})}, {}, {"float32[1,1,1]"}},
      {"ReduceSum", {kCube}, noop, {"float32[2,3,4]"}},
      {"ReduceSum", {kCube, ints({})}, noop, {"float32[2,3,4]"}},
      {"ReduceSum", {kCube, left_out()}, {}, {"float32[1,1,1]"}},
      {"ReduceSum", {kCube}, {{"axes", Ints{1}}}, {"float32[2,1,4]"}, 0, 24, "", 11},
      {"ReduceMax", {kCube}, {{"axes", Ints{-1}}}, {"float32[2,3,1]"}, 0, 24, "", 13},
      {"ReduceMax", {kCube, ints({1})}, {}, {"float32[2,1,4]"}, 0, 24, "", 18},
      {"ReduceMean", {kCube, ints({0, 1, 2})}, drop, {"float32[]"}, 0, 24},
      {"ReduceSum", {kCube, typed(DataType::int64, {1})}, drop, {"float32[?]"}},
      {"ReduceSum", {unknown_rank(DataType::int32)}, {}, {"int32[?]"}, kNoCost, kNoCost},
      {"ReduceProd", {f32({0, 3})}, {}, {"float32[1,1]"}, 0, 0},
      {"ReduceL1", {kCube}, drop, {"float32[]"}, 0, 48},
      {"ReduceL2", {kCube}, drop, {"float32[]"}, 0, 48},
      {"ReduceSumSquare", {kCube}, drop, {"float32[]"}, 0, 48},
      {"ReduceLogSum", {kCube}, drop, {"float32[]"}, 0, 24},
      {"ReduceLogSumExp", {kCube}, drop, {"float32[]"}, 0, 48},
      {"ArgMax", {kCube}, {{"axis", std::int64_t{-1}}}, {"int64[2,3,1]"}, 0, 24},
      {"ArgMin",
       {typed(DataType::int8, {2, 3})},
       {{"axis", std::int64_t{1}}, {"keepdims", std::int64_t{0}}},
       {"int64[2]"},
       0,
       6},
  };
  for (const Case& test : cases) EXPECT_EQ(mismatch(test), "");
}

TEST(Reduction, ContentsAreFollowed) {
  const Attributes drop{{"keepdims", std::int64_t{0}}};
  const Input sizes = ints({2, 3, 4});
  EXPECT_EQ(contents({"ReduceProd", {sizes}, drop, {"?"}}), "24");
  EXPECT_EQ(contents({"ReduceSum", {sizes}, drop, {"?"}}), "9");
  EXPECT_EQ(contents({"ReduceMax", {sizes, ints({0})}, {}, {"?"}}), "4");
  EXPECT_EQ(contents({"ReduceMin", {sizes}, drop, {"?"}}), "2");
  EXPECT_EQ(contents({"ReduceMean", {floats({1, 2, 6})}, drop, {"?"}}), "3.000000");
  EXPECT_EQ(contents({"ReduceMean", {sizes}, drop, {"?"}}), "unknown");
  EXPECT_EQ(contents({"ReduceSum", {ints(Shape{2, 2}, {1, 2, 3, 4}), ints({0})}, {}, {"?"}}), "unknown");
  EXPECT_EQ(contents({"ReduceSum", {sizes}, {{"noop_with_empty_axes", std::int64_t{1}}}, {"?"}}), "unknown");
}

TEST(Reduction, UnknownAxesBoundEachSize) {
  const Found found = infer_one({"ReduceSum", {kCube, typed(DataType::int64, {1})}, {}, {"?"}});
  EXPECT_EQ(to_string(found.types[0]), "float32[n#0,n#1,n#2]");
  EXPECT_EQ(elements_of(*found.types[0].shape), 24);
  ASSERT_EQ(found.diagnostics.size(), 3u);
  EXPECT_EQ(found.diagnostics[0].code, "data-dependent");
  EXPECT_EQ(found.diagnostics[0].message,
            "a size is known only while running; costs use its largest value, 2");
}

TEST(Reduction, AxesMustExist) {
  EXPECT_EQ(error_of({"ReduceSum", {kCube, ints({3})}, {}, {"?"}}),
            "node 'n' (ReduceSum): axis 3 does not exist in a tensor of rank 3 (from -3 to 2)");
  EXPECT_EQ(error_of({"ArgMax", {f32({})}, {}, {"?"}}),
            "node 'n' (ArgMax): axis 0 does not exist in a tensor of rank 0 (a scalar has no axes)");
}

}  // namespace
}  // namespace foretime::ops::testing
