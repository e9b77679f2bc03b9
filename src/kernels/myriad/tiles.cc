#include "kernels/myriad/tiles.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "kernels/myriad/slices.h"

namespace foretime::myriad {
namespace {

constexpr std::int64_t kMemory = 131'072;    // bytes that the blocks of one descriptor share
constexpr std::int64_t kOutputs = 256;       // output channels of one descriptor, over all blocks
constexpr std::int64_t kCoefficients = 256;  // by output channel and block
constexpr std::int64_t kMostPixels = 4096;   // of a tile, along either axis
constexpr std::int64_t kMostChannels = 2048;
/// Bytes on the chip that a tile's output may take: four and a half slices.
constexpr std::int64_t kOutputSpace = 9 * kMemory / 2;
constexpr std::int64_t kMostCuts = 15;   // along each direction
constexpr std::int64_t kNumber = 2;      // bytes
constexpr std::int64_t kAlignment = 16;  // bytes
/// Cycles to set up the adding of 2^m blocks, by mode.
constexpr std::array<std::int64_t, 5> kModeCycles = {0, 5, 11, 19, 31};

std::int64_t pieces(std::int64_t size, std::int64_t piece) {
  return (size + piece - 1) / piece;
}
std::int64_t round_up(std::int64_t size, std::int64_t unit) {
  return pieces(size, unit) * unit;
}
bool is_aligned(std::int64_t pixels) {
  return pixels * kNumber % kAlignment == 0;
}
double number(std::int64_t count) {
  return static_cast<double>(count);
}
std::int64_t coefficients(const Convolution& layer) {
  return layer.width.window * layer.height.window;
}

/// Lines of a tile that a block has room for.
std::int64_t lines_held(std::int64_t width, std::int64_t block_channels, int mode) {
  const std::int64_t line = round_up(width * kNumber, kAlignment);
  return (kMemory >> mode) / block_channels / line;
}

/// Lines that must be there at once: a window, the step to the next, and two being filled; three if narrow.
std::int64_t lines_needed(std::int64_t width, const Axis& axis) {
  return axis.window + axis.stride + 2 + (width <= 8 ? 1 : 0);
}

std::optional<Descriptors> in_mode(int mode, std::int64_t width, std::int64_t height,
                                   const Convolution& layer, std::int64_t in_channels) {
  Descriptors run;
  run.mode = mode;
  const std::int64_t outputs = std::min(kOutputs >> mode, round_up(layer.out_channels, 8));
  if (round_up(in_channels, run.blocks()) > kMostChannels) return std::nullopt;
  run.block_channels = pieces(in_channels, run.blocks());
  const std::int64_t sums = run.block_channels * coefficients(layer);
  if (sums > kCoefficients) return std::nullopt;
  const std::int64_t held = std::min(lines_held(width, run.block_channels, mode), height);
  if (held < std::min(lines_needed(width, layer.height), height)) return std::nullopt;
  run.count = pieces(layer.out_channels, outputs);
  run.cost = run.count * (sums + kModeCycles[static_cast<std::size_t>(mode)]);
  return run;
}

/// A way to cut a layer: greatest sizes of the input of a tile.
struct Cut {
  std::int64_t width;
  std::int64_t height;
  std::int64_t channels;
};

/// The tiles that a cut leads to.
struct Grid {
  Slices columns;
  Slices rows;
  std::int64_t channels;  // of a part
  std::int64_t parts;
};

std::optional<Grid> grid_of(const Convolution& layer, const Cut& cut) {
  Grid grid;
  grid.columns = slices_of(layer.width, cut.width, layer.pooled, true);
  grid.rows = slices_of(layer.height, cut.height, layer.pooled, false);
  if (grid.columns.empty() || grid.rows.empty()) return std::nullopt;
  grid.channels = cut.channels;
  grid.parts = pieces(layer.in_channels, cut.channels);
  return grid;
}

/// The pooling unit works on pairs of columns and wants more than two outputs.
bool can_pool(const Slice& column, const Slice& row) {
  return column.in % 2 == 0 && row.in % 2 == 0 && column.out % 2 == 0 && column.out > 2 && row.out > 2;
}

bool fits_on_chip(const Slice& column, const Slice& row, const Convolution& layer) {
  return round_up(column.out * kNumber, kAlignment) * row.out * layer.out_channels <= kOutputSpace;
}

/// Elements of a tile that are copied because it does not begin at an aligned address.
double misaligned(const Slice& column, const Slice& row, std::int64_t in_channels,
                  std::int64_t out_channels) {
  double copied = 0;
  if (!is_aligned(column.out_start)) copied += number(column.out * row.out * out_channels);
  if (!is_aligned(column.in_start)) copied += number(column.in * row.in * in_channels);
  return copied;
}

/// What the compiler thinks a grid costs, or nothing if the engine cannot run it.
std::optional<double> cost_of(const Convolution& layer, const Grid& grid) {
  double cost = 0;
  for (const Slice& row : grid.rows) {
    for (const Slice& column : grid.columns) {
      if (layer.pooled && !can_pool(column, row)) return std::nullopt;
      const Descriptors run = cheapest_mode(column.in, row.in, layer, grid.channels);
      if (run.count == 0 || !fits_on_chip(column, row, layer)) return std::nullopt;
      cost += number(run.cost * grid.parts);
      cost += misaligned(column, row, run.block_channels * run.blocks(), layer.out_channels);
      cost += number((grid.parts - 1) * column.out * row.out * layer.out_channels);
    }
  }
  return cost;
}

/// The best cut so far.
struct Best {
  double cost = std::numeric_limits<double>::infinity();
  std::int64_t tiles = 0;
  Cut cut{};

  void offer(double other, std::int64_t count, const Cut& by) {
    if (other < cost || (other == cost && count < tiles)) *this = {other, count, by};
  }
};

/// Tries heights from the whole down and stops at the first that works: more rows never help.
void try_heights(const Convolution& layer, std::int64_t width, std::int64_t columns, std::int64_t parts,
                 Best& best) {
  const std::int64_t least = layer.height.window * (layer.pooled ? 2 : 1);
  for (std::int64_t rows = 1; rows <= kMostCuts; ++rows) {
    const Cut cut{width, pieces(layer.height.in, rows), pieces(layer.in_channels, parts)};
    if (rows > 1 && cut.height < least) return;
    auto grid = grid_of(layer, cut);
    if (!grid) continue;
    grid->parts = parts;
    if (const auto cost = cost_of(layer, *grid)) {
      best.offer(*cost, columns * rows * parts, cut);
      return;
    }
  }
}

std::optional<Cut> search(const Convolution& layer) {
  const std::int64_t narrowest = layer.pooled ? 128 : 64;
  const std::int64_t most_parts = layer.pooled ? 1 : kMostCuts;
  Best best;
  for (std::int64_t parts = 1; parts <= most_parts; ++parts) {
    for (std::int64_t columns = 1; columns <= kMostCuts; ++columns) {
      const std::int64_t width = pieces(layer.width.in, columns);
      if (columns > 1 && width < narrowest) break;
      try_heights(layer, width, columns, parts, best);
    }
  }
  return best.tiles == 0 ? std::nullopt : std::optional(best.cut);
}

/// Shapes of well-known networks that the compiler's makers cut by hand: images of size² pixels.
struct Known {
  std::int64_t in_channels, size, out_channels, window;
  Cut cut;
};
constexpr std::array kKnown{
    Known{512, 28, 512, 3, {28, 28, 172}}, Known{256, 56, 256, 3, {56, 30, 128}},
    Known{64, 224, 64, 3, {82, 82, 64}},   Known{128, 112, 128, 3, {112, 32, 32}},
    Known{384, 56, 64, 1, {20, 56, 384}},
};

Cut by_hand(const Convolution& layer, const Cut& found) {
  const Axis& axis = layer.width;
  const bool plain = !layer.pooled && axis == layer.height && axis.stride == 1;
  if (!plain || axis.padding != axis.window / 2) return found;
  for (const Known& known : kKnown) {
    if (known.in_channels == layer.in_channels && known.out_channels == layer.out_channels &&
        known.size == axis.in && known.window == axis.window) {
      return known.cut;
    }
  }
  return found;
}

void add_tile(const Convolution& layer, const Grid& grid, const Slice& column, const Slice& row,
              const Descriptors& run, Tiling& sum) {
  const double parts = number(grid.parts);
  const double made = number(column.out * row.out * layer.out_channels);
  const double steps = number(run.count * run.block_channels * coefficients(layer));
  sum.descriptors += number(run.count) * parts;
  sum.cycles += parts * steps * number(column.out * row.out) * (layer.pooled ? 4 : 1);
  sum.read += parts * number(run.count * column.in * row.in * run.block_channels * run.blocks());
  sum.made += made;
  sum.misaligned += misaligned(column, row, grid.channels * grid.parts, layer.out_channels);
  sum.accumulated += (parts - 1) * made;
}

Tiling sums_of(const Convolution& layer, const Grid& grid) {
  Tiling sum;
  sum.across = static_cast<std::int64_t>(grid.columns.size());
  sum.down = static_cast<std::int64_t>(grid.rows.size());
  sum.parts = grid.parts;
  for (const Slice& row : grid.rows) {
    for (const Slice& column : grid.columns) {
      const Descriptors run = cheapest_mode(column.in, row.in, layer, grid.channels);
      if (run.count == 0) return {};
      if (sum.descriptors == 0) sum.first = run;
      add_tile(layer, grid, column, row, run, sum);
    }
  }
  sum.possible = true;
  sum.pooled = layer.pooled;
  return sum;
}

/// No cut makes tiles small enough otherwise; also keeps products within 64 bits.
bool is_in_reach(const Convolution& layer) {
  const auto reaches = [](const Axis& axis) {
    return axis.in >= 1 && axis.in <= kMostPixels * kMostCuts &&   //
           axis.out >= 1 && axis.out <= axis.in + 2 * kOutputs &&  //
           axis.window >= 1 && axis.window <= kCoefficients &&     //
           axis.stride >= 1 && axis.stride <= kMostPixels;
  };
  constexpr std::int64_t kMostOutputs = 1 << 20;
  return reaches(layer.width) && reaches(layer.height) && layer.in_channels >= 1 && layer.out_channels >= 1 &&
         layer.in_channels <= kMostChannels * kMostCuts && layer.out_channels <= kMostOutputs;
}

}  // namespace

Descriptors cheapest_mode(std::int64_t width, std::int64_t height, const Convolution& layer,
                          std::int64_t in_channels) {
  Descriptors best;
  if (width > kMostPixels || height > kMostPixels) return best;
  for (int mode = 0; mode < static_cast<int>(kModeCycles.size()); ++mode) {
    const auto run = in_mode(mode, width, height, layer, in_channels);
    if (!run) continue;
    const bool better =
        best.count == 0 || run->cost < best.cost || (run->cost == best.cost && run->count < best.count);
    if (better) best = *run;
  }
  return best;
}

Tiling tile_convolution(const Convolution& layer) {
  if (!is_in_reach(layer)) return {};
  const auto found = search(layer);
  if (!found) return {};
  const auto grid = grid_of(layer, by_hand(layer, *found));
  return grid ? sums_of(layer, *grid) : Tiling{};
}

std::int64_t depthwise_channels(const Convolution& layer) {
  if (!is_in_reach(layer)) return 0;
  const std::int64_t channels = layer.in_channels;
  std::int64_t best = 0;
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  Convolution slice = layer;
  for (std::int64_t each = 1; each < std::min(channels, kMostChannels + 1); ++each) {
    slice.in_channels = slice.out_channels = each;
    const Descriptors run = cheapest_mode(layer.width.in, layer.height.in, slice, each);
    if (run.count == 0) continue;
    const std::int64_t cost = run.cost * pieces(channels, each);
    if (cost >= least) continue;
    least = cost;
    best = each;
  }
  return best;
}

Tiling tile_depthwise(const Convolution& layer) {
  const std::int64_t channels = depthwise_channels(layer);
  if (channels == 0) return {};
  Convolution slice = layer;
  slice.in_channels = slice.out_channels = channels;
  Tiling tiling = tile_convolution(slice);
  tiling.slice = channels;
  const double times = number(pieces(layer.in_channels, channels));
  for (double* sum : {&tiling.descriptors, &tiling.cycles, &tiling.read, &tiling.made, &tiling.accumulated,
                      &tiling.misaligned}) {
    *sum *= times;
  }
  return tiling;
}

Tiling tile_gemm(std::int64_t inputs, std::int64_t outputs) {
  Tiling tiling;
  tiling.possible = inputs > 0 && outputs > 0;
  tiling.descriptors = number(pieces(inputs, kOutputs)) * number(pieces(outputs, kOutputs));
  tiling.cycles = tiling.descriptors * number(std::min(inputs, kOutputs));
  return tiling;
}

Tiling tile_pooling(const Axis& width, const Axis& height, std::int64_t channels) {
  constexpr std::int64_t kPooledChannels = 16;
  Tiling tiling;
  tiling.possible = true;
  tiling.descriptors = number(pieces(channels, kPooledChannels));
  tiling.cycles = tiling.descriptors * number(width.out) * number(height.out) * number(width.window) *
                  number(height.window);
  return tiling;
}

}  // namespace foretime::myriad
