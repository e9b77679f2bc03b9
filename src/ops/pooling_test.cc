#include <gtest/gtest.h>

#include "ops/testing.h"

namespace foretime::ops::testing {
namespace {

using Ints = std::vector<std::int64_t>;

const Input kImage = f32({1, 2, 7, 9});

Attributes window(Ints kernel, Ints strides, Ints pads = {}, std::int64_t ceil = 0) {
  Attributes attributes{{"kernel_shape", std::move(kernel)}, {"ceil_mode", ceil}};
  if (!strides.empty()) attributes.set("strides", std::move(strides));
  if (!pads.empty()) attributes.set("pads", std::move(pads));
  return attributes;
}

Attributes same(std::string auto_pad, Ints kernel, Ints strides, Ints dilations = {1, 1}) {
  return {{"kernel_shape", std::move(kernel)},
          {"strides", std::move(strides)},
          {"dilations", std::move(dilations)},
          {"auto_pad", std::move(auto_pad)}};
}

// Sizes as ONNX Runtime 1.31 computes them.
TEST(Pooling, Sizes) {
  const std::vector<std::pair<Attributes, std::string>> cases = {
      {window({3, 3}, {2, 2}), "[1,2,3,4]"},
      {window({3, 3}, {}), "[1,2,5,7]"},
      {window({3, 3}, {2, 2}, {}, 1), "[1,2,3,4]"},
      {window({3, 3}, {2, 2}, {1, 1, 1, 1}, 1), "[1,2,4,5]"},
      {window({2, 2}, {3, 3}, {1, 1, 1, 1}, 1), "[1,2,3,4]"},
      {window({1, 1}, {2, 2}, {}, 1), "[1,2,4,5]"},
      {window({3, 3}, {4, 4}, {2, 2, 2, 2}, 1), "[1,2,3,3]"},
      {same("SAME_UPPER", {3, 3}, {2, 2}), "[1,2,4,5]"},
      {same("SAME_LOWER", {2, 2}, {3, 3}), "[1,2,3,3]"},
      {same("SAME_UPPER", {2, 2}, {4, 4}), "[1,2,2,3]"},
      {same("VALID", {3, 3}, {2, 2}), "[1,2,3,4]"},
      {same("SAME_UPPER", {3, 3}, {2, 2}, {2, 2}), "[1,2,3,4]"},
      {same("SAME_UPPER", {3, 3}, {1, 1}, {2, 2}), "[1,2,5,7]"},
      {same("NOTSET", {3, 3}, {1, 1}, {2, 3}), "[1,2,3,3]"},
  };
  for (const auto& [attributes, shape] : cases) {
    EXPECT_EQ(mismatch({"MaxPool", {kImage}, attributes, {"float32" + shape, "int64" + shape}}), "");
    EXPECT_EQ(mismatch({"AveragePool", {kImage}, attributes, {"float32" + shape}}), "");
  }
}

TEST(Pooling, Costs) {
  const Input bytes = typed(DataType::uint8, {1, 7, 9, 2});
  const Input one = f32({});
  const Input zero = typed(DataType::uint8, {});
  Attributes last = window({3, 3}, {2, 2}, {}, 1);
  last.set("channels_last", std::int64_t{1});
  const std::vector<Case> cases = {
      {"MaxPool", {kImage}, window({3, 3}, {2, 2}), {"float32[1,2,3,4]"}, 0, 24 * 9},
      {"LpPool", {kImage}, window({2, 2}, {1, 1}), {"float32[1,2,6,8]"}, 0, 96 * 9},
      {"GlobalAveragePool", {kImage}, {}, {"float32[1,2,1,1]"}, 0, 126},
      {"GlobalMaxPool", {f32({4, 8, 5})}, {}, {"float32[4,8,1]"}, 0, 160},
      {"GlobalLpPool", {kImage}, {}, {"float32[1,2,1,1]"}, 0, 254},
      {"MaxUnpool",
       {f32({1, 1, 2, 2}), typed(DataType::int64, {1, 1, 2, 2})},
       window({2, 2}, {2, 2}),
       {"float32[1,1,4,4]"},
       0,
       0},
      {"MaxUnpool",
       {f32({1, 1, 2, 2}), typed(DataType::int64, {1, 1, 2, 2}), ints({1, 1, 5, 5})},
       window({2, 2}, {2, 2}),
       {"float32[1,1,5,5]"}},
      {"NhwcMaxPool", {bytes}, window({3, 3}, {2, 2}), {"uint8[1,3,4,2]"}, 0, 24 * 9, "com.microsoft"},
      {"QLinearAveragePool",
       {bytes, one, zero, one, zero},
       last,
       {"uint8[1,3,4,2]"},
       0,
       24 * 15,
       "com.microsoft"},
      {"QLinearGlobalAveragePool",
       {bytes, one, zero, one, zero},
       {{"channels_last", std::int64_t{1}}},
       {"uint8[1,1,1,2]"},
       0,
       138,
       "com.microsoft"},
      {"MaxPool", {unknown_rank(DataType::float32)}, window({3, 3}, {}), {"float32[?]"}, kNoCost, kNoCost},
  };
  for (const Case& test : cases) EXPECT_EQ(mismatch(test), "");
}

TEST(Pooling, NamedSizesKeepTheirBounds) {
  const Dim height = Dim::named("h", 1, 100);
  const Case halved{"MaxPool", {f32({1, 2, height, 8})}, window({2, 2}, {2, 2}), {"?"}};
  const Dim size = (*infer_one(halved).types[0].shape)[2];
  EXPECT_EQ(to_string(size), "(h / 2)");
  EXPECT_EQ(size.upper(), 50);
  const Case kept{"MaxPool", {f32({1, 2, height, 8})}, window({3, 3}, {1, 1}, {1, 1, 1, 1}), {"?"}};
  EXPECT_EQ(to_string(infer_one(kept).types[0]), "float32[1,2,h,8]");
}

TEST(Pooling, ErrorsNameWhatDoesNotFit) {
  EXPECT_EQ(error_of({"MaxPool", {kImage}, {}, {"?"}}),
            "node 'n' (MaxPool): has no kernel_shape (it is needed)");
  EXPECT_EQ(error_of({"MaxPool", {kImage}, window({3}, {}), {"?"}}),
            "node 'n' (MaxPool): kernel_shape has 1 numbers (2)");
  EXPECT_EQ(error_of({"MaxPool", {kImage}, window({3, 3}, {0, 1}), {"?"}}),
            "node 'n' (MaxPool): strides holds 0 (at least 1)");
  EXPECT_EQ(error_of({"MaxPool", {kImage}, window({9, 3}, {}), {"?"}}),
            "node 'n' (MaxPool): a window over 9 elements does not fit into 7 with pads 0 and 0 "
            "(a window no larger than the padded input)");
  EXPECT_EQ(error_of({"GlobalMaxPool", {f32({2, 3})}, {}, {"?"}}),
            "node 'n' (GlobalMaxPool): input 0 is [2,3] (batch, channels and at least one spatial axis)");
}

}  // namespace
}  // namespace foretime::ops::testing
