// ResNet, ResNeXt and Wide ResNet: one block structure, told apart by groups and by the width of a group.

#include <array>
#include <string>
#include <string_view>

#include "zoo/families.h"
#include "zoo/layers.h"
#include "zoo/variants.h"

namespace foretime::zoo {
namespace {

struct Variant {
  std::string_view name;
  bool bottleneck;
  std::array<int, 4> blocks;
  std::int64_t groups = 1;
  std::int64_t group_width = 64;  // channels of a group where the stage's own number is 64
};
constexpr std::array kVariants{
    Variant{"resnet18", false, {2, 2, 2, 2}},
    Variant{"resnet34", false, {3, 4, 6, 3}},
    Variant{"resnet50", true, {3, 4, 6, 3}},
    Variant{"resnet101", true, {3, 4, 23, 3}},
    Variant{"resnet152", true, {3, 8, 36, 3}},
    Variant{"resnext50_32x4d", true, {3, 4, 6, 3}, 32, 4},
    Variant{"resnext101_32x8d", true, {3, 4, 23, 3}, 32, 8},
    Variant{"resnext101_64x4d", true, {3, 4, 23, 3}, 64, 4},
    Variant{"wide_resnet50_2", true, {3, 4, 6, 3}, 1, 128},
    Variant{"wide_resnet101_2", true, {3, 4, 23, 3}, 1, 128},
};

struct Block {
  std::int64_t planes = 0;
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
};

std::int64_t out_channels(const Variant& variant, const Block& block) {
  return variant.bottleneck ? 4 * block.planes : block.planes;
}

Value shortcut(const Value& x, const Variant& variant, const Block& block) {
  const std::int64_t out = out_channels(variant, block);
  if (block.stride == 1 && x.channels() == out) return x;
  const Scope scope(*x.net, "downsample");
  return batch_norm(conv(x, "0", {.out = out, .stride = block.stride}), "1");
}

Value basic_block(const Value& x, const Variant& variant, const Block& block) {
  Value y = conv(x, "conv1", {.out = block.planes, .kernel = 3, .stride = block.stride});
  y = relu(batch_norm(y, "bn1"), "relu");
  y = batch_norm(conv(y, "conv2", {.out = block.planes, .kernel = 3}), "bn2");
  return relu(add(y, shortcut(x, variant, block)), "relu");
}

Value bottleneck(const Value& x, const Variant& variant, const Block& block) {
  const std::int64_t inner = block.planes * variant.group_width / 64 * variant.groups;
  Value y = relu(batch_norm(conv(x, "conv1", {.out = inner}), "bn1"), "relu");
  y = conv(y, "conv2",
           {.out = inner,
            .kernel = 3,
            .stride = block.stride,
            .groups = variant.groups,
            .dilation = block.dilation});
  y = relu(batch_norm(y, "bn2"), "relu");
  y = batch_norm(conv(y, "conv3", {.out = out_channels(variant, block)}), "bn3");
  return relu(add(y, shortcut(x, variant, block)), "relu");
}

Value features(const Value& image, const Variant& variant, bool dilated) {
  Value x = relu(batch_norm(conv(image, "conv1", {.out = 64, .kernel = 7, .stride = 2}), "bn1"), "relu");
  x = max_pool(x, "maxpool", {.kernel = 3, .stride = 2, .pad = 1});
  std::int64_t dilation = 1;
  for (std::size_t stage = 0; stage < variant.blocks.size(); ++stage) {
    const Scope layer(*x.net, "layer" + std::to_string(stage + 1));
    const bool spread = dilated && stage >= 2;
    Block block{
        .planes = std::int64_t{64} << stage, .stride = stage == 0 || spread ? 1 : 2, .dilation = dilation};
    if (spread) dilation *= 2;
    for (int i = 0; i < variant.blocks[stage]; ++i) {
      const Scope scope(*x.net, std::to_string(i));
      x = variant.bottleneck ? bottleneck(x, variant, block) : basic_block(x, variant, block);
      block.stride = 1;
      block.dilation = dilation;
    }
  }
  return x;
}

}  // namespace

Value resnet_features(const Value& image, std::string_view variant, bool dilated) {
  return features(image, variant_named(kVariants, variant), dilated);
}

Value resnet(const Value& image, const Request& request) {
  const Value x = resnet_features(image, request.name, false);
  return linear(flatten(adaptive_avg_pool(x, "avgpool", 1)), "fc", request.classes);
}

}  // namespace foretime::zoo
