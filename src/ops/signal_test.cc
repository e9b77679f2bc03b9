#include <gtest/gtest.h>

#include "ops/testing.h"

namespace foretime::ops::testing {
namespace {

const Attributes kHalf{{"onesided", std::int64_t{1}}};
const Input kOne = ints({}, {1});

Case dft(std::vector<Input> inputs, Attributes attributes, std::string output, std::int64_t opset,
         std::int64_t flops = kAnyCost) {
  return {"DFT", std::move(inputs), std::move(attributes), {std::move(output)}, 0, flops, "", opset};
}

// Types as ONNX Runtime 1.31 returns them.
TEST(Signal, Transforms) {
  const Input number = floats({}, {0});
  const std::vector<Case> cases = {
      dft({f32({2, 16, 1})}, kHalf, "float32[2,9,2]", 17, 2 * 5 * 16 * 4),
      dft({f32({2, 16, 2}), ints({}, {20})}, {{"axis", std::int64_t{1}}}, "float32[2,20,2]", 17),
      dft({f32({2, 16, 1})}, {}, "float32[2,16,2]", 20, 2 * 5 * 16 * 4),
      dft({f32({2, 16, 4, 1}), left_out(), kOne}, kHalf, "float32[2,9,4,2]", 20, 8 * 5 * 16 * 4),
      dft({f32({2, 9, 2})}, {{"onesided", std::int64_t{1}}, {"inverse", std::int64_t{1}}}, "float32[2,16,1]",
          20),
      {"STFT",
       {f32({1, 128, 1}), ints({}, {8}), f32({16})},
       {},
       {"float32[1,15,9,2]"},
       0,
       15 * (16 + 5 * 16 * 4)},
      {"STFT",
       {f32({1, 128, 1}), ints({}, {8}), left_out(), ints({}, {16})},
       {{"onesided", std::int64_t{0}}},
       {"float32[1,15,16,2]"}},
      {"MelWeightMatrix",
       {ints({}, {8}), ints({}, {16}), ints({}, {8192}), number, number},
       {},
       {"float32[9,8]"}},
      {"HannWindow", {ints({}, {10})}, {}, {"float32[10]"}, 0, 40},
      {"BlackmanWindow", {ints({}, {10})}, {{"output_datatype", std::int64_t{11}}}, {"float64[10]"}, 0, 80},
  };
  for (const Case& test : cases) EXPECT_EQ(mismatch(test), "");
}

TEST(Signal, TheRest) {
  const Input x = f32({2, 3});
  const std::vector<Case> cases = {
      {"CumSum", {x, kOne}, {}, {"float32[2,3]"}, 0, 6},
      {"Trilu", {x}, {}, {"float32[2,3]"}, 0, 0},
      {"Bernoulli", {x}, {{"dtype", std::int64_t{9}}}, {"bool[2,3]"}},
      {"Multinomial", {x}, {{"sample_size", std::int64_t{5}}}, {"int32[2,5]"}},
      {"Det", {f32({2, 3, 3})}, {}, {"float32[2]"}, 0, 36},
      {"Inverse", {f32({3, 3})}, {}, {"float32[3,3]"}, 0, 54, "com.microsoft"},
      {"BitCast", {x}, {{"to", std::int64_t{6}}}, {"int32[2,3]"}, 0, 0},
      {"ImageDecoder", {typed(DataType::uint8, {99})}, {}, {"uint8[n.height,n.width,3]"}, 0, 0},
  };
  for (const Case& test : cases) EXPECT_EQ(mismatch(test), "");
  EXPECT_EQ(error_of({"BitCast", {x}, {{"to", std::int64_t{7}}}, {"?"}}),
            "node 'n' (BitCast): reads elements of float32 as int64 (a type of as many bits)");
}

TEST(Signal, KnownContentsAreFollowed) {
  const Input row = ints({1, 2, 3});
  const Input matrix = ints({3, 4}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  const Input zero = ints({}, {0});
  const Attributes exclusive{{"exclusive", std::int64_t{1}}};
  const Attributes reverse{{"reverse", std::int64_t{1}}};
  const Attributes both{{"reverse", std::int64_t{1}}, {"exclusive", std::int64_t{1}}};
  EXPECT_EQ(contents({"CumSum", {row, zero}, {}, {"?"}}), "1 3 6");
  EXPECT_EQ(contents({"CumSum", {row, zero}, exclusive, {"?"}}), "0 1 3");
  EXPECT_EQ(contents({"CumSum", {row, zero}, reverse, {"?"}}), "6 5 3");
  EXPECT_EQ(contents({"CumSum", {row, zero}, both, {"?"}}), "5 3 0");
  EXPECT_EQ(contents({"CumSum", {matrix, zero}, {}, {"?"}}), "0 1 2 3 4 6 8 10 12 15 18 21");
  EXPECT_EQ(contents({"CumProd", {row, zero}, {}, {"?"}}), "1 2 6");
  EXPECT_EQ(contents({"Trilu", {matrix, kOne}, {}, {"?"}}), "0 1 2 3 0 0 6 7 0 0 0 11");
  EXPECT_EQ(contents({"Trilu", {matrix, ints({}, {-1})}, {{"upper", std::int64_t{0}}}, {"?"}}),
            "0 0 0 0 4 0 0 0 8 9 0 0");
}

}  // namespace
}  // namespace foretime::ops::testing
