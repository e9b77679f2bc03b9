// Semantic segmentation: a dilated trunk, a head that labels every pixel of its output, and bilinear
// enlargement to the size of the image.

#include <array>
#include <string>

#include "zoo/blocks.h"
#include "zoo/families.h"

namespace foretime::zoo {
namespace {

Value trunk(const Value& image, std::string_view network) {
  const Scope scope(*image.net, "backbone");
  if (network.ends_with("mobilenet_v3_large")) return mobilenet_v3_large_dilated(image).high;
  return resnet_features(image, network.substr(network.find('_') + 1), true);
}

Value like(const Value& x, const Value& image) {
  return resize(x, image.height(), image.width());
}

/// The module of atrous spatial pyramid pooling that sees the whole image.
Value image_pooling(const Value& x, std::int64_t out) {
  const Scope scope(*x.net, "4");
  Value y = conv(adaptive_avg_pool(x, "0", 1), "1", {.out = out});
  y = relu(batch_norm(y, "2"), "3");
  return y;
}

Value pyramid(const Value& x) {
  constexpr std::int64_t kChannels = 256;
  constexpr std::array<std::int64_t, 3> kRates{12, 24, 36};
  std::vector<Value> seen;
  {
    const Scope scope(*x.net, "convs");
    seen.push_back(conv_norm_act(x, "0", {.out = kChannels}, Activation::relu));
    for (std::size_t i = 0; i < kRates.size(); ++i) {
      const ConvOptions options{.out = kChannels, .kernel = 3, .dilation = kRates[i]};
      seen.push_back(conv_norm_act(x, std::to_string(i + 1), options, Activation::relu));
    }
    seen.push_back(image_pooling(x, kChannels));
  }
  seen.back() = like(seen.back(), x);
  const Value y = conv_norm_act(concat(seen, 1), "project", {.out = kChannels}, Activation::relu);
  return dropout(y, "project.3");
}

}  // namespace

Value fcn(const Value& image, const Request& request) {
  Value x = trunk(image, request.name);
  {
    const Scope scope(*x.net, "classifier");
    x = relu(batch_norm(conv(x, "0", {.out = x.channels() / 4, .kernel = 3}), "1"), "2");
    x = conv(dropout(x, "3"), "4", {.out = request.classes, .bias = true});
  }
  return like(x, image);
}

Value deeplab_v3(const Value& image, const Request& request) {
  Value x = trunk(image, request.name);
  {
    const Scope scope(*x.net, "classifier");
    {
      const Scope module(*x.net, "0");
      x = pyramid(x);
    }
    x = relu(batch_norm(conv(x, "1", {.out = x.channels(), .kernel = 3}), "2"), "3");
    x = conv(x, "4", {.out = request.classes, .bias = true});
  }
  return like(x, image);
}

Value lraspp(const Value& image, const Request& request) {
  constexpr std::int64_t kChannels = 128;
  MobileNetFeatures found;
  {
    const Scope scope(*image.net, "backbone");
    found = mobilenet_v3_large_dilated(image);
  }
  Value x = found.high;
  {
    const Scope scope(*image.net, "classifier");
    x = conv_norm_act(found.high, "cbr", {.out = kChannels}, Activation::relu);
    Value scale = conv(adaptive_avg_pool(found.high, "scale.0", 1), "scale.1", {.out = kChannels});
    scale = activation(scale, "scale.2", Activation::sigmoid);
    x = like(mul(x, scale), found.low);
    const Value low = conv(found.low, "low_classifier", {.out = request.classes, .bias = true});
    x = add(low, conv(x, "high_classifier", {.out = request.classes, .bias = true}));
  }
  return like(x, image);
}

}  // namespace foretime::zoo
