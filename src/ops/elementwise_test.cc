#include <gtest/gtest.h>

#include "ops/testing.h"

namespace foretime::ops::testing {
namespace {

using Ints = std::vector<std::int64_t>;

constexpr const char* kMs = "com.microsoft";

TEST(Elementwise, TwoInputsBroadcast) {
  const Dim batch = Dim::named("batch", 1, 8);
  const std::vector<Case> cases = {
      {"Add", {f32({2, 1}), f32({3})}, {}, {"float32[2,3]"}, 0, 6},
      {"Mul", {f32({}), f32({2, 3})}, {}, {"float32[2,3]"}, 0, 6},
      {"Add", {f32({batch, 3}), f32({1, 3})}, {}, {"float32[batch,3]"}, 0, 24},
      {"Add", {f32({batch, 3}), f32({4, 3})}, {}, {"float32[4,3]"}, 0, 12},
      {"Sub", {unknown_rank(DataType::float16), f32({3})}, {}, {"float16[?]"}, kNoCost, kNoCost},
      {"Div", {f32({0, 3}), f32({3})}, {}, {"float32[0,3]"}, 0, 0},
      {"Equal", {f32({2, 1}), f32({3})}, {}, {"bool[2,3]"}, 0, 6},
      {"Greater", {f32({2}), f32({2})}, {}, {"bool[2]"}, 0, 2},
      {"And", {typed(DataType::boolean, {2}), typed(DataType::boolean, {})}, {}, {"bool[2]"}, 0, 2},
      {"BitwiseAnd", {typed(DataType::uint8, {2}), typed(DataType::uint8, {3, 1})}, {}, {"uint8[3,2]"}, 0, 6},
      {"Max", {f32({2, 1}), f32({3}), f32({4, 1, 1})}, {}, {"float32[4,2,3]"}, 0, 48},
      {"Max", {f32({2})}, {}, {"float32[2]"}, 0, 2},
      {"Sum", {f32({2}), f32({2}), f32({2})}, {}, {"float32[2]"}, 0, 4},
      {"Where", {typed(DataType::boolean, {2, 1}), f32({3}), f32({})}, {}, {"float32[2,3]"}, 0, 6},
      {"PRelu", {f32({2, 3}), f32({3})}, {}, {"float32[2,3]"}, 0, 12},
  };
  for (const Case& test : cases) EXPECT_EQ(mismatch(test), "");
}

// FLOPs per element as the operator's definition has them.
TEST(Elementwise, OneInput) {
  const std::vector<std::pair<std::string, int>> flops = {
      {"Relu", 1},     {"Abs", 1},  {"Neg", 1},      {"Sqrt", 1},      {"Exp", 1},         {"Tanh", 1},
      {"Erf", 1},      {"Sin", 1},  {"Sign", 1},     {"LeakyRelu", 2}, {"Clip", 2},        {"Elu", 4},
      {"Celu", 5},     {"Selu", 5}, {"Softplus", 3}, {"Softsign", 3},  {"HardSigmoid", 4}, {"Sigmoid", 4},
      {"Gelu", 5},     {"Mish", 5}, {"Shrink", 2},   {"Swish", 5},     {"Floor", 1},       {"HardSwish", 5},
      {"Identity", 0}, {"Log", 1},  {"Round", 1}};
  for (const auto& [op, each] : flops) {
    EXPECT_EQ(mismatch({op, {f32({2, 3})}, {}, {"float32[2,3]"}, 0, 6 * each}), "");
  }
  const Input x = f32({2, 4});
  const Input bias = f32({4});
  const std::vector<Case> cases = {
      {"Not", {typed(DataType::boolean, {2})}, {}, {"bool[2]"}, 0, 2},
      {"IsNaN", {x}, {}, {"bool[2,4]"}, 0, 8},
      {"Cast", {x}, {{"to", std::int64_t{10}}}, {"float16[2,4]"}, 0, 0},
      {"CastLike", {x, typed(DataType::int8, {})}, {}, {"int8[2,4]"}, 0, 0},
      {"Dropout", {x}, {}, {"float32[2,4]", "bool[2,4]"}, 0, 0},
      {"Dropout", {x}, {{"ratio", 0.5f}}, {"float32[2,4]"}, 0, 0, "", 7},
      {"Gelu", {x}, {}, {"float32[2,4]"}, 0, 40, kMs},
      {"FastGelu", {x, bias}, {}, {"float32[2,4]"}, 0, 64, kMs},
      {"BiasGelu", {x, bias}, {}, {"float32[2,4]"}, 0, 48, kMs},
      {"QuickGelu", {x}, {}, {"float32[2,4]"}, 0, 40, kMs},
      {"BiasSplitGelu", {x, bias}, {}, {"float32[2,2]"}, 0, 32, kMs},
      {"BiasAdd", {x, bias, x}, {}, {"float32[2,4]"}, 0, 16, kMs},
  };
  for (const Case& test : cases) EXPECT_EQ(mismatch(test), "");
}

// Integers as ONNX Runtime 1.31 computes them.
TEST(Elementwise, IntegersAreFollowed) {
  const auto of = [](const char* op, Ints a, Ints b) {
    return contents({op, {ints(a), ints(b)}, {}, {"?"}});
  };
  EXPECT_EQ(of("Add", {1, 2}, {10}), "11 12");
  EXPECT_EQ(of("Sub", {1, 2}, {10}), "-9 -8");
  EXPECT_EQ(of("Mul", {3, -2}, {10}), "30 -20");
  EXPECT_EQ(of("Div", {-7, 7, -7, 7}, {3, -3, -3, 3}), "-2 -2 2 2");
  EXPECT_EQ(of("Mod", {-7, 7, -7, 7}, {3, -3, -3, 3}), "2 -2 -1 1");
  EXPECT_EQ(contents({"Mod", {ints({-7}), ints({3})}, {{"fmod", std::int64_t{1}}}, {"?"}}), "unknown");
  EXPECT_EQ(of("Pow", {3, -2}, {3}), "27 -8");
  EXPECT_EQ(of("Pow", {3}, {-1}), "unknown");
  EXPECT_EQ(of("Min", {3, 5}, {4}), "3 4");
  EXPECT_EQ(of("Max", {3, 5}, {4}), "4 5");
  EXPECT_EQ(of("Equal", {3, 4}, {4}), "0 1");
  EXPECT_EQ(of("Less", {3, 4, 5}, {4}), "1 0 0");
  EXPECT_EQ(of("LessOrEqual", {3, 4, 5}, {4}), "1 1 0");
  EXPECT_EQ(of("Greater", {3, 4, 5}, {4}), "0 0 1");
  EXPECT_EQ(of("GreaterOrEqual", {3, 4, 5}, {4}), "0 1 1");
  EXPECT_EQ(of("And", {0, 0, 1, 1}, {0, 1, 0, 1}), "0 0 0 1");
  EXPECT_EQ(of("Or", {0, 0, 1, 1}, {0, 1, 0, 1}), "0 1 1 1");
  EXPECT_EQ(of("Xor", {0, 0, 1, 1}, {0, 1, 0, 1}), "0 1 1 0");
  EXPECT_EQ(contents({"Neg", {ints({3, -4})}, {}, {"?"}}), "-3 4");
  EXPECT_EQ(contents({"Abs", {ints({3, -4})}, {}, {"?"}}), "3 4");
  EXPECT_EQ(contents({"Clip", {ints({1, 5, 9}), ints({}, {2}), ints({}, {7})}, {}, {"?"}}), "2 5 7");
  EXPECT_EQ(contents({"Clip", {ints({1, 5, 9}), left_out(), ints({}, {7})}, {}, {"?"}}), "1 5 7");
  EXPECT_EQ(contents({"Cast", {ints({0, 5})}, {{"to", std::int64_t{9}}}, {"?"}}), "0 1");
}

TEST(Elementwise, FloatsAreFollowed) {
  const auto of = [](const char* op, std::vector<float> a) { return contents({op, {floats(a)}, {}, {"?"}}); };
  EXPECT_EQ(of("Round", {0.5f, 1.5f, 2.5f}), "0.000000 2.000000 2.000000");
  EXPECT_EQ(of("Ceil", {0.5f, -0.5f}), "1.000000 -0.000000");
  EXPECT_EQ(of("Floor", {0.5f, -0.5f}), "0.000000 -1.000000");
  EXPECT_EQ(of("Sqrt", {9}), "3.000000");
  EXPECT_EQ(contents({"Cast", {floats({1.9f, -1.9f})}, {{"to", std::int64_t{7}}}, {"?"}}), "1 -1");
  EXPECT_EQ(contents({"Cast", {ints({2})}, {{"to", std::int64_t{1}}}, {"?"}}), "2.000000");
  EXPECT_EQ(contents({"Mul", {floats({7}), floats({0.5f})}, {}, {"?"}}), "3.500000");
  EXPECT_EQ(contents({"Less", {floats({7, 8}), floats({8})}, {}, {"?"}}), "1 0");
  EXPECT_EQ(contents({"Pow", {floats({2}), ints({3})}, {}, {"?"}}), "8.000000");
  // Bounds as attributes up to opset 6 and as inputs from 11 on: the fraction counts.
  EXPECT_EQ(contents({"Clip", {floats({0, 1})}, {{"min", 0.5f}, {"max", 0.75f}}, {"?"}, 0, 4, "", 6}),
            "0.500000 0.750000");
  EXPECT_EQ(contents({"Clip", {floats({0, 1}), floats({}, {0.5f}), floats({}, {0.75f})}, {}, {"?"}}),
            "0.500000 0.750000");
}

// Every result must hold whatever number the name stands for.
TEST(Elementwise, NamesKeepTheirBounds) {
  const Inferred found(R"(graph {
    input x: float32[h(1..100),k(2..3)]
    const two: int64[] = {2}
    const fifty: int64[] = {50}
    const one: int64[] = {1}
    const at: int64[] = {0}
    const at_k: int64[] = {1}
    shape = Shape(x)
    h = Gather(shape, at)
    k = Gather(shape, at_k)
    up = Add(h, one)
    rounded = Mul(halves, two)
    halves = Div(up, two)
    capped = Min(h, fifty)
    opposite = Neg(h)
    positive = Greater(h, at)
    below = Less(h, fifty)
    chosen = Where(below, h, fifty)
    surely = Where(positive, one, fifty)
    same = Equal(h, h)
    float = Cast(h) {to = 1}
    powers = Pow(two, k)
    squares = Pow(k, two)
    rest = Mod(h, fifty)
    output rounded, capped, opposite, chosen, surely, same, float, powers, squares, rest
  })");
  const auto bounds = [&](const char* name) {
    const ValuePtr& value = found.facts.values[found.at(name)];
    return value ? std::to_string(value->ints[0].lower()) + ".." + std::to_string(value->ints[0].upper())
                 : "";
  };
  EXPECT_EQ(found.contents("rounded"), "(((h + 1) / 2) * 2)");
  EXPECT_EQ(bounds("rounded"), "2..100");
  EXPECT_EQ(bounds("capped"), "1..50");
  EXPECT_EQ(bounds("opposite"), "-100..-1");
  EXPECT_EQ(found.contents("positive"), "1");
  EXPECT_EQ(bounds("below"), "0..1");
  EXPECT_EQ(bounds("chosen"), "1..100");
  EXPECT_EQ(found.contents("surely"), "1");
  EXPECT_EQ(found.contents("same"), "1");
  EXPECT_EQ(found.contents("float"), "unknown");
  EXPECT_EQ(found.contents("powers"), "unknown");
  EXPECT_EQ(bounds("squares"), "4..9");
  EXPECT_EQ(bounds("rest"), "0..49");
}

TEST(Elementwise, ErrorsNameWhatDoesNotFit) {
  EXPECT_EQ(error_of({"Add", {f32({2, 3}), f32({2})}, {}, {"?"}}),
            "node 'n' (Add): shapes [2,3] and [2] do not broadcast (equal sizes, or 1)");
  EXPECT_EQ(error_of({"Cast", {f32({2})}, {{"to", std::int64_t{99}}}, {"?"}}),
            "node 'n' (Cast): casts to data type 99 (1 to " + std::to_string(kDataTypes - 1) + ")");
  EXPECT_EQ(error_of({"Relu", {f32({2}), f32({2})}, {}, {"?"}}), "node 'n' (Relu): has 2 inputs (1 to 1)");
  EXPECT_EQ(error_of({"Relu", {f32({2})}, {}, {"?", "?"}}), "node 'n' (Relu): has 2 outputs (at most 1)");
  EXPECT_EQ(error_of({"Max", {}, {}, {"?"}}), "node 'n' (Max): has 0 inputs (at least 1)");
}

TEST(Elementwise, UnknownOperatorsKeepTheirDeclaredTypes) {
  const Inferred found(R"(graph {
    opset "my.domain" 1
    input x: float32[2]
    y: float32[7] = my.domain::Thing(x)
    z = Relu(y)
    output z
  })");
  EXPECT_EQ(found.type("z"), "float32[7]");
  ASSERT_EQ(found.diagnostics.size(), 1u);
  EXPECT_EQ(found.diagnostics[0].code, "unknown-operator");
  EXPECT_EQ(found.diagnostics[0].message,
            "operator my.domain.Thing is not known: its layers are kept, without costs "
            "(1 of 2 nodes have unknown operators)");
}

}  // namespace
}  // namespace foretime::ops::testing
