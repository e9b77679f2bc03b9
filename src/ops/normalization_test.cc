#include <gtest/gtest.h>

#include "ops/testing.h"

namespace foretime::ops::testing {
namespace {

constexpr const char* kMs = "com.microsoft";
constexpr std::int64_t kElements = 2 * 3 * 8;

const Input kX = f32({2, 3, 8});
const Input kRow = f32({8});

// Types as ONNX Runtime 1.31 returns them.
TEST(Normalization, TypesAndCosts) {
  const Input ids = typed(DataType::int32, {2, 3});
  const Input half = typed(DataType::float16, {2, 3, 8});
  const std::vector<std::string> skip = {"float32[2,3,8]", "float32[2,3,1]", "float32[2,3,1]",
                                         "float32[2,3,8]"};
  const std::vector<Case> cases = {
      {"BatchNormalization",
       {kX, f32({3}), f32({3}), f32({3}), f32({3})},
       {},
       {"float32[2,3,8]"},
       0,
       kElements * 4},
      {"BatchNormalization",
       {kX, f32({3}), f32({3}), f32({3}), f32({3})},
       {{"training_mode", std::int64_t{1}}},
       {"float32[2,3,8]", "float32[3]", "float32[3]"},
       0,
       kElements * 7},
      {"BatchNormalization",
       {kX, f32({3}), f32({3}), f32({3}), f32({3})},
       {},
       {"float32[2,3,8]", "", "", "float32[3]", "float32[3]"},
       0,
       kElements * 4,
       "",
       9},
      {"LayerNormalization",
       {kX, kRow, kRow},
       {},
       {"float32[2,3,8]", "float32[2,3,1]", "float32[2,3,1]"},
       0,
       kElements * 7},
      {"LayerNormalization",
       {half, typed(DataType::float16, {3, 8})},
       {{"axis", std::int64_t{1}}},
       {"float16[2,3,8]", "float32[2,1,1]", "float32[2,1,1]"},
       0,
       kElements * 6},
      {"SimplifiedLayerNormalization",
       {kX, kRow},
       {},
       {"float32[2,3,8]", "float32[2,3,1]"},
       0,
       kElements * 4},
      {"RMSNormalization", {kX, kRow}, {}, {"float32[2,3,8]"}, 0, kElements * 4},
      {"InstanceNormalization", {kX, f32({3}), f32({3})}, {}, {"float32[2,3,8]"}, 0, kElements * 7},
      {"SkipLayerNormalization", {kX, kX, kRow, kRow, kRow}, {}, skip, 0, kElements * 9, kMs},
      {"SkipSimplifiedLayerNormalization", {kX, kX, kRow}, {}, skip, 0, kElements * 5, kMs},
      {"EmbedLayerNormalization",
       {ids, ids, f32({10, 8}), f32({5, 8}), f32({2, 8}), kRow, kRow, ids},
       {},
       {"float32[2,3,8]", "int32[2]", "float32[2,3,8]"},
       0,
       kElements * 9,
       kMs},
      {"EmbedLayerNormalization",
       {ids, left_out(), f32({10, 8}), f32({5, 8}), left_out(), kRow, kRow},
       {},
       {"float32[2,3,8]", "int32[2]"},
       0,
       kElements * 8,
       kMs},
      {"SkipGroupNorm",
       {f32({1, 4, 4, 32}), f32({32}), f32({32}), f32({1, 4, 4, 32}), f32({32})},
       {{"activation", std::int64_t{1}}},
       {"float32[1,4,4,32]", "float32[1,4,4,32]"},
       0,
       512 * 14,
       kMs},
      {"LRN", {f32({1, 3, 4, 4})}, {{"size", std::int64_t{5}}}, {"float32[1,3,4,4]"}, 0, 48 * 9},
      {"Softmax", {kX}, {}, {"float32[2,3,8]"}, 0, kElements * 5},
      {"Softmax", {f32({Dim::named("n")})}, {}, {"float32[n]"}, kNoCost, kNoCost},
  };
  for (const Case& test : cases) EXPECT_EQ(mismatch(test), "");
}

TEST(Normalization, AxisMustExist) {
  EXPECT_EQ(error_of({"LayerNormalization", {kX, kRow}, {{"axis", std::int64_t{3}}}, {"?"}}),
            "node 'n' (LayerNormalization): axis 3 does not exist in a tensor of rank 3 (from -3 to 2)");
}

}  // namespace
}  // namespace foretime::ops::testing
