// MobileNet v1: depthwise separable convolutions, as timm's mobilenetv1 has them.

#include <array>
#include <string>

#include "zoo/blocks.h"
#include "zoo/families.h"
#include "zoo/timm_blocks.h"

namespace foretime::zoo {
namespace {

struct Stage {
  std::int64_t channels;
  int blocks;
  std::int64_t stride;  // of the first block
};
constexpr std::array<Stage, 5> kStages{{{64, 1, 1}, {128, 2, 2}, {256, 2, 2}, {512, 6, 2}, {1024, 2, 2}}};

Value separable(const Value& x, std::int64_t out, std::int64_t stride) {
  Value y = timm_norm_act(timm_depthwise(x, "conv_dw", 3, stride, {}), "bn1", Activation::relu6, {});
  y = timm_norm_act(conv(y, "conv_pw", {.out = out}), "bn2", Activation::relu6, {});
  return y;
}

}  // namespace

Value mobilenet_v1(const Value& image, const Request& request) {
  const auto scaled = [&](std::int64_t channels) {
    return round_channels(static_cast<double>(channels) * request.width);
  };
  Value x = conv(image, "conv_stem", {.out = scaled(32), .kernel = 3, .stride = 2});
  x = timm_norm_act(x, "bn1", Activation::relu6, {});
  for (std::size_t stage = 0; stage < kStages.size(); ++stage) {
    for (int i = 0; i < kStages[stage].blocks; ++i) {
      const Scope scope(*x.net, "blocks." + std::to_string(stage) + "." + std::to_string(i));
      const std::int64_t stride = i == 0 ? kStages[stage].stride : 1;
      x = separable(x, scaled(kStages[stage].channels), stride);
    }
  }
  return timm_classifier(x, request.classes);
}

}  // namespace foretime::zoo
