// ConvNeXt: 7x7 depthwise convolutions, then two linear layers over the channels of each pixel.

#include <array>
#include <string>

#include "zoo/blocks.h"
#include "zoo/families.h"
#include "zoo/variants.h"

namespace foretime::zoo {
namespace {

constexpr float kEpsilon = 1e-6f;

struct Variant {
  std::string_view name;
  std::int64_t channels;  // doubled from stage to stage
  std::array<int, 4> blocks;
};
constexpr std::array kVariants{
    Variant{"convnext_tiny", 96, {3, 3, 9, 3}},
    Variant{"convnext_small", 96, {3, 3, 27, 3}},
    Variant{"convnext_base", 128, {3, 3, 27, 3}},
    Variant{"convnext_large", 192, {3, 3, 27, 3}},
};

Value block(const Value& x) {
  const std::int64_t channels = x.channels();
  Value y = x;
  {
    const Scope scope(*x.net, "block");
    y = conv(x, "0", {.out = channels, .kernel = 7, .groups = channels, .bias = true});
    y = layer_norm(permute(y, "1", {0, 2, 3, 1}), "2", kEpsilon);
    y = linear(activation(linear(y, "3", 4 * channels), "4", Activation::gelu), "5", channels);
    y = permute(y, "6", {0, 3, 1, 2});
  }
  y = mul(y, x.net->parameter("layer_scale", {channels, 1, 1}));
  return add(identity(y, "stochastic_depth", "StochasticDepth"), x);
}

/// Four times smaller at the start, two times between stages.
Value downsample(const Value& x, std::int64_t channels, bool first) {
  if (first) {
    const Value y = conv(x, "0", {.out = channels, .kernel = 4, .stride = 4, .pad = 0, .bias = true});
    return layer_norm_2d(y, "1", kEpsilon);
  }
  const Value y = layer_norm_2d(x, "0", kEpsilon);
  return conv(y, "1", {.out = channels, .kernel = 2, .stride = 2, .pad = 0, .bias = true});
}

Value features(Value x, const Variant& variant) {
  const Scope scope(*x.net, "features");
  Children children;
  for (std::size_t stage = 0; stage < variant.blocks.size(); ++stage) {
    {
      const Scope before(*x.net, children.next());
      x = downsample(x, variant.channels << stage, stage == 0);
    }
    const Scope module(*x.net, children.next());
    for (int i = 0; i < variant.blocks[stage]; ++i) {
      const Scope scope_of_block(*x.net, std::to_string(i));
      x = block(x);
    }
  }
  return x;
}

}  // namespace

Value convnext(const Value& image, const Request& request) {
  Value x = adaptive_avg_pool(features(image, variant_named(kVariants, request.name)), "avgpool", 1);
  const Scope scope(*x.net, "classifier");
  x = flatten(layer_norm_2d(x, "0", kEpsilon), "1");
  return linear(x, "2", request.classes);
}

}  // namespace foretime::zoo
