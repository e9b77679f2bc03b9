#include <gtest/gtest.h>

#include "ops/testing.h"

namespace foretime::ops::testing {
namespace {

using Ints = std::vector<std::int64_t>;

Input scalar(std::int64_t number) {
  return ints({}, {number});
}
Input scalar(float number) {
  return floats({}, {number});
}

TensorAttribute one_of(DataType dtype, std::vector<std::byte> bytes) {
  return {{dtype, Shape{1}}, ConstantData::owning(std::move(bytes))};
}

TEST(Generators, Constant) {
  const auto with = [](const char* name, Attribute value) {
    return Case{"Constant", {}, {{name, std::move(value)}}, {"?"}};
  };
  const auto type = [](const Case& test) { return to_string(infer_one(test).types[0]); };
  EXPECT_EQ(type(with("value_int", std::int64_t{7})), "int64[]");
  EXPECT_EQ(contents(with("value_int", std::int64_t{7})), "7");
  EXPECT_EQ(type(with("value_ints", Ints{7, 8})), "int64[2]");
  EXPECT_EQ(contents(with("value_ints", Ints{7, 8})), "7 8");
  EXPECT_EQ(type(with("value_float", 0.5f)), "float32[]");
  EXPECT_EQ(contents(with("value_float", 0.5f)), "0.500000");
  EXPECT_EQ(type(with("value_floats", std::vector<float>{0.5f, 1})), "float32[2]");
  EXPECT_EQ(contents(with("value_floats", std::vector<float>{0.5f, 1})), "0.500000 1.000000");
  EXPECT_EQ(type(with("value_string", "a")), "string[]");
  EXPECT_EQ(type(with("value_strings", std::vector<std::string>{"a", "b"})), "string[2]");
  EXPECT_EQ(type(with("value", one_of(DataType::boolean, {std::byte{1}}))), "bool[1]");
  EXPECT_EQ(contents(with("value", one_of(DataType::boolean, {std::byte{1}}))), "1");
  EXPECT_EQ(error_of(with("value", std::int64_t{1})),
            "node 'n' (Constant): attribute value: is not a tensor");
}

// Lengths as ONNX Runtime 1.31 computes them.
TEST(Generators, Range) {
  const auto range = [](auto start, auto limit, auto step) {
    return Case{"Range", {scalar(start), scalar(limit), scalar(step)}, {}, {"?"}};
  };
  const auto type = [](const Case& test) { return to_string(infer_one(test).types[0]); };
  using Int = std::int64_t;
  EXPECT_EQ(contents(range(Int{10}, Int{0}, Int{-3})), "10 7 4 1");
  EXPECT_EQ(contents(range(Int{0}, Int{10}, Int{3})), "0 3 6 9");
  EXPECT_EQ(type(range(Int{5}, Int{5}, Int{1})), "int64[0]");
  EXPECT_EQ(type(range(Int{3}, Int{0}, Int{1})), "int64[0]");
  EXPECT_EQ(type(range(0.f, 1.f, .3f)), "float32[4]");
  EXPECT_EQ(type(range(5.f, 0.f, -2.f)), "float32[3]");
  EXPECT_EQ(type(range(0.f, -1.f, 1.f)), "float32[0]");
  EXPECT_EQ(error_of(range(Int{0}, Int{5}, Int{0})), "node 'n' (Range): counts in steps of 0");
  EXPECT_EQ(error_of(range(0.f, 1.f, 0.f)), "node 'n' (Range): counts in steps of 0");
  // Absurd lengths are absurdly large, never nothing.
  EXPECT_EQ(type(range(0.f, 1e38f, 1e-38f)), "float32[9223372036854775807]");
  // Found by reading: the kinds of start, limit and step were taken to agree.
  EXPECT_EQ(type({"Range", {scalar(0.f), scalar(Int{4}), scalar(Int{1})}, {}, {"?"}}), "float32[n]");
  EXPECT_EQ(type({"Range", {scalar(Int{0}), scalar(4.f), scalar(1.f)}, {}, {"?"}}), "int64[n]");
}

TEST(Generators, OneNode) {
  const Input values = floats({0, 1});
  const std::vector<Case> cases = {
      {"ConstantOfShape", {ints({2, 3})}, {}, {"float32[2,3]"}, 0, 0},
      {"ConstantOfShape", {ints({})}, {}, {"float32[]"}},
      {"ConstantOfShape", {typed(DataType::int64, {2})}, {}, {"float32[n#0,n#1]"}, 0, 0},
      {"ConstantOfShape", {unknown_rank(DataType::int64)}, {}, {"float32[?]"}},
      {"EyeLike", {typed(DataType::int32, {3, 4})}, {}, {"int32[3,4]"}, 0, 0},
      {"EyeLike", {typed(DataType::int32, {3, 4})}, {{"dtype", std::int64_t{10}}}, {"float16[3,4]"}},
      {"OneHot", {typed(DataType::int64, {2}), scalar(std::int64_t{5}), values}, {}, {"float32[2,5]"}, 0, 0},
      {"OneHot",
       {typed(DataType::int64, {2}), ints({5}), values},
       {{"axis", std::int64_t{0}}},
       {"float32[5,2]"}},
      {"OneHot", {typed(DataType::int64, {2}), scalar(5.f), values}, {}, {"float32[2,5]"}},
      {"OneHot", {typed(DataType::int64, {2}), typed(DataType::int64, {}), values}, {}, {"float32[2,n]"}},
      {"RandomNormal", {}, {{"shape", Ints{2, 3}}}, {"float32[2,3]"}, 0, 0},
      {"RandomUniform", {}, {{"shape", Ints{2}}, {"dtype", std::int64_t{11}}}, {"float64[2]"}},
      {"RandomNormalLike", {typed(DataType::float16, {2})}, {}, {"float16[2]"}},
  };
  for (const Case& test : cases) EXPECT_EQ(mismatch(test), "");
  EXPECT_EQ(error_of({"ConstantOfShape", {ints({2, -3})}, {}, {"?"}}),
            "node 'n' (ConstantOfShape): makes a tensor with the size -3 (0 or more)");
}

// The idiom by which PyTorch exports `expand`: sizes of -1 keep those of the tensor.
TEST(Generators, ExpandAsPyTorchExportsIt) {
  const Inferred found(R"(graph {
    input x: float32[1,3,1]
    const wanted: int64[3] = {4, -1, 5}
    shape = Shape(wanted)
    ones = ConstantOfShape(shape) {value = int64[1] {1}}
    const minus: int64[] = {-1}
    all_minus = Mul(ones, minus)
    keep = Equal(wanted, all_minus)
    sizes = Where(keep, ones, wanted)
    y = Expand(x, sizes)
    const start: int64[] = {0}
    const step: int64[] = {1}
    const three: int64[] = {3}
    positions = Range(start, three, step)
    output y, positions
  })");
  EXPECT_EQ(found.contents("ones"), "1 1 1");
  EXPECT_EQ(found.contents("keep"), "0 1 0");
  EXPECT_EQ(found.contents("sizes"), "4 1 5");
  EXPECT_EQ(found.type("y"), "float32[4,3,5]");
  EXPECT_EQ(found.contents("positions"), "0 1 2");
}

TEST(Generators, RangeOfANamedLength) {
  const Inferred found(R"(graph {
    input x: float32[tokens(1..50)]
    const start: int64[] = {0}
    const step: int64[] = {2}
    n = Size(x)
    y = Range(start, n, step)
    output y
  })");
  EXPECT_EQ(found.size("y", 0).lower(), 1);
  EXPECT_EQ(found.size("y", 0).upper(), 25);
}

}  // namespace
}  // namespace foretime::ops::testing
