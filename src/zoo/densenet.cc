// DenseNet: every layer reads what all layers before it in its block have written.

#include <array>
#include <string>
#include <vector>

#include "zoo/families.h"
#include "zoo/layers.h"
#include "zoo/variants.h"

namespace foretime::zoo {
namespace {

struct Variant {
  std::string_view name;
  std::int64_t stem;
  std::int64_t growth;
  std::array<int, 4> layers;
};
constexpr std::array kVariants{
    Variant{"densenet121", 64, 32, {6, 12, 24, 16}},
    Variant{"densenet161", 96, 48, {6, 12, 36, 24}},
    Variant{"densenet169", 64, 32, {6, 12, 32, 32}},
    Variant{"densenet201", 64, 32, {6, 12, 48, 32}},
};

Value dense_layer(const std::vector<Value>& seen, std::int64_t growth) {
  Value x = seen.size() == 1 ? seen[0] : concat(seen, 1);
  x = conv(relu(batch_norm(x, "norm1"), "relu1"), "conv1", {.out = 4 * growth});
  return conv(relu(batch_norm(x, "norm2"), "relu2"), "conv2", {.out = growth, .kernel = 3});
}

Value dense_block(const Value& x, int layers, std::int64_t growth) {
  std::vector<Value> seen{x};
  for (int i = 1; i <= layers; ++i) {
    const Scope scope(*x.net, "denselayer" + std::to_string(i));
    seen.push_back(dense_layer(seen, growth));
  }
  return concat(seen, 1);
}

Value transition(Value x) {
  x = conv(relu(batch_norm(x, "norm"), "relu"), "conv", {.out = x.channels() / 2});
  return avg_pool(x, "pool", {.kernel = 2});
}

}  // namespace

Value densenet(const Value& image, const Request& request) {
  const Variant& variant = variant_named(kVariants, request.name);
  Value x = image;
  {
    const Scope scope(*x.net, "features");
    x = relu(batch_norm(conv(x, "conv0", {.out = variant.stem, .kernel = 7, .stride = 2}), "norm0"), "relu0");
    x = max_pool(x, "pool0", {.kernel = 3, .stride = 2, .pad = 1});
    for (std::size_t i = 0; i < variant.layers.size(); ++i) {
      const std::string number = std::to_string(i + 1);
      {
        const Scope block(*x.net, "denseblock" + number);
        x = dense_block(x, variant.layers[i], variant.growth);
      }
      if (i + 1 == variant.layers.size()) break;
      const Scope between(*x.net, "transition" + number);
      x = transition(x);
    }
    x = batch_norm(x, "norm5");
  }
  x = flatten(global_average_pool(activate(x, Activation::relu)));
  return linear(x, "classifier", request.classes);
}

}  // namespace foretime::zoo
