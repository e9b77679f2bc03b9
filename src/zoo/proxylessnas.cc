// ProxylessNAS for mobile phones, as its authors published it (Cai et al., "ProxylessNAS", 2019, figure 4):
// the kernels and expansions that the search found. Modules are named as in their code.

#include <string>
#include <vector>

#include "zoo/families.h"
#include "zoo/layers.h"

namespace foretime::zoo {
namespace {

constexpr float kEpsilon = 1e-3f;

struct Block {
  std::int64_t kernel;  // 0: the search removed the block, its shortcut stays
  std::int64_t expansion;
  std::int64_t out;
  std::int64_t stride = 1;
};
constexpr Block kBlocks[] = {
    {3, 1, 16}, {5, 3, 32, 2},  {3, 3, 32},  {0, 0, 32},  {0, 0, 32},  {7, 3, 40, 2}, {3, 3, 40}, {5, 3, 40},
    {5, 3, 40}, {7, 6, 80, 2},  {5, 3, 80},  {5, 3, 80},  {5, 3, 80},  {5, 6, 96},    {5, 3, 96}, {5, 3, 96},
    {5, 3, 96}, {7, 6, 192, 2}, {7, 6, 192}, {7, 3, 192}, {7, 3, 192}, {7, 6, 320},
};

Value conv_bn(const Value& x, std::string_view name, const ConvOptions& options, bool activated) {
  const Scope scope(*x.net, name);
  const Value y = batch_norm(conv(x, "conv", options), "bn", kEpsilon);
  return activated ? activation(y, "act", Activation::relu6) : y;
}

Value mobile_convolution(const Value& x, const Block& block) {
  const Scope scope(*x.net, "mobile_inverted_conv");
  const std::int64_t inner = x.channels() * block.expansion;
  Value y = x;
  if (block.expansion != 1) y = conv_bn(y, "inverted_bottleneck", {.out = inner}, true);
  const ConvOptions depthwise{.out = inner, .kernel = block.kernel, .stride = block.stride, .groups = inner};
  y = conv_bn(y, "depth_conv", depthwise, true);
  return conv_bn(y, "point_linear", {.out = block.out}, false);
}

}  // namespace

Value proxylessnas(const Value& image, const Request& request) {
  Value x = conv_bn(image, "first_conv", {.out = 32, .kernel = 3, .stride = 2}, true);
  int number = 0;
  for (const Block& block : kBlocks) {
    const Scope scope(*x.net, "blocks." + std::to_string(number++));
    if (block.kernel == 0) continue;
    const Value y = mobile_convolution(x, block);
    x = x.sizes == y.sizes ? add(y, x) : y;
  }
  x = conv_bn(x, "feature_mix_layer", {.out = 1280}, true);
  x = flatten(adaptive_avg_pool(x, "global_avg_pooling", 1));
  return linear(x, "classifier.linear", request.classes);
}

}  // namespace foretime::zoo
