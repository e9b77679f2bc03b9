#include <gtest/gtest.h>

#include <limits>

#include "ops/testing.h"

namespace foretime::ops::testing {
namespace {

using Ints = std::vector<std::int64_t>;

const Input kImage = f32({1, 4, 7, 9});
const Input kKernel = f32({6, 4, 3, 3});

// Sizes as ONNX Runtime 1.31 computes them; MACs are outputs · 36.
TEST(Convolution, Plain) {
  const std::vector<Case> cases = {
      {"Conv", {kImage, kKernel}, {}, {"float32[1,6,5,7]"}, 7560, 15120},
      {"Conv", {kImage, kKernel, f32({6})}, {}, {"float32[1,6,5,7]"}, 7560, 15120 + 210},
      {"Conv", {kImage, kKernel, left_out()}, {}, {"float32[1,6,5,7]"}, 7560, 15120},
      {"Conv", {kImage, kKernel}, {{"strides", Ints{2, 2}}}, {"float32[1,6,3,4]"}, 2592},
      {"Conv", {kImage, kKernel}, {{"pads", Ints{1, 2, 3, 4}}}, {"float32[1,6,9,13]"}, 25272},
      {"Conv", {kImage, kKernel}, {{"dilations", Ints{2, 2}}}, {"float32[1,6,3,5]"}, 3240},
      {"Conv",
       {kImage, kKernel},
       {{"auto_pad", "SAME_UPPER"}, {"strides", Ints{2, 2}}},
       {"float32[1,6,4,5]"},
       4320},
      {"Conv",
       {kImage, kKernel},
       {{"auto_pad", "SAME_LOWER"}, {"strides", Ints{3, 3}}},
       {"float32[1,6,3,3]"},
       1944},
      {"Conv",
       {kImage, kKernel},
       {{"auto_pad", "VALID"}, {"strides", Ints{2, 1}}},
       {"float32[1,6,3,7]"},
       4536},
      {"Conv", {kImage, f32({6, 2, 3, 3})}, {{"group", std::int64_t{2}}}, {"float32[1,6,5,7]"}, 3780},
      {"Conv", {kImage, f32({4, 1, 3, 3})}, {{"group", std::int64_t{4}}}, {"float32[1,4,5,7]"}, 1260},
      {"Conv", {f32({2, 4, 10}), f32({6, 4, 3})}, {}, {"float32[2,6,8]"}, 1152},
      {"Conv", {f32({1, 2, 5, 6, 7}), f32({3, 2, 2, 3, 3})}, {}, {"float32[1,3,4,4,5]"}, 8640},
      {"Conv", {f32({0, 4, 7, 9}), kKernel}, {}, {"float32[0,6,5,7]"}, 0, 0},
      {"Conv", {unknown_rank(DataType::float16), kKernel}, {}, {"float16[?]"}, kNoCost, kNoCost},
  };
  for (const Case& test : cases) EXPECT_EQ(mismatch(test), "");
}

// Sizes as ONNX Runtime 1.31 computes them. Each input element meets each weight of its channel: the output's
// size does not matter.
TEST(Convolution, Transposed) {
  const std::vector<std::pair<Attributes, std::string>> cases = {
      {{{"strides", Ints{2, 2}}}, "[1,3,9,11]"},
      {{{"strides", Ints{2, 2}}, {"output_padding", Ints{1, 1}}}, "[1,3,10,12]"},
      {{{"strides", Ints{2, 2}}, {"output_padding", Ints{1, 1}}, {"pads", Ints{1, 1, 1, 1}}}, "[1,3,8,10]"},
      {{{"strides", Ints{3, 2}}, {"dilations", Ints{2, 2}}, {"pads", Ints{0, 1, 0, 1}}}, "[1,3,14,11]"},
      {{{"strides", Ints{2, 2}}, {"output_shape", Ints{10, 12}}}, "[1,3,10,12]"},
      {{{"strides", Ints{2, 2}}, {"auto_pad", "SAME_UPPER"}}, "[1,3,8,10]"},
      {{{"strides", Ints{2, 2}}, {"auto_pad", "SAME_LOWER"}, {"output_padding", Ints{1, 1}}}, "[1,3,8,10]"},
      {{{"strides", Ints{2, 2}}, {"auto_pad", "VALID"}}, "[1,3,9,11]"},
      {{{"strides", Ints{2, 2}}, {"auto_pad", "VALID"}, {"output_padding", Ints{1, 0}}}, "[1,3,10,11]"},
  };
  const Input image = f32({1, 2, 4, 5});
  const Input kernel = f32({2, 3, 3, 3});
  for (const auto& [attributes, shape] : cases) {
    EXPECT_EQ(mismatch({"ConvTranspose", {image, kernel}, attributes, {"float32" + shape}, 1080, 2160}), "");
  }
  EXPECT_EQ(mismatch({"ConvTranspose",
                      {f32({1, 4, 4, 5}), f32({4, 3, 3, 3}), f32({6})},
                      {{"group", std::int64_t{2}}},
                      {"float32[1,6,6,7]"},
                      2160,
                      4320 + 252}),
            "");
}

TEST(Convolution, Relatives) {
  const Input bytes = typed(DataType::uint8, {1, 2, 5, 5});
  const Input byte = typed(DataType::uint8, {});
  const Input scale = f32({});
  const Input weight = typed(DataType::uint8, {3, 2, 3, 3});
  const std::vector<Input> quantised = {bytes, scale, byte, weight, scale, byte, scale, byte};
  std::vector<Input> biased = quantised;
  biased.push_back(typed(DataType::int32, {3}));
  // The weights of channels-last QLinearConv stay channels-first (ONNX Runtime).
  std::vector<Input> last = quantised;
  last[0] = typed(DataType::uint8, {1, 7, 9, 2});
  last[3] = typed(DataType::uint8, {6, 2, 3, 3});
  const std::vector<Case> cases = {
      {"ConvInteger", {bytes, weight}, {}, {"int32[1,3,3,3]"}, 486, 972},
      {"QLinearConv", quantised, {}, {"uint8[1,3,3,3]"}, 486, 972 + 2 * 27},
      {"QLinearConv", biased, {}, {"uint8[1,3,3,3]"}, 486, 972 + 3 * 27},
      {"QLinearConv",
       last,
       {{"channels_last", std::int64_t{1}}},
       {"uint8[1,5,7,6]"},
       3780,
       7560 + 2 * 210,
       "com.microsoft"},
      {"FusedConv",
       {kImage, kKernel, f32({6})},
       {{"activation", "Relu"}},
       {"float32[1,6,5,7]"},
       7560,
       15120 + 2 * 210,
       "com.microsoft"},
      {"NhwcConv",
       {f32({1, 7, 9, 4}), f32({6, 3, 3, 4})},
       {},
       {"float32[1,5,7,6]"},
       7560,
       15120,
       "com.microsoft"},
      {"DeformConv",
       {f32({1, 2, 5, 5}), f32({4, 2, 3, 3}), f32({1, 18, 3, 3}), f32({4})},
       {},
       {"float32[1,4,3,3]"},
       648,
       1296 + 36 + 8 * 162},
  };
  for (const Case& test : cases) EXPECT_EQ(mismatch(test), "");
}

TEST(Convolution, NamedSizesKeepTheirBounds) {
  const Dim height = Dim::named("h", 8, 100);
  const Case test{"Conv", {f32({Dim::named("batch", 1, 8), 4, height, 9}), kKernel}, {}, {"?"}};
  const Found found = infer_one(test);
  const Shape& shape = *found.types[0].shape;
  EXPECT_EQ(to_string(shape[0]), "batch");
  EXPECT_EQ(shape[2].lower(), 6);
  EXPECT_EQ(shape[2].upper(), 98);
  EXPECT_EQ(work_of_one(test, found.types)->macs.value, 8 * 6 * 98 * 7 * 36);
}

TEST(Convolution, ErrorsNameWhatDoesNotFit) {
  const std::vector<std::pair<Case, std::string>> cases = {
      {{"Conv", {kImage, f32({6, 3, 3, 3})}, {}, {"?"}},
       "input has 4 channels (the weight [6,3,3,3] wants 3 in 1 group)"},
      {{"Conv", {kImage, kKernel}, {{"group", std::int64_t{2}}}, {"?"}},
       "input has 4 channels (the weight [6,4,3,3] wants 4 in 2 groups)"},
      {{"Conv", {kImage, kKernel}, {{"group", std::int64_t{0}}}, {"?"}},
       "attribute group: has the value 0 (1 or more)"},
      {{"Conv", {f32({4, 4}), kKernel}, {}, {"?"}}, "input has shape [4,4] (rank 3 or more)"},
      {{"Conv", {kImage, f32({6, 4, 3})}, {}, {"?"}}, "weight has shape [6,4,3] (rank 4, as the input)"},
      {{"Conv", {kImage, f32({6, 4, 9, 3})}, {}, {"?"}}, "a window of 9 does not fit into 7 padded by 0"},
      {{"Conv", {kImage, kKernel}, {{"strides", Ints{1}}}, {"?"}}, "attribute strides: has 1 values (2)"},
      {{"Conv", {kImage, kKernel}, {{"strides", Ints{0, 1}}}, {"?"}},
       "attribute strides: has the value 0 (1 to 16777216)"},
      {{"Conv", {kImage}, {}, {"?"}}, "has 1 inputs (2 to 3)"},
      {{"Conv", {kImage, left_out(), f32({6})}, {}, {"?"}}, "input 1 is left out (it is needed)"},
  };
  for (const auto& [test, message] : cases) EXPECT_EQ(error_of(test), "node 'n' (Conv): " + message);
  EXPECT_EQ(error_of({"ConvTranspose", {kImage, f32({3, 2, 3, 3})}, {}, {"?"}}),
            "node 'n' (ConvTranspose): input has 4 channels (the weight wants 3)");
}

// Found by reading: the sum of hostile attributes overflowed.
TEST(Convolution, AbsurdPaddingSaturates) {
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  const Case test{
      "ConvTranspose", {f32({1, 2, 4, 5}), f32({2, 3, 3, 3})}, {{"output_padding", Ints{most, most}}}, {"?"}};
  EXPECT_EQ(to_string(infer_one(test).types[0]), "float32[1,3,9223372036854775807,9223372036854775807]");
}

}  // namespace
}  // namespace foretime::ops::testing
