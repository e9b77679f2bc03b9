#include <gtest/gtest.h>

#include "ops/testing.h"

namespace foretime::ops::testing {
namespace {

using Ints = std::vector<std::int64_t>;

const Input kImage = f32({1, 2, 7, 9});
const Input kNone = left_out();

Case resize(std::vector<Input> inputs, Attributes attributes, std::string output,
            std::int64_t flops = kAnyCost) {
  return {"Resize", std::move(inputs), std::move(attributes), {"float32" + std::move(output)}, kAnyCost,
          flops};
}

Attributes on(Ints axes, std::string policy = "stretch") {
  return {{"axes", std::move(axes)}, {"keep_aspect_ratio_policy", std::move(policy)}};
}

// Sizes as ONNX Runtime 1.31 computes them.
TEST(Resize, ScalesAndSizes) {
  const std::vector<Case> cases = {
      resize({kImage, kNone, floats({1, 1, 2, 2})}, {}, "[1,2,14,18]", 0),
      resize({kImage, kNone, floats({1, 1, 2, 2})}, {{"mode", "linear"}}, "[1,2,14,18]", 504 * 7),
      resize({kImage, kNone, floats({1, 1, 2, 1})}, {{"mode", "cubic"}}, "[1,2,14,9]", 252 * 7),
      resize({kImage, kNone, floats({1, 1, 1.5f, 0.5f})}, {}, "[1,2,10,4]"),
      resize({kImage, kNone, floats({1, 1, 0.3f, 1.7f})}, {}, "[1,2,2,15]"),
      resize({kImage, kNone, kNone, ints({1, 2, 5, 6})}, {}, "[1,2,5,6]"),
      resize({kImage, floats({}), floats({}), ints({1, 2, 5, 6})}, {}, "[1,2,5,6]"),
      resize({kImage, floats({1, 1, 2, 1.5f})}, {}, "[1,2,14,13]"),
      resize({kImage, kNone, kNone, ints({5, 6})}, on({2, 3}), "[1,2,5,6]"),
      resize({kImage, kNone, floats({3, 2})}, on({3, 2}), "[1,2,14,27]"),
      resize({kImage, kNone, kNone, ints({10, 10})}, on({2, 3}, "not_larger"), "[1,2,8,10]"),
      resize({kImage, kNone, kNone, ints({10, 10})}, on({2, 3}, "not_smaller"), "[1,2,10,13]"),
      resize({kImage, kNone, kNone, ints({5, 6})}, on({3, 2}, "not_larger"), "[1,2,4,5]"),
      resize({kImage, kNone, kNone, ints({5, 6})}, on({-1, -2}, "not_smaller"), "[1,2,6,8]"),
      resize({kImage, kNone, kNone, typed(DataType::int64, {4})}, {}, "[n.0.0,n.0.1,n.0.2,n.0.3]", kNoCost),
      {"Upsample", {kImage}, {{"scales", std::vector<float>{1, 1, 2, 1.5f}}}, {"float32[1,2,14,13]"}},
  };
  for (const Case& test : cases) EXPECT_EQ(mismatch(test), "");
}

TEST(Resize, NamedSizesKeepTheirBounds) {
  const Dim h = Dim::named("h", 1, 101);
  const Input image = f32({1, 2, h, h});
  const Case by_half = resize({image, kNone, floats({1, 1, 0.5f, 1.5f})}, {}, "");
  const Shape out = *infer_one(by_half).types[0].shape;
  EXPECT_EQ(to_string(out), "[1,2,(h / 2),(h * 1.500000)]");
  EXPECT_EQ(out[2].upper(), 50);
  EXPECT_EQ(out[3].upper(), 151);
  const Case fitted = resize({image, kNone, kNone, ints({8, 9})}, on({2, 3}, "not_larger"), "");
  EXPECT_EQ((*infer_one(fitted).types[0].shape)[3].upper(), 9);
}

TEST(Resize, ErrorsSayWhatIsMissing) {
  EXPECT_EQ(error_of(resize({kImage, kNone, floats({2, 2})}, {}, "")),
            "node 'n' (Resize): has 2 scales or sizes for 4 axes (one for each axis)");
  EXPECT_EQ(error_of(resize({kImage}, {}, "")),
            "node 'n' (Resize): has neither scales nor sizes (one of them)");
  EXPECT_EQ(error_of(resize({kImage, kNone, floats({1, 1, 0, 1})}, {}, "")),
            "node 'n' (Resize): has a scale of 0.000000 (more than 0)");
}

TEST(Resize, SamplingAndRegions) {
  const Input regions = f32({3, 4});
  const std::vector<Case> cases = {
      {"GridSample", {kImage, f32({1, 4, 5, 2})}, {}, {"float32[1,2,4,5]"}, 0, 40 * 7},
      {"GridSample", {f32({1, 2, 3, 4, 5}), f32({1, 6, 7, 8, 3})}, {}, {"float32[1,2,6,7,8]"}, 0, 672 * 15},
      {"AffineGrid", {f32({2, 2, 3}), ints({2, 3, 4, 5})}, {}, {"float32[2,4,5,2]"}, 0, 80 * 5},
      {"AffineGrid", {f32({2, 3, 4}), ints({2, 3, 4, 5, 6})}, {}, {"float32[2,4,5,6,3]"}, 0, 720 * 7},
      {"RoiAlign",
       {kImage, regions, typed(DataType::int64, {3})},
       {{"output_height", std::int64_t{4}}, {"output_width", std::int64_t{5}}},
       {"float32[3,2,4,5]"},
       0,
       120 * 32},
      {"MaxRoiPool", {kImage, f32({3, 5})}, {{"pooled_shape", Ints{4, 5}}}, {"float32[3,2,4,5]"}, 0, 3 * 126},
      {"CropAndResize",
       {kImage, regions, typed(DataType::int32, {3}), ints({4, 5})},
       {},
       {"float32[3,2,4,5]"},
       0,
       120 * 7,
       "com.microsoft"},
      {"CenterCropPad", {kImage, ints({4, 20})}, {{"axes", Ints{-1, 2}}}, {"float32[1,2,20,4]"}, 0, 0},
      {"Col2Im", {f32({1, 5, 5}), ints({5, 5}), ints({1, 5})}, {}, {"float32[1,1,5,5]"}, 0, 25},
      {"DepthToSpace", {f32({1, 8, 3, 4})}, {{"blocksize", std::int64_t{2}}}, {"float32[1,2,6,8]"}, 0, 0},
      {"SpaceToDepth", {f32({1, 8, 4, 6})}, {{"blocksize", std::int64_t{2}}}, {"float32[1,32,2,3]"}, 0, 0},
  };
  for (const Case& test : cases) EXPECT_EQ(mismatch(test), "");
}

}  // namespace
}  // namespace foretime::ops::testing
