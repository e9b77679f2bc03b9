#include "ops/attention_view.h"

#include <gtest/gtest.h>

#include "ops/testing.h"

namespace foretime::ops::testing {
namespace {

constexpr const char* kMs = "com.microsoft";
using Ints = std::vector<std::int64_t>;

Attributes heads(std::int64_t queries, std::int64_t keys = 0) {
  Attributes attributes{{"num_heads", queries}};
  if (keys > 0) attributes.set("kv_num_heads", keys);
  return attributes;
}

/// FLOPs of attention: two per multiply-accumulate, six per score.
std::int64_t flops(std::int64_t macs, std::int64_t scores) {
  return 2 * macs + 6 * scores;
}

const Input kNone = left_out();
const Input kLengths = typed(DataType::int32, {2});
const Input kTotal = typed(DataType::int32, {});

// Types as ONNX Runtime 1.31 returns them.
TEST(Attention, OfOnnx) {
  const Input q = f32({2, 4, 3, 8});
  const Input k = f32({2, 2, 5, 8});
  const Input v = f32({2, 2, 5, 6});
  const std::vector<Case> cases = {
      {"Attention", {q, k, v}, {}, {"float32[2,4,3,6]"}, 120 * 14, flops(120 * 14, 120)},
      {"Attention",
       {f32({2, 3, 32}), f32({2, 5, 16}), f32({2, 5, 12})},
       {{"q_num_heads", std::int64_t{4}}, {"kv_num_heads", std::int64_t{2}}},
       {"float32[2,3,24]", "float32[2,2,5,8]", "float32[2,2,5,6]"},
       120 * 14,
       flops(120 * 14, 120)},
      {"Attention",
       {q, k, v, kNone, f32({2, 2, 7, 8}), f32({2, 2, 7, 6})},
       {},
       {"float32[2,4,3,6]", "float32[2,2,12,8]", "float32[2,2,12,6]", "float32[2,4,3,12]"},
       288 * 14,
       flops(288 * 14, 288)},
      {"RotaryEmbedding", {q, f32({10, 4}), f32({10, 4})}, {}, {"float32[2,4,3,8]"}, 0, 192 * 3},
      {"TensorScatter", {f32({2, 4, 10, 8}), q}, {}, {"float32[2,4,10,8]"}, 0, 0},
  };
  for (const Case& test : cases) EXPECT_EQ(mismatch(test), "");
}

TEST(Attention, WithItsProjection) {
  const Input x = f32({2, 3, 8});
  const Input w = f32({8, 24});
  const Input b = f32({24});
  const Input past = f32({2, 2, 2, 5, 4});
  Attributes split = heads(2);
  split.set("qkv_hidden_sizes", Ints{8, 8, 4});
  Attributes shared = heads(2);
  shared.set("past_present_share_buffer", std::int64_t{1});
  const std::int64_t projection = 6 * 8 * 24;
  const Input bytes = typed(DataType::uint8, {2, 3, 8});
  const std::vector<Case> cases = {
      {"Attention",
       {x, w, b},
       heads(2),
       {"float32[2,3,8]"},
       projection + 36 * 8,
       flops(projection + 36 * 8, 36),
       kMs},
      {"Attention",
       {x, f32({8, 20}), f32({20})},
       split,
       {"float32[2,3,4]"},
       6 * 8 * 20 + 36 * 6,
       kAnyCost,
       kMs},
      {"Attention",
       {x, w, b, kNone, past},
       heads(2),
       {"float32[2,3,8]", "float32[2,2,2,8,4]"},
       projection + 96 * 8,
       kAnyCost,
       kMs},
      {"Attention",
       {x, w, b, kNone, past},
       shared,
       {"float32[2,3,8]", "float32[2,2,2,5,4]"},
       projection + 60 * 8,
       kAnyCost,
       kMs},
      {"QAttention",
       {bytes, typed(DataType::uint8, {8, 24}), b, f32({}), f32({}), kNone, kNone, kNone, past},
       heads(2),
       {"float32[2,3,8]", "float32[2,2,2,8,4]"},
       projection + 96 * 8,
       kAnyCost,
       kMs},
      {"PackedAttention",
       {f32({5, 8}), w, b, typed(DataType::int32, {2, 3}), typed(DataType::int32, {3})},
       heads(2),
       {"float32[5,8]"},
       5 * 8 * 24 + 36 * 8,
       kAnyCost,
       kMs},
  };
  for (const Case& test : cases) EXPECT_EQ(mismatch(test), "");
}

TEST(Attention, OfManyHeads) {
  const Input x = f32({2, 3, 8});
  Attributes shared = heads(2);
  shared.set("past_present_share_buffer", std::int64_t{1});
  const std::vector<Case> cases = {
      {"MultiHeadAttention",
       {x, f32({2, 5, 8}), f32({2, 5, 6})},
       heads(2),
       {"float32[2,3,6]", "float32[2,2,5,4]", "float32[2,2,5,3]"},
       60 * 7,
       flops(60 * 7, 60),
       kMs},
      {"MultiHeadAttention", {x, f32({2, 5, 2, 2, 4})}, heads(2), {"float32[2,3,8]"}, 60 * 8, kAnyCost, kMs},
      {"MultiHeadAttention", {f32({2, 3, 2, 3, 4})}, heads(2), {"float32[2,3,8]"}, 36 * 8, kAnyCost, kMs},
      {"MultiHeadAttention",
       {x, f32({2, 2, 5, 4}), f32({2, 2, 5, 4})},
       heads(2),
       {"float32[2,3,8]"},
       60 * 8,
       kAnyCost,
       kMs},
      {"MultiHeadAttention",
       {x, x, x, kNone, kNone, kNone, f32({2, 2, 5, 4}), f32({2, 2, 5, 4})},
       heads(2),
       {"float32[2,3,8]", "float32[2,2,8,4]", "float32[2,2,8,4]"},
       96 * 8,
       kAnyCost,
       kMs},
      {"DecoderMaskedMultiHeadAttention",
       {f32({2, 1, 8}), f32({2, 1, 8}), f32({2, 1, 8}), kNone, kNone, f32({2, 2, 10, 4}), f32({2, 2, 10, 4}),
        typed(DataType::int32, {1})},
       shared,
       {"float32[2,1,8]", "float32[2,2,10,4]", "float32[2,2,10,4]"},
       40 * 8,
       kAnyCost,
       kMs},
      {"PackedMultiHeadAttention",
       {f32({5, 2, 3, 4}), kNone, kNone, kNone, typed(DataType::int32, {2, 3}), typed(DataType::int32, {3})},
       heads(2),
       {"float32[5,8]"},
       36 * 8,
       kAnyCost,
       kMs},
  };
  for (const Case& test : cases) EXPECT_EQ(mismatch(test), "");
}

TEST(Attention, OfGroups) {
  const std::vector<std::string> outputs = {"float32[2,3,32]", "float32[2,2,3,8]", "float32[2,2,3,8]"};
  const Input past = f32({2, 2, 10, 8});
  const std::vector<Case> cases = {
      {"GroupQueryAttention",
       {f32({2, 3, 32}), f32({2, 3, 16}), f32({2, 3, 16}), kNone, kNone, kLengths, kTotal},
       heads(4, 2),
       outputs,
       72 * 16,
       flops(72 * 16, 72),
       kMs},
      {"GroupQueryAttention",
       {f32({2, 3, 64}), kNone, kNone, kNone, kNone, kLengths, kTotal},
       heads(4, 2),
       outputs,
       72 * 16,
       kAnyCost,
       kMs},
      {"GroupQueryAttention",
       {f32({2, 1, 32}), f32({2, 1, 16}), f32({2, 1, 16}), past, past, kLengths, kTotal},
       heads(4, 2),
       {"float32[2,1,32]", "float32[2,2,11,8]", "float32[2,2,11,8]"},
       88 * 16,
       kAnyCost,
       kMs},
      {"GroupQueryAttention",
       {f32({2, 1, 32}), f32({2, 1, 16}), f32({2, 1, 16}), past, past, kLengths, ints({}, {4})},
       heads(4, 2),
       {"float32[2,1,32]", "float32[2,2,10,8]", "float32[2,2,10,8]"},
       80 * 16,
       kAnyCost,
       kMs},
  };
  for (const Case& test : cases) EXPECT_EQ(mismatch(test), "");
}

TEST(Attention, PositionsAndExperts) {
  const std::vector<Case> cases = {
      {"RotaryEmbedding",
       {f32({2, 3, 32}), typed(DataType::int64, {2, 3}), f32({10, 4}), f32({10, 4})},
       {},
       {"float32[2,3,32]"},
       0,
       576,
       kMs},
      {"RelativePositionBias", {f32({32, 4}), ints({5}), ints({6})}, {}, {"float32[1,4,5,6]"}, 0, 0, kMs},
      {"GatedRelativePositionBias",
       {f32({2, 3, 8}), f32({8}), f32({1, 2, 3, 3}), f32({4, 8}), f32({8}), f32({1, 2, 1, 1})},
       heads(2),
       {"float32[2,2,3,3]"},
       384,
       768 + 36,
       kMs},
      {"MoE",
       {f32({6, 8}), f32({6, 4}), f32({4, 16, 8}), f32({4, 16}), f32({4, 8, 16}), f32({4, 8})},
       {{"k", std::int64_t{2}}},
       {"float32[6,8]"},
       6 * 2 * 256,
       2 * 6 * 2 * 256 + 120,
       kMs},
      {"QMoE",
       {f32({6, 8}), f32({6, 4}), typed(DataType::uint8, {4, 16, 4}), f32({4, 16}), kNone,
        typed(DataType::uint8, {4, 8, 8}), f32({4, 8}), kNone},
       {{"k", std::int64_t{2}}},
       {"float32[6,8]"},
       6 * 2 * 256,
       kAnyCost,
       kMs},
  };
  for (const Case& test : cases) EXPECT_EQ(mismatch(test), "");
}

TEST(Attention, InABand) {
  const std::int64_t macs = 2 * 10 * 8 * 8 * 6 + 20 * 5 * 8 * 2;
  EXPECT_EQ(mismatch({"LongformerAttention",
                      {f32({2, 10, 8}), f32({8, 24}), f32({24}), f32({2, 10}), f32({8, 24}), f32({24}),
                       typed(DataType::int32, {2, 10})},
                      {{"num_heads", std::int64_t{2}}, {"window", std::int64_t{2}}},
                      {"float32[2,10,8]"},
                      macs,
                      2 * macs + 100 * 6 * 2,
                      kMs}),
            "");
}

TEST(Attention, NamedLengthsKeepTheirBounds) {
  const Dim past = Dim::named("past", 0, 99);
  const Case test{"GroupQueryAttention",
                  {f32({1, 1, 32}), f32({1, 1, 16}), f32({1, 1, 16}), f32({1, 2, past, 8}),
                   f32({1, 2, past, 8}), kLengths, kTotal},
                  heads(4, 2),
                  {"float32[1,1,32]", "float32[1,2,(past + 1),8]", ""},
                  400 * 16,
                  kAnyCost,
                  kMs};
  EXPECT_EQ(mismatch(test), "");
}

TEST(Attention, ErrorsNameWhatIsMissing) {
  EXPECT_EQ(error_of({"MultiHeadAttention", {f32({2, 3, 8})}, {}, {"?"}, 0, 0, kMs}),
            "node 'n' (MultiHeadAttention): has 0 num_heads (at least 1)");
}

}  // namespace
}  // namespace foretime::ops::testing
