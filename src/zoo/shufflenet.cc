// ShuffleNet v2: half of the channels pass through, then the halves are interleaved.

#include <array>
#include <string>

#include "zoo/families.h"
#include "zoo/layers.h"
#include "zoo/variants.h"

namespace foretime::zoo {
namespace {

constexpr std::array<int, 3> kBlocks{4, 8, 4};

struct Variant {
  std::string_view name;
  std::array<std::int64_t, 3> stages;
  std::int64_t last;
};
constexpr std::array kVariants{
    Variant{"shufflenet_v2_x0_5", {48, 96, 192}, 1024},
    Variant{"shufflenet_v2_x1_0", {116, 232, 464}, 1024},
    Variant{"shufflenet_v2_x1_5", {176, 352, 704}, 1024},
    Variant{"shufflenet_v2_x2_0", {244, 488, 976}, 2048},
};

Value depthwise(const Value& x, std::string_view name, std::int64_t stride) {
  return conv(x, name, {.out = x.channels(), .kernel = 3, .stride = stride, .groups = x.channels()});
}

Value left(const Value& x, std::int64_t half) {
  const Scope scope(*x.net, "branch1");
  const Value y = batch_norm(depthwise(x, "0", 2), "1");
  return relu(batch_norm(conv(y, "2", {.out = half}), "3"), "4");
}

Value right(const Value& x, std::int64_t half, std::int64_t stride) {
  const Scope scope(*x.net, "branch2");
  Value y = relu(batch_norm(conv(x, "0", {.out = half}), "1"), "2");
  y = batch_norm(depthwise(y, "3", stride), "4");
  return relu(batch_norm(conv(y, "5", {.out = half}), "6"), "7");
}

Value interleave(const Value& x) {
  const Sizes sizes = x.sizes;
  const Value groups = reshape(x, {x.batch(), 2, x.channels() / 2, x.height(), x.width()});
  return reshape(transpose(groups, {0, 2, 1, 3, 4}), sizes);
}

Value unit(const Value& x, std::int64_t out, bool first) {
  const std::int64_t half = out / 2;
  if (first) {
    const Value a = left(x, half);
    return interleave(concat({a, right(x, half, 2)}, 1));
  }
  const auto parts = halves(x, 1);
  return interleave(concat({parts[0], right(parts[1], half, 1)}, 1));
}

Value conv_bn_relu(const Value& x, std::string_view name, const ConvOptions& options) {
  const Scope scope(*x.net, name);
  return relu(batch_norm(conv(x, "0", options), "1"), "2");
}

}  // namespace

Value shufflenet_v2(const Value& image, const Request& request) {
  const Variant& variant = variant_named(kVariants, request.name);
  Value x = conv_bn_relu(image, "conv1", {.out = 24, .kernel = 3, .stride = 2});
  x = max_pool(x, "maxpool", {.kernel = 3, .stride = 2, .pad = 1});
  for (std::size_t stage = 0; stage < kBlocks.size(); ++stage) {
    const Scope scope(*x.net, "stage" + std::to_string(stage + 2));
    for (int i = 0; i < kBlocks[stage]; ++i) {
      const Scope block(*x.net, std::to_string(i));
      x = unit(x, variant.stages[stage], i == 0);
    }
  }
  x = spatial_mean(conv_bn_relu(x, "conv5", {.out = variant.last}));
  return linear(x, "fc", request.classes);
}

}  // namespace foretime::zoo
