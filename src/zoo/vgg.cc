// VGG: 3x3 convolutions at five sizes, two to four of them at each, then three large linear layers.

#include <array>
#include <string>

#include "zoo/blocks.h"
#include "zoo/families.h"
#include "zoo/layers.h"
#include "zoo/variants.h"

namespace foretime::zoo {
namespace {

constexpr std::array<std::int64_t, 5> kChannels{64, 128, 256, 512, 512};

struct Variant {
  std::string_view name;
  std::array<int, 5> convs;  // at each size
};
constexpr std::array kVariants{
    Variant{"vgg11", {1, 1, 2, 2, 2}},
    Variant{"vgg13", {2, 2, 2, 2, 2}},
    Variant{"vgg16", {2, 2, 3, 3, 3}},
    Variant{"vgg19", {2, 2, 4, 4, 4}},
};

Value features(Value x, const Variant& variant, bool norm) {
  const Scope scope(*x.net, "features");
  Children children;
  for (std::size_t stage = 0; stage < kChannels.size(); ++stage) {
    for (int i = 0; i < variant.convs[stage]; ++i) {
      x = conv(x, children.next(), {.out = kChannels[stage], .kernel = 3, .bias = true});
      if (norm) x = batch_norm(x, children.next());
      x = relu(x, children.next());
    }
    x = max_pool(x, children.next(), {.kernel = 2});
  }
  return x;
}

}  // namespace

Value vgg(const Value& image, const Request& request) {
  const bool norm = request.name.ends_with("_bn");
  const std::string_view plain = std::string_view(request.name).substr(0, request.name.find("_bn"));
  const Variant& variant = variant_named(kVariants, plain);
  Value x = flatten(adaptive_avg_pool(features(image, variant, norm), "avgpool", 7));
  const Scope scope(*x.net, "classifier");
  x = dropout(relu(linear(x, "0", 4096), "1"), "2");
  x = dropout(relu(linear(x, "3", 4096), "4"), "5");
  return linear(x, "6", request.classes);
}

}  // namespace foretime::zoo
