// SqueezeNet: fire modules, a 1x1 convolution that narrows and two (1x1, 3x3) that widen. The classifier is a
// convolution; its dropout, ReLU and pooling are modules.

#include <array>
#include <string>

#include "zoo/families.h"
#include "zoo/layers.h"
#include "zoo/variants.h"

namespace foretime::zoo {
namespace {

/// Channels between the layers; each widening convolution writes four times as many. 0: a pooling layer.
constexpr std::int64_t kPool = 0;

struct Variant {
  std::string_view name;
  std::int64_t stem;
  std::int64_t stem_kernel;
  std::array<std::int64_t, 11> fires;  // children 2, 3, …
};
constexpr std::array kVariants{
    Variant{"squeezenet1_0", 96, 7, {kPool, 16, 16, 32, kPool, 32, 48, 48, 64, kPool, 64}},
    Variant{"squeezenet1_1", 64, 3, {kPool, 16, 16, kPool, 32, 32, kPool, 48, 48, 64, 64}},
};

Value fire(const Value& x, std::int64_t squeeze) {
  const Value y = relu(conv(x, "squeeze", {.out = squeeze, .bias = true}), "squeeze_activation");
  const Value small = relu(conv(y, "expand1x1", {.out = 4 * squeeze, .bias = true}), "expand1x1_activation");
  const Value large =
      relu(conv(y, "expand3x3", {.out = 4 * squeeze, .kernel = 3, .bias = true}), "expand3x3_activation");
  return concat({small, large}, 1);
}

Value features(Value x, const Variant& variant) {
  const Scope scope(*x.net, "features");
  x = conv(x, "0", {.out = variant.stem, .kernel = variant.stem_kernel, .stride = 2, .pad = 0, .bias = true});
  x = relu(x, "1");
  for (std::size_t i = 0; i < variant.fires.size(); ++i) {
    const std::string child = std::to_string(i + 2);
    if (variant.fires[i] == kPool) {
      x = max_pool(x, child, {.kernel = 3, .stride = 2, .ceil_mode = true});
      continue;
    }
    const Scope module(*x.net, child);
    x = fire(x, variant.fires[i]);
  }
  return x;
}

}  // namespace

Value squeezenet(const Value& image, const Request& request) {
  Value x = features(image, variant_named(kVariants, request.name));
  {
    const Scope scope(*x.net, "classifier");
    x = relu(conv(dropout(x, "0"), "1", {.out = request.classes, .bias = true}), "2");
    x = adaptive_avg_pool(x, "3", 1);
  }
  return flatten(x);
}

}  // namespace foretime::zoo
