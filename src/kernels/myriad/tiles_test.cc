#include "kernels/myriad/tiles.h"

#include <gtest/gtest.h>

namespace foretime::myriad {
namespace {

/// A square layer: input pixels and channels, output pixels and channels, window, stride, padding, pooled.
struct Layer {
  std::int64_t in, in_channels, out, out_channels, window, stride, padding;
  bool pooled;

  Convolution convolution() const {
    const Axis axis{in, out, window, stride, padding};
    return {axis, axis, in_channels, out_channels, pooled};
  }
};

struct Expected {
  int possible;
  std::int64_t across, down, parts;
  int mode;
  std::int64_t block_channels;
  double descriptors, cycles, read, made, accumulated, misaligned;
};

// Computed by an independent program.
constexpr std::pair<Layer, Expected> kConvolutions[] = {
    {{56, 64, 56, 64, 3, 1, 1, true}, {1, 1, 1, 1, 2, 16, 1, 451584, 200704, 50176, 0, 0}},
    {{28, 128, 28, 128, 3, 1, 1, true}, {1, 1, 1, 1, 3, 16, 4, 451584, 401408, 25088, 0, 0}},
    {{224, 16, 224, 16, 3, 1, 1, true}, {1, 1, 1, 1, 3, 2, 1, 903168, 802816, 200704, 0, 0}},
    {{112, 24, 112, 50, 3, 1, 1, true}, {1, 1, 1, 1, 2, 6, 1, 677376, 301056, 156800, 0, 0}},
    {{224, 3, 112, 32, 3, 2, 0, false}, {1, 1, 2, 1, 2, 1, 2, 112896, 201600, 401408, 0, 0}},
    {{224, 3, 112, 64, 7, 2, 2, false}, {1, 1, 4, 1, 2, 1, 4, 647584, 214144, 845824, 0, 0}},
    {{227, 3, 55, 96, 11, 4, 0, false}, {1, 1, 3, 1, 1, 2, 3, 732050, 218828, 290400, 0, 0}},
    {{224, 3, 56, 64, 11, 4, 3, false}, {1, 1, 1, 1, 2, 1, 1, 379456, 200704, 200704, 0, 0}},
    {{224, 64, 224, 64, 3, 1, 1, false}, {1, 3, 3, 1, 2, 16, 9, 7485696, 3326976, 3326976, 0, 2130432}},
    {{224, 64, 224, 64, 3, 1, 1, true}, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
    {{112, 128, 112, 128, 3, 1, 1, false}, {1, 1, 4, 4, 1, 16, 16, 7612416, 1691648, 1691648, 5074944, 0}},
    {{112, 64, 112, 128, 3, 1, 1, false}, {1, 1, 7, 1, 2, 16, 14, 3999744, 1777664, 1777664, 0, 0}},
    {{112, 128, 112, 128, 3, 1, 1, true}, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
    {{56, 256, 56, 256, 3, 1, 1, false}, {1, 1, 2, 2, 3, 16, 32, 7483392, 6651904, 831488, 831488, 0}},
    {{56, 256, 56, 256, 3, 1, 1, true}, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
    {{28, 512, 28, 512, 3, 1, 1, false}, {1, 1, 1, 3, 3, 22, 48, 7451136, 6623232, 401408, 802816, 0}},
    {{28, 512, 28, 512, 3, 1, 1, true}, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
    {{14, 512, 14, 512, 3, 1, 1, false}, {1, 1, 1, 2, 4, 16, 64, 1806336, 3211264, 100352, 100352, 0}},
    {{7, 512, 7, 512, 3, 1, 1, false}, {1, 1, 1, 2, 4, 16, 64, 451584, 802816, 25088, 25088, 0}},
    {{56, 64, 28, 128, 3, 2, 0, false}, {1, 1, 1, 1, 2, 16, 2, 225792, 401408, 100352, 0, 0}},
    {{56, 384, 56, 64, 1, 1, 0, false}, {1, 4, 1, 1, 2, 96, 4, 365568, 1462272, 243712, 0, 172032}},
    {{14, 512, 14, 512, 1, 1, 0, false}, {1, 1, 1, 1, 1, 256, 4, 200704, 401408, 100352, 0, 0}},
    {{112, 32, 112, 64, 1, 1, 0, false}, {1, 1, 3, 1, 2, 8, 3, 100352, 401408, 802816, 0, 0}},
    {{56, 24, 56, 144, 1, 1, 0, false}, {1, 1, 2, 1, 0, 24, 2, 75264, 75264, 451584, 0, 0}},
    {{7, 960, 7, 320, 1, 1, 0, false}, {1, 1, 1, 1, 2, 240, 5, 58800, 235200, 15680, 0, 0}},
    {{7, 320, 7, 1280, 1, 1, 0, false}, {1, 1, 1, 1, 1, 160, 10, 78400, 156800, 62720, 0, 0}},
    {{32, 16, 32, 16, 3, 1, 1, false}, {1, 1, 1, 1, 3, 2, 1, 18432, 16384, 16384, 0, 0}},
    {{16, 32, 16, 32, 3, 1, 1, false}, {1, 1, 1, 1, 3, 4, 1, 9216, 8192, 8192, 0, 0}},
    {{32, 16, 16, 32, 3, 2, 0, false}, {1, 1, 1, 1, 3, 2, 1, 4608, 16384, 8192, 0, 0}},
    {{27, 96, 27, 256, 5, 1, 2, false}, {1, 1, 1, 1, 4, 6, 16, 1749600, 1119744, 186624, 0, 0}},
    {{13, 384, 13, 256, 3, 1, 1, false}, {1, 1, 1, 1, 4, 24, 16, 584064, 1038336, 43264, 0, 0}},
    {{1, 576, 1, 144, 1, 1, 0, false}, {1, 1, 1, 1, 3, 72, 5, 360, 2880, 144, 0, 0}},
    {{1, 72, 1, 24, 1, 1, 0, false}, {1, 1, 1, 1, 3, 9, 1, 9, 72, 24, 0, 0}},
    {{28, 58, 28, 58, 1, 1, 0, false}, {1, 1, 1, 1, 2, 15, 1, 11760, 47040, 45472, 0, 0}},
    {{224, 37, 224, 41, 3, 1, 1, false}, {1, 1, 8, 1, 2, 10, 8, 4798080, 2132480, 2185792, 0, 0}},
    {{112, 31, 56, 64, 5, 2, 1, false}, {1, 1, 1, 1, 2, 8, 1, 627200, 401408, 200704, 0, 0}},
    {{56, 2100, 56, 64, 1, 1, 0, false}, {1, 1, 1, 8, 2, 66, 8, 1655808, 6623232, 200704, 1404928, 0}},
    {{7, 3000, 7, 64, 1, 1, 0, false}, {1, 1, 1, 2, 3, 188, 4, 36848, 294784, 3136, 3136, 0}},
};

TEST(Tiles, CutConvolutionsAsTheCompilerDoes) {
  for (const auto& [layer, expected] : kConvolutions) {
    SCOPED_TRACE(std::to_string(layer.in) + "x" + std::to_string(layer.in_channels) + " to " +
                 std::to_string(layer.out) + "x" + std::to_string(layer.out_channels));
    const Tiling tiling = tile_convolution(layer.convolution());
    EXPECT_EQ(tiling.possible, expected.possible != 0);
    EXPECT_EQ(tiling.across, expected.across);
    EXPECT_EQ(tiling.down, expected.down);
    EXPECT_EQ(tiling.parts, expected.parts);
    EXPECT_EQ(tiling.first.mode, expected.mode);
    EXPECT_EQ(tiling.first.block_channels, expected.block_channels);
    EXPECT_EQ(tiling.descriptors, expected.descriptors);
    EXPECT_EQ(tiling.cycles, expected.cycles);
    EXPECT_EQ(tiling.read, expected.read);
    EXPECT_EQ(tiling.made, expected.made);
    EXPECT_EQ(tiling.accumulated, expected.accumulated);
    EXPECT_EQ(tiling.misaligned, expected.misaligned);
  }
}

TEST(Tiles, CutDepthwiseConvolutionsByChannels) {
  struct Case {
    std::int64_t size, channels, window, stride, at_a_time;
  };
  constexpr Case kCases[] = {
      {112, 32, 3, 1, 16}, {112, 16, 3, 1, 8}, {112, 96, 3, 2, 32}, {56, 144, 3, 1, 29}, {28, 192, 5, 1, 16},
      {14, 512, 3, 1, 32}, {7, 960, 5, 1, 16}, {7, 576, 7, 1, 16},  {224, 3, 3, 1, 1},   {150, 24, 7, 2, 12},
  };
  for (const Case& each : kCases) {
    const Axis axis{each.size, each.size / each.stride, each.window, each.stride, each.window / 2};
    const Convolution layer{axis, axis, each.channels, each.channels, false};
    EXPECT_EQ(depthwise_channels(layer), each.at_a_time) << each.size << " x " << each.channels;
  }
  const Axis axis{14, 14, 3, 1, 1};
  const Tiling tiling = tile_depthwise({axis, axis, 512, 512, false});
  EXPECT_EQ(tiling.descriptors, 16);
}

TEST(Tiles, SurviveAnySizes) {
  constexpr std::int64_t kSizes[] = {0, 1, 7, 300, 5000, 61'440, 2'147'483'647};
  for (const std::int64_t size : kSizes) {
    for (const std::int64_t channels : kSizes) {
      for (const std::int64_t window : {std::int64_t{1}, std::int64_t{16}, std::int64_t{2'147'483'647}}) {
        for (const bool pooled : {false, true}) {
          const Axis axis{size, size, window, 1, window / 2};
          const Convolution layer{axis, axis, channels, channels, pooled};
          const Tiling tiling = tile_convolution(layer);
          EXPECT_TRUE(!tiling.possible || tiling.cycles > 0);
          EXPECT_GE(tile_depthwise(layer).cycles, 0);
        }
      }
    }
  }
}

}  // namespace
}  // namespace foretime::myriad
