#include <gtest/gtest.h>

#include "ops/testing.h"

namespace foretime::ops::testing {
namespace {

using Ints = std::vector<std::int64_t>;

const Input kCube = f32({2, 3, 4});

// Each form of an operator over the opsets; shapes as ONNX Runtime 1.31 computes them.
TEST(Layout, Shapes) {
  const Attributes strict{{"allowzero", std::int64_t{1}}};
  const Attributes axis_last{{"axis", std::int64_t{-1}}};
  const std::vector<Case> cases = {
      {"Reshape", {kCube, ints({0, -1})}, {}, {"float32[2,12]"}, 0, 0},
      {"Reshape", {kCube, ints({4, 0, -1})}, {}, {"float32[4,3,2]"}},
      {"Reshape", {kCube}, {{"shape", Ints{6, -1}}}, {"float32[6,4]"}, 0, 0, "", 1},
      {"Reshape", {f32({1}), ints({})}, {}, {"float32[]"}},
      {"Reshape", {f32({0, 3}), ints({3, 0})}, strict, {"float32[3,0]"}},
      {"Reshape", {f32({0, 3}), ints({0, 3})}, {}, {"float32[0,3]"}},
      {"Reshape", {kCube, typed(DataType::int64, {2})}, {}, {"float32[n#0,n#1]"}},
      {"Reshape", {kCube, unknown_rank(DataType::int64)}, {}, {"float32[?]"}},
      {"Flatten", {kCube}, {}, {"float32[2,12]"}, 0, 0},
      {"Flatten", {kCube}, {{"axis", std::int64_t{0}}}, {"float32[1,24]"}},
      {"Flatten", {kCube}, axis_last, {"float32[6,4]"}},
      {"Flatten", {kCube}, {{"axis", std::int64_t{3}}}, {"float32[24,1]"}},
      {"Squeeze", {f32({1, 2, 1})}, {}, {"float32[2]"}, 0, 0},
      {"Squeeze", {f32({1, 2, 1})}, {{"axes", Ints{-1}}}, {"float32[1,2]"}, 0, 0, "", 11},
      {"Squeeze", {f32({1, 2, 1}), ints({0})}, {}, {"float32[2,1]"}},
      {"Squeeze", {f32({1, Dim::named("h")})}, {}, {"float32[h]"}},
      {"Unsqueeze", {f32({2, 3})}, {{"axes", Ints{0, 3}}}, {"float32[1,2,3,1]"}, 0, 0, "", 11},
      {"Unsqueeze", {f32({2, 3}), ints({0, -1})}, {}, {"float32[1,2,3,1]"}},
      {"Unsqueeze", {f32({2, 3}), ints({3, 1})}, {}, {"float32[2,1,3,1]"}},
      {"Unsqueeze", {f32({}), ints({}, {0})}, {}, {"float32[1]"}},
      {"Transpose", {kCube}, {}, {"float32[4,3,2]"}, 0, 0},
      {"Transpose", {kCube}, {{"perm", Ints{1, 0, 2}}}, {"float32[3,2,4]"}},
      {"Expand", {f32({3, 1}), ints({2, 1, 4})}, {}, {"float32[2,3,4]"}, 0, 0},
      {"Expand", {f32({3, 4}), ints({1})}, {}, {"float32[3,4]"}},
      {"Expand", {f32({3, 4}), typed(DataType::int64, {2})}, {}, {"float32[n#0,n#1]"}},
      {"Tile", {f32({2, 3}), ints({2, 1})}, {}, {"float32[4,3]"}, 0, 0},
      {"Tile", {f32({2, 3}), ints({0, 1})}, {}, {"float32[0,3]"}},
      {"Concat", {f32({2, 3}), f32({2, 4}), f32({2, 0})}, axis_last, {"float32[2,7]"}, 0, 0},
      {"Concat", {f32({2, 3}), f32({2, 4})}, {}, {"float32[2,7]"}, 0, 0, "", 1},
      {"Pad", {f32({2, 3})}, {{"pads", Ints{1, 0, 0, 2}}}, {"float32[3,5]"}, 0, 0, "", 2},
      {"Pad", {f32({2, 3})}, {{"paddings", Ints{1, 0, 0, 2}}}, {"float32[3,5]"}, 0, 0, "", 1},
      {"Pad", {f32({2, 3}), ints({0, -1, 0, -1})}, {}, {"float32[2,1]"}},
      {"Pad", {kCube, ints({1, 2, 0, -1}), left_out(), ints({-1, 0})}, {}, {"float32[3,3,5]"}},
      {"Pad", {f32({2, 3}), ints({1, 1}), left_out(), typed(DataType::int64, {1})}, {}, {"float32[n#0,n#1]"}},
      {"Pad", {f32({2, 3}), typed(DataType::int64, {4})}, {}, {"float32[n#0,n#1]"}},
      {"Pad", {f32({2, 3}), ints({0, 1, 0, 1}), f32({})}, {}, {"float32[2,5]"}, 0, 0, "com.microsoft"},
      {"Shape", {f32({2, 3, 4, 5})}, {{"start", std::int64_t{-3}}, {"end", std::int64_t{-1}}}, {"int64[2]"}},
      {"Shape", {f32({2, 3, 4, 5})}, {{"start", std::int64_t{3}}, {"end", std::int64_t{1}}}, {"int64[0]"}},
      {"Shape", {unknown_rank(DataType::float32)}, {}, {"int64[?]"}},
      {"Size", {kCube}, {}, {"int64[]"}, 0, 0},
  };
  for (const Case& test : cases) EXPECT_EQ(mismatch(test), "");
}

// Parts: stated by input or attribute, equal, or by num_outputs with a smaller last one.
TEST(Layout, Split) {
  const Attributes axis_last{{"axis", std::int64_t{-1}}};
  const auto into = [](std::int64_t parts) { return Attributes{{"num_outputs", parts}}; };
  const std::vector<Case> cases = {
      {"Split", {f32({2, 7}), ints({3, 4})}, axis_last, {"float32[2,3]", "float32[2,4]"}, 0, 0},
      {"Split", {f32({7})}, {{"split", Ints{3, 4}}}, {"float32[3]", "float32[4]"}, 0, 0, "", 11},
      {"Split", {f32({6})}, {}, {"float32[3]", "float32[3]"}, 0, 0, "", 11},
      {"Split", {f32({7})}, into(3), {"float32[3]", "float32[3]", "float32[1]"}},
      {"Split", {f32({7})}, into(4), {"float32[2]", "float32[2]", "float32[2]", "float32[1]"}},
      {"Split", {f32({7})}, into(2), {"float32[4]", "float32[3]"}},
      {"Split", {f32({7}), typed(DataType::int64, {2})}, {}, {"float32[n#0]", "float32[n#1]"}},
      {"Split", {unknown_rank(DataType::float16)}, {}, {"float16[?]", "float16[?]"}},
  };
  for (const Case& test : cases) EXPECT_EQ(mismatch(test), "");
}

TEST(Layout, ContentsGoAlong) {
  const Input table = ints(Shape{2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(contents({"Transpose", {table}, {}, {"?"}}), "1 4 2 5 3 6");
  EXPECT_EQ(contents({"Reshape", {table, ints({3, 2})}, {}, {"?"}}), "1 2 3 4 5 6");
  EXPECT_EQ(contents({"Flatten", {table}, {}, {"?"}}), "1 2 3 4 5 6");
  EXPECT_EQ(contents({"Expand", {ints(Shape{2, 1}, {1, 2}), ints({2, 3})}, {}, {"?"}}), "1 1 1 2 2 2");
  EXPECT_EQ(contents({"Tile", {table, ints({1, 2})}, {}, {"?"}}), "1 2 3 1 2 3 4 5 6 4 5 6");
  EXPECT_EQ(contents({"Concat", {table, ints(Shape{2, 1}, {7, 8})}, {{"axis", std::int64_t{1}}}, {"?"}}),
            "1 2 3 7 4 5 6 8");
  EXPECT_EQ(contents({"Split", {ints({1, 2, 3, 4}), ints({1, 3})}, {}, {"?", "?"}}), "1");
  EXPECT_EQ(text_of(infer_one({"Split", {ints({1, 2, 3, 4}), ints({1, 3})}, {}, {"?", "?"}}).values[1]),
            "2 3 4");
  EXPECT_EQ(contents({"Shape", {f32({2, Dim::named("h"), 4})}, {}, {"?"}}), "2 h 4");
  EXPECT_EQ(contents({"Size", {f32({2, Dim::named("h"), 4})}, {}, {"?"}}), "((2 * h) * 4)");
}

// The ways exporters write shape arithmetic.
TEST(Layout, ShapeArithmeticIsFollowed) {
  const Inferred found(R"(graph {
    input x: float32[2,3,h(1..10),w(1..20)]
    const zero: int64[] = {0}
    const two: int64[1] = {2}
    const rest: int64[1] = {-1}
    shape = Shape(x)
    batch = Gather(shape, zero)
    batches = Unsqueeze(batch, unsqueezed)
    const unsqueezed: int64[1] = {0}
    wanted = Concat(batches, rest, two) {axis = 0}
    y = Reshape(x, wanted)
    h = Gather(shape, at_h)
    const at_h: int64[1] = {2}
    half = Div(h, two)
    more = Add(half, two)
    twice = Mul(h, two)
    const ones: int64[3] = {1, 1, 1}
    big = Concat(ones, twice) {axis = 0}
    z = Expand(small, big)
    const small: float32[1] = {0.5}
    tiled = ConstantOfShape(more)
    flat = Flatten(x) {axis = 2}
    output y, z, tiled, flat
  })");
  EXPECT_EQ(found.contents("wanted"), "2 -1 2");
  EXPECT_EQ(found.size("y", 0), Dim(2));
  EXPECT_EQ(found.size("y", 1).upper(), 3 * 10 * 20 / 2);
  EXPECT_EQ(found.size("z", 3).upper(), 20);
  EXPECT_EQ(to_string(found.size("z", 3)), "(h * 2)");
  EXPECT_EQ(to_string(found.size("tiled", 0)), "((h / 2) + 2)");
  EXPECT_EQ(found.size("tiled", 0).lower(), 2);
  EXPECT_EQ(found.size("tiled", 0).upper(), 7);
  EXPECT_EQ(found.type("flat"), "float32[6,(h * w)]");
  EXPECT_TRUE(found.constant("batch"));
  EXPECT_FALSE(found.constant("half"));
}

TEST(Layout, NamesCancelInReshape) {
  const Dim batch = Dim::named("batch", 1, 8);
  const Dim tokens = Dim::named("tokens", 1, 50);
  const Found split = infer_one({"Reshape", {f32({batch, tokens, 64}), ints({0, 0, 8, -1})}, {}, {"?"}});
  EXPECT_EQ(to_string(split.types[0]), "float32[batch,tokens,8,8]");
  const Found merged = infer_one({"Reshape", {f32({batch, tokens, 64}), ints({-1, 64})}, {}, {"?"}});
  EXPECT_EQ(elements_of(*merged.types[0].shape), 8 * 50 * 64);
}

TEST(Layout, ErrorsNameWhatDoesNotFit) {
  const std::vector<std::pair<Case, std::string>> cases = {
      {{"Reshape", {f32({2, 3}), ints({7})}, {}, {"?"}}, "cannot reshape [2,3] to [7]"},
      {{"Reshape", {f32({7}), ints({2, -1})}, {}, {"?"}}, "cannot reshape [7] to [2,-1]"},
      {{"Reshape", {f32({6}), ints({-1, -1})}, {}, {"?"}}, "the new shape has two sizes of -1"},
      {{"Reshape", {f32({6}), ints({6, 0})}, {}, {"?"}}, "the new shape copies axis 1 of [6]"},
      {{"Reshape", {f32({6}), ints({-2, 3})}, {}, {"?"}}, "the new shape has the size -2 (-1, 0 or more)"},
      {{"Flatten", {kCube}, {{"axis", std::int64_t{4}}}, {"?"}}, "attribute axis: is 4 (-rank to rank)"},
      {{"Squeeze", {f32({1, 2}), ints({1})}, {}, {"?"}}, "squeezes axis 1 of [1,2] (an axis of size 1)"},
      {{"Squeeze", {f32({1, 2}), ints({2})}, {}, {"?"}},
       "axis 2 does not exist in a tensor of rank 2 (from -2 to 1)"},
      {{"Unsqueeze", {f32({2}), ints({0, 0})}, {}, {"?"}}, "the axes repeat themselves"},
      {{"Transpose", {kCube}, {{"perm", Ints{0, 1}}}, {"?"}}, "attribute perm: has 2 axes (3)"},
      {{"Transpose", {kCube}, {{"perm", Ints{0, 1, 1}}}, {"?"}}, "attribute perm: names an axis twice"},
      {{"Expand", {f32({3}), ints({4})}, {}, {"?"}},
       "shapes [3] and [4] do not broadcast (equal sizes, or 1)"},
      {{"Expand", {f32({3, 1}), ints({3, -1})}, {}, {"?"}}, "expands to the size -1 (0 or more)"},
      {{"Tile", {f32({3, 1}), ints({3, -1})}, {}, {"?"}}, "repeats an axis -1 times (0 or more)"},
      {{"Concat", {f32({2, 3}), f32({3, 3})}, {{"axis", std::int64_t{1}}}, {"?"}},
       "joins [2,3] and [3,3] along axis 1 (equal sizes on all other axes)"},
      {{"Concat", {f32({2, 3}), f32({2})}, {}, {"?"}}, "joins [2,3] and [2] (equal ranks)"},
      {{"Concat", {f32({2, 3})}, {{"axis", std::int64_t{2}}}, {"?"}},
       "axis 2 does not exist in a tensor of rank 2 (from -2 to 1)"},
      {{"Split", {f32({7}), ints({3, 3})}, {}, {"?", "?"}},
       "splits 7 elements into 3, 3 (parts that add up to 7)"},
      {{"Split", {f32({7}), ints({8, -1})}, {}, {"?", "?"}},
       "splits 7 elements into 8, -1 (parts that add up to 7)"},
      {{"Split", {f32({7})}, {}, {"?", "?", "?", "?", "?"}},
       "splits 7 elements into 2, 2, 2, 2, -1 (parts that add up to 7)"},
      {{"Split", {f32({7}), ints({7})}, {}, {"?", "?"}}, "splits into 1 parts (2)"},
      {{"Pad", {f32({2, 3}), ints({1, 1})}, {}, {"?"}}, "has 2 pads (4)"},
  };
  for (const auto& [test, message] : cases)
    EXPECT_EQ(error_of(test), "node 'n' (" + test.op + "): " + message);
}

}  // namespace
}  // namespace foretime::ops::testing
