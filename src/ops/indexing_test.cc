#include <gtest/gtest.h>

#include <limits>
#include <numeric>

#include "ops/testing.h"

namespace foretime::ops::testing {
namespace {

using Ints = std::vector<std::int64_t>;

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();

struct SliceCase {
  std::int64_t start;
  std::int64_t end;
  std::int64_t step;
  std::string contents;  // of 0 … 9
};

// As ONNX Runtime 1.31 slices.
TEST(Indexing, SliceOfAVector) {
  Ints digits(10);
  std::iota(digits.begin(), digits.end(), 0);
  const std::vector<SliceCase> cases = {
      {1, kMost, 1, "1 2 3 4 5 6 7 8 9"},
      {-1, kLeast, -1, "9 8 7 6 5 4 3 2 1 0"},
      {-1, -kMost, -2, "9 7 5 3 1"},
      {5, 1, -2, "5 3"},
      {-3, -1, 1, "7 8"},
      {0, 2147483647, 4, "0 4 8"},
      {100, 200, 1, ""},
      {3, 1, 1, ""},
      {1, kMost, kMost, "1"},
      {-1, kLeast, kLeast, "9"},
  };
  for (const SliceCase& test : cases) {
    const Case one{"Slice",
                   {ints(digits), ints({test.start}), ints({test.end}), ints({0}), ints({test.step})},
                   {},
                   {"?"}};
    EXPECT_EQ(contents(one), test.contents);
    const auto size =
        test.contents.empty() ? 0 : std::count(test.contents.begin(), test.contents.end(), ' ') + 1;
    EXPECT_EQ(to_string(infer_one(one).types[0]), "int64[" + std::to_string(size) + "]");
  }
}

TEST(Indexing, Shapes) {
  const Input table = f32({10, 7});
  const Input some = typed(DataType::int64, {1});
  const std::vector<Case> cases = {
      {"Slice", {table}, {{"starts", Ints{1}}, {"ends", Ints{-1}}}, {"float32[8,7]"}, 0, 0, "", 9},
      {"Slice",
       {table},
       {{"starts", Ints{1, 2}}, {"ends", Ints{3, 2147483647}}, {"axes", Ints{-1, 0}}},
       {"float32[8,2]"},
       0,
       0,
       "",
       9},
      {"Slice", {table, ints({0, 0}), ints({2, -1})}, {}, {"float32[2,6]"}, 0, 0},
      {"Slice", {table, ints({0}), ints({kMost}), ints({1}), ints({3})}, {}, {"float32[10,3]"}},
      {"Slice", {table, some, ints({5}), ints({0})}, {}, {"float32[n#0,7]"}},
      {"Slice", {table, ints({0}), ints({5}), some}, {}, {"float32[n#0,n#1]"}},
      {"Slice", {unknown_rank(DataType::int8), ints({0}), ints({5})}, {}, {"int8[?]"}},
      {"Gather",
       {f32({2, 3, 4}), typed(DataType::int64, {5, 6})},
       {{"axis", std::int64_t{-2}}},
       {"float32[2,5,6,4]"},
       0,
       0},
      {"Gather", {f32({30, 8}), typed(DataType::int32, {})}, {}, {"float32[8]"}},
      {"GatherElements", {f32({3, 3}), typed(DataType::int64, {2, 3})}, {}, {"float32[2,3]"}, 0, 0},
      {"GatherND",
       {f32({2, 3, 4}), typed(DataType::int64, {2, 5, 1})},
       {{"batch_dims", std::int64_t{1}}},
       {"float32[2,5,4]"},
       0,
       0},
      {"GatherND", {f32({2, 3}), typed(DataType::int64, {5, 2})}, {}, {"float32[5]"}},
      {"ScatterND", {f32({4, 3}), typed(DataType::int64, {2, 1}), f32({2, 3})}, {}, {"float32[4,3]"}, 0, 0},
      {"ScatterElements", {f32({4}), typed(DataType::int64, {2}), f32({2})}, {}, {"float32[4]"}, 0, 0},
      {"ReverseSequence", {f32({4, 2}), typed(DataType::int64, {2})}, {}, {"float32[4,2]"}, 0, 0},
  };
  for (const Case& test : cases) EXPECT_EQ(mismatch(test), "");
}

TEST(Indexing, ContentsAreFollowed) {
  const Input table = ints(Shape{2, 3}, {1, 2, 3, 4, 5, 6});
  const Attributes axis_1{{"axis", std::int64_t{1}}};
  EXPECT_EQ(contents({"Gather", {table, ints({2, -3})}, axis_1, {"?"}}), "3 1 6 4");
  EXPECT_EQ(contents({"Gather", {table, ints({}, {-1})}, {}, {"?"}}), "4 5 6");
  EXPECT_EQ(
      contents({"Slice", {table, ints({1, 2}), ints({2, kLeast}), ints({0, 1}), ints({1, -2})}, {}, {"?"}}),
      "6 4");
  const Input places = ints(Shape{2, 1}, {1, -1});
  EXPECT_EQ(contents({"ScatterND", {ints({1, 2, 3, 4}), places, ints({9, 8})}, {}, {"?"}}), "1 9 3 8");
  EXPECT_EQ(
      contents({"ScatterND", {ints({1, 2, 3, 4}), places, ints({9, 8})}, {{"reduction", "add"}}, {"?"}}),
      "unknown");
}

// Sizes of a slice with names in its bounds: `x[:, h:]`, `x[:, :h]`, `x[:, :-1]`, each no larger than it can
// get.
TEST(Indexing, NamedBoundsOfSlices) {
  const Inferred found(R"(graph {
    input x: float32[2,h(4..10)]
    input t: float32[2,64]
    const one: int64[1] = {1}
    const zero: int64[1] = {0}
    const last: int64[1] = {-1}
    const end: int64[1] = {9223372036854775807}
    shape = Shape(x)
    h = Slice(shape, one, end)
    tail = Slice(t, h, end, one)
    head = Slice(t, zero, h, one)
    all_but_one = Slice(x, zero, last, one)
    less = Sub(h, one)
    shorter = Slice(t, zero, less, one)
    output tail, head, all_but_one, shorter
  })");
  EXPECT_EQ(found.contents("h"), "h");
  EXPECT_EQ(found.size("tail", 1).upper(), 60);
  EXPECT_EQ(found.type("head"), "float32[2,h]");
  EXPECT_EQ(found.size("all_but_one", 1).upper(), 9);
  EXPECT_EQ(found.size("shorter", 1).lower(), 3);
  EXPECT_EQ(found.size("shorter", 1).upper(), 9);
}

TEST(Indexing, ErrorsNameWhatDoesNotFit) {
  const std::vector<std::pair<Case, std::string>> cases = {
      {{"Slice", {f32({4}), ints({0}), ints({2}), ints({0}), ints({0})}, {}, {"?"}},
       "slices with a step of 0"},
      {{"Slice", {f32({4}), ints({0}), ints({2}), ints({1})}, {}, {"?"}},
       "axis 1 does not exist in a tensor of rank 1 (from -1 to 0)"},
      {{"Slice", {f32({4})}, {{"starts", Ints{0}}, {"ends", Ints{}}}, {"?"}},
       "starts, ends and axes differ in length"},
      {{"Gather", {ints({1, 2}), ints({2})}, {}, {"?"}}, "index 2 is outside axis of size 2"},
      {{"Gather", {f32({}), ints({0})}, {}, {"?"}},
       "axis 0 does not exist in a tensor of rank 0 (a scalar has no axes)"},
      {{"GatherND", {f32({2}), typed(DataType::int64, {1, 2})}, {}, {"?"}},
       "indices [1,2] pick more axes than [2] has"},
  };
  for (const auto& [test, message] : cases)
    EXPECT_EQ(error_of(test), "node 'n' (" + test.op + "): " + message);
}

// Found by reading: a scalar of indices was asked for its last axis.
TEST(Indexing, ScalarIndicesOfScatterND) {
  EXPECT_EQ(contents({"ScatterND", {ints({1, 2}), ints({}, {1}), ints({9})}, {}, {"?"}}), "unknown");
}

}  // namespace
}  // namespace foretime::ops::testing
