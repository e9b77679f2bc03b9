// EfficientNet as torchvision has it (B0 to B7), and the Lite variants as timm has them: no
// squeeze-and-excitation, ReLU6, TensorFlow's padding, stem and head of fixed width.

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "zoo/blocks.h"
#include "zoo/families.h"
#include "zoo/timm_blocks.h"
#include "zoo/variants.h"

namespace foretime::zoo {
namespace {

struct Stage {
  std::int64_t expansion;
  std::int64_t kernel;
  std::int64_t stride;  // of the first block
  std::int64_t channels;
  int blocks;
};
constexpr std::array<Stage, 7> kStages{{
    {1, 3, 1, 16, 1},
    {6, 3, 2, 24, 2},
    {6, 5, 2, 40, 2},
    {6, 3, 2, 80, 3},
    {6, 5, 1, 112, 3},
    {6, 5, 2, 192, 4},
    {6, 3, 1, 320, 1},
}};

struct Variant {
  std::string_view name;
  double width;
  double depth;
  float epsilon = 1e-5f;
};
constexpr std::array kVariants{
    Variant{"efficientnet_b0", 1.0, 1.0},        Variant{"efficientnet_b1", 1.0, 1.1},
    Variant{"efficientnet_b2", 1.1, 1.2},        Variant{"efficientnet_b3", 1.2, 1.4},
    Variant{"efficientnet_b4", 1.4, 1.8},        Variant{"efficientnet_b5", 1.6, 2.2, 1e-3f},
    Variant{"efficientnet_b6", 1.8, 2.6, 1e-3f}, Variant{"efficientnet_b7", 2.0, 3.1, 1e-3f},
    Variant{"efficientnet_lite0", 1.0, 1.0},     Variant{"efficientnet_lite1", 1.0, 1.1},
    Variant{"efficientnet_lite2", 1.1, 1.2},     Variant{"efficientnet_lite3", 1.2, 1.4},
    Variant{"efficientnet_lite4", 1.4, 1.8},
};

std::int64_t scaled(std::int64_t channels, const Variant& variant) {
  return round_channels(static_cast<double>(channels) * variant.width);
}

int scaled_depth(int blocks, const Variant& variant) {
  return static_cast<int>(std::ceil(blocks * variant.depth));
}

Value inverted_residual(const Value& x, const Stage& stage, std::int64_t stride, const Variant& variant) {
  const Scope scope(*x.net, "block");
  const std::int64_t expanded = x.channels() * stage.expansion;
  Children children;
  Value y = x;
  if (stage.expansion != 1) {
    y = conv_norm_act(y, children.next(), {.out = expanded}, Activation::silu, variant.epsilon);
  }
  const ConvOptions depthwise{.out = expanded, .kernel = stage.kernel, .stride = stride, .groups = expanded};
  y = conv_norm_act(y, children.next(), depthwise, Activation::silu, variant.epsilon);
  const std::int64_t squeezed = std::max<std::int64_t>(1, x.channels() / 4);
  y = squeeze_excite(y, children.next(), {.channels = squeezed, .inner = Activation::silu});
  const ConvOptions project{.out = scaled(stage.channels, variant)};
  return conv_norm_act(y, children.next(), project, Activation::none, variant.epsilon);
}

Value features(Value x, const Variant& variant) {
  const Scope scope(*x.net, "features");
  Children children;
  const ConvOptions stem{.out = scaled(32, variant), .kernel = 3, .stride = 2};
  x = conv_norm_act(x, children.next(), stem, Activation::silu, variant.epsilon);
  for (const Stage& stage : kStages) {
    const Scope module(*x.net, children.next());
    for (int i = 0; i < scaled_depth(stage.blocks, variant); ++i) {
      const Scope block(*x.net, std::to_string(i));
      const std::int64_t stride = i == 0 ? stage.stride : 1;
      const Value y = inverted_residual(x, stage, stride, variant);
      const bool residual = stride == 1 && x.sizes == y.sizes;
      x = residual ? add(identity(y, "stochastic_depth", "StochasticDepth"), x) : y;
    }
  }
  const ConvOptions last{.out = 4 * x.channels()};
  return conv_norm_act(x, children.next(), last, Activation::silu, variant.epsilon);
}

constexpr TimmStyle kLite{.tensorflow = true};

Value lite_block(const Value& x, const Stage& stage, std::int64_t stride, std::int64_t out) {
  Value y = x;
  if (stage.expansion == 1) {
    y = timm_norm_act(timm_depthwise(y, "conv_dw", stage.kernel, stride, kLite), "bn1", Activation::relu6,
                      kLite);
    return timm_norm_act(conv(y, "conv_pw", {.out = out}), "bn2", Activation::none, kLite);
  }
  y = conv(y, "conv_pw", {.out = x.channels() * stage.expansion});
  y = timm_norm_act(y, "bn1", Activation::relu6, kLite);
  y = timm_norm_act(timm_depthwise(y, "conv_dw", stage.kernel, stride, kLite), "bn2", Activation::relu6,
                    kLite);
  return timm_norm_act(conv(y, "conv_pwl", {.out = out}), "bn3", Activation::none, kLite);
}

}  // namespace

Value efficientnet(const Value& image, const Request& request) {
  const Value x = features(image, variant_named(kVariants, request.name));
  const Value y = flatten(adaptive_avg_pool(x, "avgpool", 1));
  const Scope scope(*x.net, "classifier");
  return linear(dropout(y, "0"), "1", request.classes);
}

Value efficientnet_lite(const Value& image, const Request& request) {
  const Variant& variant = variant_named(kVariants, request.name);
  Value x = timm_conv(image, "conv_stem", {.out = 32, .kernel = 3, .stride = 2}, kLite);
  x = timm_norm_act(x, "bn1", Activation::relu6, kLite);
  for (std::size_t i = 0; i < kStages.size(); ++i) {
    const Stage& stage = kStages[i];
    const bool outer = i == 0 || i + 1 == kStages.size();  // first and last keep their depth
    const int blocks = outer ? stage.blocks : scaled_depth(stage.blocks, variant);
    for (int j = 0; j < blocks; ++j) {
      const Scope scope(*x.net, "blocks." + std::to_string(i) + "." + std::to_string(j));
      const std::int64_t stride = j == 0 ? stage.stride : 1;
      const Value y = lite_block(x, stage, stride, scaled(stage.channels, variant));
      x = stride == 1 && x.sizes == y.sizes ? add(y, x) : y;
    }
  }
  x = timm_norm_act(conv(x, "conv_head", {.out = 1280}), "bn2", Activation::relu6, kLite);
  return timm_classifier(x, request.classes);
}

}  // namespace foretime::zoo
