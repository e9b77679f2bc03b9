// MobileNetV2: inverted residuals, linear where they are narrow.

#include <algorithm>
#include <array>
#include <string>

#include "zoo/blocks.h"
#include "zoo/families.h"

namespace foretime::zoo {
namespace {

struct Stage {
  std::int64_t expansion;
  std::int64_t channels;
  int blocks;
  std::int64_t stride;  // of the first block
};
constexpr std::array<Stage, 7> kStages{{
    {1, 16, 1, 1},
    {6, 24, 2, 2},
    {6, 32, 3, 2},
    {6, 64, 4, 2},
    {6, 96, 3, 1},
    {6, 160, 3, 2},
    {6, 320, 1, 1},
}};

Value inverted_residual(const Value& x, std::int64_t expansion, std::int64_t out, std::int64_t stride) {
  const Scope scope(*x.net, "conv");
  const std::int64_t inner = x.channels() * expansion;
  Children children;
  Value y = x;
  if (expansion != 1) y = conv_norm_act(y, children.next(), {.out = inner}, Activation::relu6);
  y = conv_norm_act(y, children.next(), {.out = inner, .kernel = 3, .stride = stride, .groups = inner},
                    Activation::relu6);
  y = conv(y, children.next(), {.out = out});
  return batch_norm(y, children.next());
}

Value features(Value x, double width) {
  const Scope scope(*x.net, "features");
  Children children;
  const std::int64_t stem = round_channels(32 * width);
  x = conv_norm_act(x, children.next(), {.out = stem, .kernel = 3, .stride = 2}, Activation::relu6);
  for (const Stage& stage : kStages) {
    const std::int64_t out = round_channels(static_cast<double>(stage.channels) * width);
    for (int i = 0; i < stage.blocks; ++i) {
      const Scope block(*x.net, children.next());
      const std::int64_t stride = i == 0 ? stage.stride : 1;
      const Value y = inverted_residual(x, stage.expansion, out, stride);
      x = stride == 1 && x.channels() == out ? add(x, y) : y;
    }
  }
  return conv_norm_act(x, children.next(), {.out = round_channels(1280 * std::max(1.0, width))},
                       Activation::relu6);
}

}  // namespace

Value mobilenet_v2(const Value& image, const Request& request) {
  Value x = flatten(global_average_pool(features(image, request.width)));
  const Scope scope(*x.net, "classifier");
  return linear(dropout(x, "0"), "1", request.classes);
}

}  // namespace foretime::zoo
