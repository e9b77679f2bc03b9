// Swin transformer: attention inside windows of 7x7 pixels, which every second block shifts by half a window.
// A shift is cyclic, so windows at the edge hold pixels that are not neighbours; a mask keeps them apart.

#include <array>
#include <string>
#include <vector>

#include "zoo/attention.h"
#include "zoo/blocks.h"
#include "zoo/families.h"
#include "zoo/variants.h"

namespace foretime::zoo {
namespace {

constexpr std::int64_t kWindow = 7;
constexpr std::int64_t kPixels = kWindow * kWindow;
constexpr float kEpsilon = 1e-5f;

struct Variant {
  std::string_view name;
  std::int64_t width;  // channels of the first stage; heads have 32
  std::array<int, 4> blocks;
};
constexpr std::array kVariants{
    Variant{"swin_t", 96, {2, 2, 6, 2}},
    Variant{"swin_s", 96, {2, 2, 18, 2}},
    Variant{"swin_b", 128, {2, 2, 18, 2}},
};

/// For every pair of pixels of a window, the row of the bias table that belongs to their offset.
std::vector<std::int64_t> relative_positions() {
  std::vector<std::int64_t> index;
  for (std::int64_t a = 0; a < kPixels; ++a) {
    for (std::int64_t b = 0; b < kPixels; ++b) {
      const std::int64_t rows = a / kWindow - b / kWindow + kWindow - 1;
      const std::int64_t columns = a % kWindow - b % kWindow + kWindow - 1;
      index.push_back(rows * (2 * kWindow - 1) + columns);
    }
  }
  return index;
}

/// Which of the three parts that a cyclic shift leaves side by side a row belongs to.
int region(std::int64_t row, std::int64_t size, std::int64_t shift) {
  if (row < size - kWindow) return 0;
  return row < size - shift ? 1 : 2;
}

/// 1, windows, 1, pixels, pixels: true for pixels of the same region.
Value shift_mask(Network& net, std::int64_t height, std::int64_t width, std::int64_t shift) {
  const std::int64_t columns = width / kWindow;
  const std::int64_t windows = height / kWindow * columns;
  std::vector<bool> same;
  for (std::int64_t window = 0; window < windows; ++window) {
    const auto region_of = [&](std::int64_t pixel) {
      const std::int64_t row = window / columns * kWindow + pixel / kWindow;
      const std::int64_t column = window % columns * kWindow + pixel % kWindow;
      return 3 * region(row, height, shift) + region(column, width, shift);
    };
    for (std::int64_t a = 0; a < kPixels; ++a) {
      for (std::int64_t b = 0; b < kPixels; ++b) same.push_back(region_of(a) == region_of(b));
    }
  }
  return net.mask("attention_mask", {1, windows, 1, kPixels, kPixels}, same);
}

/// N, H, W, C to N * windows, pixels, C.
Value cut_windows(const Value& x) {
  const std::int64_t rows = x.sizes[1] / kWindow;
  const std::int64_t columns = x.sizes[2] / kWindow;
  const Value grid = reshape(x, {x.batch(), rows, kWindow, columns, kWindow, x.sizes[3]});
  return reshape(transpose(grid, {0, 1, 3, 2, 4, 5}), {x.batch() * rows * columns, kPixels, x.sizes[3]});
}

Value join_windows(const Value& windows, const Sizes& sizes) {
  const std::int64_t rows = sizes[1] / kWindow;
  const std::int64_t columns = sizes[2] / kWindow;
  const Value grid = reshape(windows, {sizes[0], rows, columns, kWindow, kWindow, sizes[3]});
  return reshape(transpose(grid, {0, 1, 3, 2, 4, 5}), sizes);
}

Value relative_bias(Network& net, std::int64_t heads) {
  const std::int64_t offsets = (2 * kWindow - 1) * (2 * kWindow - 1);
  const Value table = net.parameter("relative_position_bias_table", {offsets, heads});
  const Value index = net.index_table("relative_position_index", {kPixels * kPixels}, relative_positions());
  const Value bias = transpose(reshape(gather(table, index), {kPixels, kPixels, heads}), {2, 0, 1});
  return reshape(bias, {1, heads, kPixels, kPixels});
}

/// Scores of pixels that are not neighbours drop by 100, as in the source: softmax makes nothing of them.
Value masked(const Value& scores, const Value& mask, std::int64_t windows) {
  const Sizes sizes = scores.sizes;
  const std::int64_t images = sizes[0] / windows;
  const Value by_window = reshape(scores, {images, windows, sizes[1], kPixels, kPixels});
  return reshape(where(mask, by_window, scores.net->scalar(-100)), sizes);
}

/// The source computes with the weights of modules that it never calls.
constexpr LinearOptions kFunctional{.leaf_class = ""};

Value window_attention(const Value& x, std::int64_t heads, const Value* mask) {
  const std::int64_t width = x.sizes[2];
  Value qkv =
      reshape(linear(x, "qkv", 3 * width, kFunctional), {x.batch(), kPixels, 3, heads, width / heads});
  qkv = transpose(qkv, {2, 0, 3, 1, 4});
  Value scores = attention_scores(pick(qkv, 0, 0), pick(qkv, 0, 1));
  scores = add(scores, relative_bias(*x.net, heads));
  if (mask != nullptr) scores = masked(scores, *mask, mask->sizes[1]);
  return linear(merge_heads(matmul(softmax(scores, -1), pick(qkv, 0, 2))), "proj", width, kFunctional);
}

/// The image grows to whole windows at its lower and right edge, and shrinks back.
Value shifted_attention(const Value& x, std::int64_t heads, bool shifted) {
  const Scope scope(*x.net, "attn");
  const auto missing = [](std::int64_t size) { return (kWindow - size % kWindow) % kWindow; };
  const std::int64_t height = x.sizes[1];
  const std::int64_t width = x.sizes[2];
  Value y = x;
  if (missing(height) > 0) y = pad(y, 1, 0, missing(height));
  if (missing(width) > 0) y = pad(y, 2, 0, missing(width));
  const Sizes padded = y.sizes;
  // One window alone has nothing to shift.
  const std::int64_t shift = shifted && padded[1] > kWindow ? kWindow / 2 : 0;
  if (shift == 0) {
    y = join_windows(window_attention(cut_windows(y), heads, nullptr), padded);
  } else {
    y = roll(roll(y, 1, -shift), 2, -shift);
    const Value mask = shift_mask(*x.net, padded[1], padded[2], shift);
    y = join_windows(window_attention(cut_windows(y), heads, &mask), padded);
    y = roll(roll(y, 1, shift), 2, shift);
  }
  if (missing(height) > 0) y = slice(y, 1, 0, height);
  return missing(width) > 0 ? slice(y, 2, 0, width) : y;
}

Value mlp(const Value& x) {
  const Scope scope(*x.net, "mlp");
  const Value y = activation(linear(x, "0", 4 * x.sizes[3]), "1", Activation::gelu);
  return dropout(linear(dropout(y, "2"), "3", x.sizes[3]), "4");
}

Value block(const Value& x, bool shifted) {
  const auto depth = [](const Value& y) { return identity(y, "stochastic_depth", "StochasticDepth"); };
  const Value y =
      add(x, depth(shifted_attention(layer_norm(x, "norm1", kEpsilon), x.sizes[3] / 32, shifted)));
  return add(y, depth(mlp(layer_norm(y, "norm2", kEpsilon))));
}

/// Four neighbours become one pixel of twice the channels.
Value merge_patches(const Value& x) {
  const std::int64_t height = x.sizes[1];
  const std::int64_t width = x.sizes[2];
  Value even = x;
  if (height % 2 != 0) even = pad(even, 1, 0, 1);
  if (width % 2 != 0) even = pad(even, 2, 0, 1);
  std::vector<Value> parts;
  for (const auto& [row, column] : {std::pair{0, 0}, {1, 0}, {0, 1}, {1, 1}}) {
    const Value rows = slice(even, 1, row, even.sizes[1], 2);
    parts.push_back(slice(rows, 2, column, even.sizes[2], 2));
  }
  const Value y = layer_norm(concat(parts, 3), "norm", kEpsilon);
  return linear(y, "reduction", 2 * x.sizes[3], {.bias = false});
}

Value stem(const Value& image, std::int64_t width) {
  const Value x = conv(image, "0", {.out = width, .kernel = 4, .stride = 4, .pad = 0, .bias = true});
  return layer_norm(permute(x, "1", {0, 2, 3, 1}), "2", kEpsilon);
}

Value features(Value x, const Variant& variant) {
  const Scope scope(*x.net, "features");
  Children children;
  for (std::size_t stage = 0; stage < variant.blocks.size(); ++stage) {
    {
      const Scope before(*x.net, children.next());
      x = stage == 0 ? stem(x, variant.width) : merge_patches(x);
    }
    const Scope module(*x.net, children.next());
    for (int i = 0; i < variant.blocks[stage]; ++i) {
      const Scope scope_of_block(*x.net, std::to_string(i));
      x = block(x, i % 2 == 1);
    }
  }
  return x;
}

}  // namespace

Value swin(const Value& image, const Request& request) {
  Value x = features(image, variant_named(kVariants, request.name));
  x = permute(layer_norm(x, "norm", kEpsilon), "permute", {0, 3, 1, 2});
  x = flatten(adaptive_avg_pool(x, "avgpool", 1), "flatten");
  return linear(x, "head", request.classes);
}

}  // namespace foretime::zoo
