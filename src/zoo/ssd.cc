// SSD300 on VGG-16 up to its two answers: offsets and class scores of 8,732 boxes at 300x300 pixels. What
// makes boxes of them (anchors, decoding, suppression of doubles) is left out.

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "zoo/blocks.h"
#include "zoo/families.h"

namespace foretime::zoo {
namespace {

constexpr std::array<std::int64_t, 6> kAnchors{4, 6, 6, 6, 4, 4};  // boxes per pixel of each map

Value conv_relu(const Value& x, Children& children, ConvOptions options) {
  options.bias = true;
  const Value y = conv(x, children.next(), options);
  return relu(y, children.next());
}

/// VGG-16 up to its fourth stage; the third pooling rounds up, 75 to 38.
Value vgg_features(Value x) {
  constexpr std::array<std::pair<std::int64_t, int>, 4> kStages{{{64, 2}, {128, 2}, {256, 3}, {512, 3}}};
  const Scope scope(*x.net, "features");
  Children children;
  for (std::size_t stage = 0; stage < kStages.size(); ++stage) {
    if (stage > 0) x = max_pool(x, children.next(), {.kernel = 2, .ceil_mode = stage == 3});
    for (int i = 0; i < kStages[stage].second; ++i) {
      x = conv_relu(x, children, {.out = kStages[stage].first, .kernel = 3});
    }
  }
  return x;
}

/// VGG's fifth stage, and its linear layers made into convolutions.
Value fifth_stage(Value x) {
  const Scope scope(*x.net, "0");
  Children children;
  x = max_pool(x, children.next(), {.kernel = 2});
  for (int i = 0; i < 3; ++i) x = conv_relu(x, children, {.out = 512, .kernel = 3});
  const Scope linear_layers(*x.net, children.next());
  Children inner;
  x = max_pool(x, inner.next(), {.kernel = 3, .stride = 1, .pad = 1});
  x = conv_relu(x, inner, {.out = 1024, .kernel = 3, .dilation = 6});
  return conv_relu(x, inner, {.out = 1024});
}

struct Extra {
  std::int64_t inner;
  std::int64_t out;
  std::int64_t stride;
};
constexpr std::array<Extra, 4> kExtras{{{256, 512, 2}, {128, 256, 2}, {128, 256, 1}, {128, 256, 1}}};

std::vector<Value> feature_maps(const Value& image) {
  const Scope scope(*image.net, "backbone");
  Value x = vgg_features(image);
  std::vector<Value> maps{
      mul(x.net->parameter("scale_weight", {1, x.channels(), 1, 1}), normalize_channels(x))};
  const Scope extra(*image.net, "extra");
  maps.push_back(x = fifth_stage(x));
  for (std::size_t i = 0; i < kExtras.size(); ++i) {
    const Scope module(*image.net, std::to_string(i + 1));
    Children children;
    x = conv_relu(x, children, {.out = kExtras[i].inner});
    // The last two lose a border instead of being halved.
    const Window pad = kExtras[i].stride == 2 ? 1 : 0;
    x = conv_relu(x, children, {.out = kExtras[i].out, .kernel = 3, .stride = kExtras[i].stride, .pad = pad});
    maps.push_back(x);
  }
  return maps;
}

/// `values` numbers per box: N, boxes, values.
Value head(const std::vector<Value>& maps, std::string_view name, std::int64_t values) {
  const Scope scope(*maps[0].net, name);
  std::vector<Value> parts;
  for (std::size_t i = 0; i < maps.size(); ++i) {
    const std::string child = "module_list." + std::to_string(i);
    const Value x = conv(maps[i], child, {.out = kAnchors[i] * values, .kernel = 3, .bias = true});
    const Value boxes = reshape(x, {x.batch(), kAnchors[i], values, x.height(), x.width()});
    const std::int64_t count = kAnchors[i] * x.height() * x.width();
    parts.push_back(reshape(transpose(boxes, {0, 3, 4, 1, 2}), {x.batch(), count, values}));
  }
  return concat(parts, 1);
}

}  // namespace

void ssd300(Network& net, const Request& request) {
  const Value image = net.input("input", {request.batch, 3, request.resolution, request.resolution});
  const std::vector<Value> maps = feature_maps(image);
  const Scope scope(net, "head");
  net.output(head(maps, "regression_head", 4));
  net.output(head(maps, "classification_head", request.classes));
}

}  // namespace foretime::zoo
