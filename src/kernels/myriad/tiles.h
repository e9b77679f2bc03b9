#pragma once

// How the convolution engine of the Intel Myriad X is driven.
//
// The engine does not see a layer but tiles of it, each run by a few *descriptors*: one descriptor makes some
// output channels of one tile. Before a descriptor starts, its input must lie in on-chip memory, spread by
// channel over 2^m equal blocks; m is the descriptor's *mode*. A high mode splits the input channels further,
// so that each block has fewer to add up, but makes fewer output channels at a time. A layer that does not
// fit is cut along width, height and input channels; parts cut by channel are added up by the scalar
// processor, and what does not begin at an aligned address is copied. The compiler picks the cut with the
// least cycles.
//
// Words: a *block* is one of the 2^m pieces of on-chip memory, a *part* is one slice of input channels,
// *junk* are outputs that the engine computes and nobody needs, because it can only start at certain rows and
// columns.
//
// Facts: Movidius/Intel's graph compiler of OpenVINO 2019 (Apache-2.0: its hardware tilers for convolution,
// pooling and fully connected layers, and its table of tiles for well-known shapes) and the public figures of
// the chip: 20 slices of 128 KB on-chip memory, 2-byte numbers. What follows is our own account of them.

#include <cstdint>

namespace foretime::myriad {

/// One axis of an image under a window, in pixels. `padding` is what the engine adds at either end.
struct Axis {
  std::int64_t in = 1;
  std::int64_t out = 1;
  std::int64_t window = 1;
  std::int64_t stride = 1;
  std::int64_t padding = 0;

  bool operator==(const Axis&) const = default;
};

struct Convolution {
  Axis width;
  Axis height;
  std::int64_t in_channels = 1;
  std::int64_t out_channels = 1;
  bool pooled = false;  // a maximum over 2×2, stride 2, is taken on the way out; `out` is before that

  bool operator==(const Convolution&) const = default;
};

/// What one tile asks of the engine.
struct Descriptors {
  std::int64_t count = 0;  // 0: the engine cannot run such a tile
  int mode = 0;
  std::int64_t block_channels = 0;  // input channels in each block
  std::int64_t cost = 0;            // cycles by pixel

  std::int64_t blocks() const { return std::int64_t{1} << mode; }
};

/// The mode that costs least for a tile of width × height pixels.
Descriptors cheapest_mode(std::int64_t width, std::int64_t height, const Convolution& layer,
                          std::int64_t in_channels);

/// A layer as the engine runs it. Sums are over all tiles; elements are numbers of 2 bytes.
struct Tiling {
  bool possible = false;  // false: the scalar processors run the layer
  bool pooled = false;    // a pooling behind a convolution runs with it
  std::int64_t across = 0;
  std::int64_t down = 0;
  std::int64_t parts = 0;
  std::int64_t slice = 0;  // channels computed at a time, of a depthwise convolution
  Descriptors first;       // of the first tile
  double descriptors = 0;
  double cycles = 0;
  double read = 0;         // elements
  double made = 0;         // elements, junk included; of one part
  double accumulated = 0;  // elements added up outside of the engine
  double misaligned = 0;   // elements copied to or from an aligned place
};

Tiling tile_convolution(const Convolution& layer);

/// Channels that a depthwise convolution computes at a time, as a small dense one; 0: the engine cannot.
/// REQUIRES: in_channels == out_channels.
std::int64_t depthwise_channels(const Convolution& layer);
/// Such a convolution: the tiling of one slice of channels, its sums over all slices.
Tiling tile_depthwise(const Convolution& layer);

/// A fully connected layer: descriptors take 256 inputs to 256 outputs.
Tiling tile_gemm(std::int64_t inputs, std::int64_t outputs);

/// A pooling: a descriptor takes 16 channels.
Tiling tile_pooling(const Axis& width, const Axis& height, std::int64_t channels);

}  // namespace foretime::myriad
