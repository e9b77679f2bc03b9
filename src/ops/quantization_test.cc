#include <gtest/gtest.h>

#include "ops/testing.h"

namespace foretime::ops::testing {
namespace {

constexpr const char* kMs = "com.microsoft";
using Ints = std::vector<std::int64_t>;

Input bytes(Shape shape) {
  return typed(DataType::uint8, std::move(shape));
}

// Types as ONNX Runtime 1.31 returns them.
TEST(Quantization, TypesAndCosts) {
  const Input x = f32({2, 3, 4});
  const Input q = bytes({2, 3, 4});
  const Input s = f32({});
  const Input z = bytes({});
  const Attributes packed{{"K", std::int64_t{32}}, {"N", std::int64_t{8}}, {"bits", std::int64_t{4}}};
  const std::vector<Case> cases = {
      {"QuantizeLinear", {x, s}, {}, {"uint8[2,3,4]"}, 0, 96},
      {"QuantizeLinear", {x, s, typed(DataType::int8, {})}, {}, {"int8[2,3,4]"}, 0, 96},
      {"QuantizeLinear", {x, s}, {{"output_dtype", std::int64_t{5}}}, {"int16[2,3,4]"}, 0, 96},
      {"DequantizeLinear", {q, s, z}, {}, {"float32[2,3,4]"}, 0, 48},
      {"DequantizeLinear", {q, typed(DataType::float16, {})}, {}, {"float16[2,3,4]"}, 0, 48, kMs},
      {"DynamicQuantizeLinear", {x}, {}, {"uint8[2,3,4]", "float32[]", "uint8[]"}, 0, 144},
      {"QLinearAdd", {q, s, z, bytes({4}), s, z, s, z}, {}, {"uint8[2,3,4]"}, 0, 216, kMs},
      {"QLinearMul", {q, s, left_out(), bytes({4}), s, left_out(), s}, {}, {"uint8[2,3,4]"}, 0, 216, kMs},
      {"QLinearLeakyRelu", {q, s, left_out(), s}, {}, {"uint8[2,3,4]"}, 0, 192, kMs},
      {"QLinearConcat",
       {s, z, q, s, z, bytes({2, 5, 4}), s, z},
       {{"axis", std::int64_t{1}}},
       {"uint8[2,8,4]"},
       0,
       384,
       kMs},
      {"QLinearWhere",
       {typed(DataType::boolean, {3, 1}), bytes({1, 4}), s, z, bytes({3, 4}), s, z, s, z},
       {},
       {"uint8[3,4]"},
       0,
       84,
       kMs},
      {"QLinearReduceMean",
       {q, s, z, s, z},
       {{"axes", Ints{1}}, {"keepdims", std::int64_t{0}}},
       {"uint8[2,4]"},
       0,
       72,
       kMs},
      {"QGemm", {bytes({3, 4}), s, z, bytes({4, 5}), s, z}, {}, {"float32[3,5]"}, 60, 120, kMs},
      {"QGemm",
       {bytes({3, 4}), s, z, bytes({5, 4}), s, z, typed(DataType::int32, {5}), s, z},
       {{"transB", std::int64_t{1}}},
       {"uint8[3,5]"},
       60,
       195,
       kMs},
      {"MatMulNBits",
       {f32({2, 3, 32}), bytes({8, 1, 16}), f32({8, 1})},
       packed,
       {"float32[2,3,8]"},
       1536,
       3072 + 512,
       kMs},
      {"MatMulBnb4",
       {f32({2, 3, 32}), bytes({128}), f32({4})},
       packed,
       {"float32[2,3,8]"},
       1536,
       3072 + 512,
       kMs},
      {"GatherBlockQuantized",
       {bytes({100, 16}), typed(DataType::int64, {2, 3}), f32({100, 1})},
       {{"bits", std::int64_t{4}}},
       {"float32[2,3,32]"},
       0,
       384,
       kMs},
  };
  for (const Case& test : cases) EXPECT_EQ(mismatch(test), "");
}

TEST(Quantization, PackedMatrixMustFit) {
  EXPECT_EQ(error_of({"MatMulNBits",
                      {f32({2, 30}), bytes({8, 1, 16}), f32({8, 1})},
                      {{"K", std::int64_t{32}}, {"N", std::int64_t{8}}},
                      {"?"},
                      0,
                      0,
                      kMs}),
            "node 'n' (MatMulNBits): multiplies [2,30] by a matrix of 32 rows (a last axis of 32)");
}

TEST(Quantization, PackedMatrixMustHaveSizes) {
  EXPECT_EQ(error_of({"MatMulNBits", {f32({2, 30}), bytes({8, 1, 16}), f32({8, 1})}, {}, {"?"}, 0, 0, kMs}),
            "node 'n' (MatMulNBits): has a matrix of 0 by 0 (K and N of at least 1)");
}

}  // namespace
}  // namespace foretime::ops::testing
