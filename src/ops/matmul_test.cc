#include <gtest/gtest.h>

#include "ops/testing.h"

namespace foretime::ops::testing {
namespace {

using Ints = std::vector<std::int64_t>;

constexpr const char* kMs = "com.microsoft";

// Shapes as ONNX Runtime 1.31 computes them; MACs are batch · m · k · n.
TEST(Matmul, ShapesAndCosts) {
  const Attributes yes_a{{"transA", std::int64_t{1}}};
  const Attributes yes_b{{"transB", std::int64_t{1}}};
  const Attributes both{{"transA", std::int64_t{1}}, {"transB", std::int64_t{1}}};
  const Attributes batch_a{{"transBatchA", std::int64_t{1}}};
  const Attributes batch_and_a{{"transA", std::int64_t{1}}, {"transBatchA", std::int64_t{1}}};
  const Attributes batch_and_b{{"transB", std::int64_t{1}}, {"transBatchB", std::int64_t{1}}};
  const Input bytes = typed(DataType::uint8, {2, 3});
  const Input more = typed(DataType::int8, {3, 4});
  const Input scale = typed(DataType::float16, {});
  const Input zero = typed(DataType::uint8, {});
  const std::vector<Case> cases = {
      {"MatMul", {f32({5, 1, 2, 3}), f32({4, 3, 6})}, {}, {"float32[5,4,2,6]"}, 720, 1440},
      {"MatMul", {f32({3}), f32({4, 3, 6})}, {}, {"float32[4,6]"}, 72},
      {"MatMul", {f32({4, 2, 3}), f32({3})}, {}, {"float32[4,2]"}, 24},
      {"MatMul", {f32({3}), f32({3})}, {}, {"float32[]"}, 3, 6},
      {"MatMul", {f32({2, 0}), f32({0, 4})}, {}, {"float32[2,4]"}, 0, 0},
      {"MatMul", {unknown_rank(DataType::float32), f32({3})}, {}, {"float32[?]"}, kNoCost, kNoCost},
      {"Gemm", {f32({2, 3}), f32({3, 4})}, {}, {"float32[2,4]"}, 24, 48},
      {"Gemm", {f32({2, 3}), f32({3, 4}), f32({4})}, {}, {"float32[2,4]"}, 24, 56},
      {"Gemm", {f32({3, 2}), f32({3, 4})}, yes_a, {"float32[2,4]"}, 24},
      {"Gemm", {f32({2, 3}), f32({4, 3})}, yes_b, {"float32[2,4]"}, 24},
      {"Gemm", {f32({3, 2}), f32({4, 3})}, both, {"float32[2,4]"}, 24},
      {"MatMulInteger", {bytes, more}, {}, {"int32[2,4]"}, 24, 48},
      {"QLinearMatMul", {bytes, scale, zero, more, scale, zero, scale, zero}, {}, {"uint8[2,4]"}, 24, 48},
      {"MatMulIntegerToFloat", {bytes, more, scale, scale}, {}, {"float16[2,4]"}, 24, 48, kMs},
      {"DynamicQuantizeMatMul", {f32({2, 3}), more, f32({})}, {}, {"float32[2,4]"}, 24, 48, kMs},
      {"FusedMatMul", {f32({2, 3}), f32({6, 3})}, yes_b, {"float32[2,6]"}, 36, 72, kMs},
      {"FusedMatMul", {f32({2, 5, 4, 3}), f32({5, 4, 3, 6})}, batch_a, {"float32[5,4,2,6]"}, 720, 1440, kMs},
      {"FusedMatMul",
       {f32({3, 5, 4, 2}), f32({5, 4, 3, 6})},
       batch_and_a,
       {"float32[5,4,2,6]"},
       720,
       1440,
       kMs},
      {"FusedMatMul",
       {f32({5, 4, 2, 3}), f32({6, 5, 4, 3})},
       batch_and_b,
       {"float32[5,4,2,6]"},
       720,
       1440,
       kMs},
      {"FusedGemm",
       {f32({2, 3}), f32({3, 4}), f32({4})},
       {{"activation", "Relu"}},
       {"float32[2,4]"},
       24,
       64,
       kMs},
  };
  for (const Case& test : cases) EXPECT_EQ(mismatch(test), "");
}

struct EinsumCase {
  std::string equation;
  std::vector<Shape> shapes;
  std::string shape;
  std::int64_t macs;
  std::int64_t flops;
};

// Shapes as ONNX Runtime 1.31 computes them, but of the broadcast ellipsis, which is NumPy's.
TEST(Matmul, Einsum) {
  const std::vector<EinsumCase> cases = {
      {"ij,jk->ik", {{2, 3}, {3, 4}}, "[2,4]", 24, 48},
      {" i j , j k -> i k ", {{2, 3}, {3, 4}}, "[2,4]", 24, 48},
      {"ij,jk", {{2, 3}, {3, 4}}, "[2,4]", 24, 48},
      {"bhid,bhjd->bhij", {{2, 3, 4, 5}, {2, 3, 6, 5}}, "[2,3,4,6]", 720, 1440},
      {"ii->i", {{4, 4}}, "[4]", 0, 0},
      {"ii", {{4, 4}}, "[]", 0, 4},
      {"ba", {{2, 3}}, "[3,2]", 0, 0},
      {"i,j->ij", {{2}, {3}}, "[2,3]", 0, 6},
      {"...i->...", {{2, 3, 4}}, "[2,3]", 0, 24},
      {"...ij->...ji", {{2, 3, 4}}, "[2,4,3]", 0, 0},
      {"b...,b...->b...", {{2, 3}, {2, 3}}, "[2,3]", 0, 6},
      {"...ij,jk->...ik", {{5, 2, 3}, {3, 4}}, "[5,2,4]", 120, 240},
      {"...ij,...jk->...ik", {{5, 2, 3}, {3, 4}}, "[5,2,4]", 120, 240},
      {"...ij,...jk->...ik", {{5, 1, 2, 3}, {6, 3, 4}}, "[5,6,2,4]", 720, 1440},
      {"i...j,jk", {{2, 7, 3}, {3, 4}}, "[7,2,4]", 168, 336},
      {"ij,jk,kl->il", {{2, 3}, {3, 4}, {4, 5}}, "[2,5]", 24 + 120, 288},
  };
  for (const EinsumCase& test : cases) {
    std::vector<Input> inputs;
    for (const Shape& shape : test.shapes) inputs.push_back(f32(shape));
    const Case one{"Einsum",  inputs,    {{"equation", test.equation}}, {"float32" + test.shape},
                   test.macs, test.flops};
    EXPECT_EQ(mismatch(one), "") << test.equation;
  }
}

TEST(Matmul, NamedSizesCountAtTheirBounds) {
  const Dim tokens = Dim::named("tokens", 1, 50);
  const Case test{"MatMul", {f32({1, tokens, 8}), f32({8, 4})}, {}, {"?"}};
  const Found found = infer_one(test);
  EXPECT_EQ(to_string(found.types[0]), "float32[1,tokens,4]");
  EXPECT_EQ(work_of_one(test, found.types)->macs.value, 50 * 8 * 4);
}

TEST(Matmul, ErrorsNameWhatDoesNotFit) {
  const auto einsum = [](const char* equation, std::vector<Input> inputs) {
    return error_of({"Einsum", std::move(inputs), {{"equation", equation}}, {"?"}});
  };
  EXPECT_EQ(error_of({"MatMul", {f32({2, 3}), f32({4, 5})}, {}, {"?"}}),
            "node 'n' (MatMul): inner sizes of [2,3] and [4,5] differ");
  EXPECT_EQ(error_of({"MatMul", {f32({2, 2, 3}), f32({3, 3, 5})}, {}, {"?"}}),
            "node 'n' (MatMul): shapes [2] and [3] do not broadcast (equal sizes, or 1)");
  EXPECT_EQ(error_of({"MatMul", {f32({}), f32({4, 5})}, {}, {"?"}}),
            "node 'n' (MatMul): an operand is a scalar (rank 1 or more)");
  EXPECT_EQ(error_of({"Gemm", {f32({2, 2, 3}), f32({3, 5})}, {}, {"?"}}),
            "node 'n' (Gemm): operands have shapes [2,2,3] and [3,5] (two matrices)");
  EXPECT_EQ(einsum("ij->ij", {f32({2, 3}), f32({3})}),
            "node 'n' (Einsum): attribute equation: names 1 operands (2, as there are inputs)");
  EXPECT_EQ(einsum("ij,jk,k", {f32({2, 3}), f32({3, 4})}),
            "node 'n' (Einsum): attribute equation: names more operands than there are inputs");
  EXPECT_EQ(einsum("ij,jk", {f32({2, 3}), f32({3})}),
            "node 'n' (Einsum): attribute equation: does not fit operand 1 of rank 1");
  EXPECT_EQ(einsum("ij->iz", {f32({2, 3})}),
            "node 'n' (Einsum): attribute equation: the output names an axis that no operand has");
  EXPECT_EQ(einsum("ij,jk", {f32({2, 3}), f32({4, 5})}),
            "node 'n' (Einsum): shapes [3] and [4] do not broadcast (equal sizes, or 1)");
}

}  // namespace
}  // namespace foretime::ops::testing
