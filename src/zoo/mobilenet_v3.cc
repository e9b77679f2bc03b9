// MobileNetV3. Version 0.9 is torchvision's layout of that time: the same computation with other modules.
// Pooling and hard sigmoid of the squeeze-and-excitation are functional calls, its ReLU is named relu, and a
// convolution without activation carries an Identity in its place.

#include <span>
#include <string>

#include "zoo/blocks.h"
#include "zoo/families.h"

namespace foretime::zoo {
namespace {

constexpr float kEpsilon = 1e-3f;

struct Block {
  std::int64_t kernel;
  std::int64_t expanded;
  std::int64_t out;
  bool squeeze;
  bool hardswish;  // else ReLU
  std::int64_t stride;
};
constexpr Block kLarge[] = {
    {3, 16, 16, false, false, 1}, {3, 64, 24, false, false, 2}, {3, 72, 24, false, false, 1},
    {5, 72, 40, true, false, 2},  {5, 120, 40, true, false, 1}, {5, 120, 40, true, false, 1},
    {3, 240, 80, false, true, 2}, {3, 200, 80, false, true, 1}, {3, 184, 80, false, true, 1},
    {3, 184, 80, false, true, 1}, {3, 480, 112, true, true, 1}, {3, 672, 112, true, true, 1},
    {5, 672, 160, true, true, 2}, {5, 960, 160, true, true, 1}, {5, 960, 160, true, true, 1},
};
constexpr Block kSmall[] = {
    {3, 16, 16, true, false, 2}, {3, 72, 24, false, false, 2}, {3, 88, 24, false, false, 1},
    {5, 96, 40, true, true, 2},  {5, 240, 40, true, true, 1},  {5, 240, 40, true, true, 1},
    {5, 120, 48, true, true, 1}, {5, 144, 48, true, true, 1},  {5, 288, 96, true, true, 2},
    {5, 576, 96, true, true, 1}, {5, 576, 96, true, true, 1},
};

struct Layout {
  double width = 1;
  bool old = false;      // version 0.9
  bool dilated = false;  // the last stride becomes a dilation

  std::int64_t channels(std::int64_t base) const { return round_channels(static_cast<double>(base) * width); }
};

Value conv_block(const Value& x, const std::string& name, const ConvOptions& options, Activation which,
                 const Layout& layout) {
  const Value y = conv_norm_act(x, name, options, which, kEpsilon);
  return which == Activation::none && layout.old ? identity(y, name + ".2") : y;
}

Value squeeze(const Value& x, const std::string& name, const Layout& layout) {
  const std::int64_t inner = round_channels(static_cast<double>(x.channels() / 4));
  if (!layout.old) return squeeze_excite(x, name, {.channels = inner, .gate = Activation::hardsigmoid});
  const Scope scope(*x.net, name);
  Value y = conv(global_average_pool(x), "fc1", {.out = inner, .bias = true});
  y = conv(relu(y, "relu"), "fc2", {.out = x.channels(), .bias = true});
  return mul(activate(y, Activation::hardsigmoid), x);
}

Value inverted_residual(const Value& x, const Block& block, const Layout& layout, std::int64_t dilation) {
  const Scope scope(*x.net, "block");
  const std::int64_t expanded = layout.channels(block.expanded);
  const Activation which = block.hardswish ? Activation::hardswish : Activation::relu;
  Children children;
  Value y = x;
  if (expanded != x.channels()) y = conv_block(y, children.next(), {.out = expanded}, which, layout);
  const ConvOptions depthwise{.out = expanded,
                              .kernel = block.kernel,
                              .stride = dilation > 1 ? 1 : block.stride,
                              .groups = expanded,
                              .dilation = dilation};
  y = conv_block(y, children.next(), depthwise, which, layout);
  if (block.squeeze) y = squeeze(y, children.next(), layout);
  return conv_block(y, children.next(), {.out = layout.channels(block.out)}, Activation::none, layout);
}

struct Features {
  Value low;  // of the block that reaches stride 8
  Value high;
};

Features features(const Value& image, std::span<const Block> blocks, const Layout& layout) {
  Value x = conv_block(image, "0", {.out = layout.channels(16), .kernel = 3, .stride = 2},
                       Activation::hardswish, layout);
  Value low;
  int strides = 1;
  std::int64_t dilation = 1;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const Scope scope(*x.net, std::to_string(i + 1));
    const Block& block = blocks[i];
    if (block.stride == 2) {
      if (++strides == 5 && layout.dilated) dilation = 2;
    }
    const Value y = inverted_residual(x, block, layout, dilation);
    x = block.stride == 1 && x.sizes == y.sizes ? add(y, x) : y;
    if (block.stride == 2 && strides == 3) low = x;
  }
  const std::string last = std::to_string(blocks.size() + 1);
  return {low, conv_block(x, last, {.out = 6 * x.channels()}, Activation::hardswish, layout)};
}

}  // namespace

MobileNetFeatures mobilenet_v3_large_dilated(const Value& image) {
  const Features found = features(image, kLarge, {.dilated = true});
  return {found.low, found.high};
}

Value mobilenet_v3(const Value& image, const Request& request) {
  const bool large = request.name == "mobilenet_v3_large";
  const Layout layout{.width = request.width, .old = request.version == "0.9"};
  const std::span<const Block> blocks =
      large ? std::span<const Block>(kLarge) : std::span<const Block>(kSmall);
  Value x = image;
  {
    const Scope scope(*x.net, "features");
    x = features(image, blocks, layout).high;
  }
  x = flatten(adaptive_avg_pool(x, "avgpool", 1));
  const Scope scope(*x.net, "classifier");
  x = activation(linear(x, "0", layout.channels(large ? 1280 : 1024)), "1", Activation::hardswish);
  return linear(dropout(x, "2"), "3", request.classes);
}

}  // namespace foretime::zoo
