#include "formats/ncnn/layers.h"

#include <algorithm>
#include <numeric>
#include <string>
#include "base/checked.h"

namespace foretime::ncnn {
namespace {

/// 9: what is applied to a convolution's or product's result, with its numbers under 10.
TensorId activated(Network& net, TensorId x) {
  const Layer& layer = net.layer();
  const auto number = [&](std::size_t i, double otherwise) {
    const auto found = layer.parameters.find(10);
    return static_cast<float>(found != layer.parameters.end() && i < found->second.size() ? found->second[i]
                                                                                          : otherwise);
  };
  switch (layer.integer(9, 0)) {
    case 1:
      return net.add("Relu", {x});
    case 2:
      return net.add("LeakyRelu", {x}, {{"alpha", number(0, 0)}});
    case 3:
      return net.add("Clip", {x, net.reals("low", {number(0, 0)}), net.reals("high", {number(1, 0)})});
    case 4:
      return net.add("Sigmoid", {x});
    case 5:
      return net.add("Mish", {x});
    case 6:
      return net.add("HardSwish", {x});
    default:
      return x;
  }
}

/// A number of the innermost axis, and that of the next one, which is the same unless it is stated.
struct Pair {
  std::int64_t height;
  std::int64_t width;
  Integers list() const { return {height, width}; }
};
Pair pair(const Layer& layer, int width, int height, std::int64_t otherwise) {
  const std::int64_t w = layer.integer(width, otherwise);
  return {layer.integer(height, w), w};
}

/// Padding of a window: 4, 15, 14, 16 are left, right, top, bottom; or one of two words.
void add_padding(const Layer& layer, Attributes& attributes) {
  constexpr std::int64_t kSameUpper = -233;
  constexpr std::int64_t kSameLower = -234;
  const std::int64_t left = layer.integer(4, 0);
  if (left == kSameUpper || left == kSameLower) {
    attributes.set("auto_pad", std::string(left == kSameUpper ? "SAME_UPPER" : "SAME_LOWER"));
    return;
  }
  const std::int64_t top = layer.integer(14, left);
  attributes.set("pads", Integers{top, left, layer.integer(16, top), layer.integer(15, left)});
}

/// So many inputs a filter reads. Error: the weights are not a whole number of filters.
std::int64_t inputs_of(const Network& net, std::int64_t weights, std::int64_t filters, const Pair& kernel) {
  constexpr std::int64_t kMost = std::int64_t{1} << 31;
  const bool sensible = filters > 0 && kernel.width > 0 && kernel.height > 0 && filters < kMost &&
                        kernel.width < kMost && kernel.height < kMost;
  const std::int64_t each =
      sensible ? saturating_mul(filters, saturating_mul(kernel.width, kernel.height)) : 0;
  if (each <= 0 || weights <= 0 || weights % each != 0) net.fail("has weights that do not fit its kernel");
  return weights / each;
}

void add_bias(Network& net, std::vector<TensorId>& inputs, int key, std::int64_t channels) {
  if (net.layer().integer(key, 0) != 0) inputs.push_back(net.weight("bias", {channels}));
}

/// What convolutions of both directions have in common.
Attributes window_of(const Layer& layer, const Pair& kernel, std::int64_t groups) {
  Attributes attributes = {{"kernel_shape", kernel.list()},
                           {"strides", pair(layer, 3, 13, 1).list()},
                           {"dilations", pair(layer, 2, 12, 1).list()},
                           {"group", groups}};
  add_padding(layer, attributes);
  return attributes;
}

void read_convolution(Network& net) {
  const Layer& layer = net.layer();
  const Pair kernel = pair(layer, 1, 11, 0);
  const std::int64_t channels = layer.integer(0, 0);
  const TensorId from = net.bottom(0);
  std::vector<TensorId> inputs = {spatial(net, from)};
  const std::int64_t each = inputs_of(net, layer.integer(6, 0), channels, kernel);
  inputs.push_back(net.weight("weight", {channels, each, kernel.height, kernel.width}));
  add_bias(net, inputs, 5, channels);
  Attributes attributes = window_of(layer, kernel, layer.integer(7, 1));
  const TensorId made = activated(net, net.add("Conv", std::move(inputs), std::move(attributes)));
  net.set_top(0, net.rank(from) == 2 ? flat(net, made) : made);
}

void read_deconvolution(Network& net) {
  const Layer& layer = net.layer();
  const Pair kernel = pair(layer, 1, 11, 0);
  const std::int64_t channels = layer.integer(0, 0);
  const std::int64_t groups = std::max<std::int64_t>(layer.integer(7, 1), 1);
  const std::int64_t each = inputs_of(net, layer.integer(6, 0), channels, kernel);
  std::vector<TensorId> inputs = {net.bottom(0)};
  inputs.push_back(
      net.weight("weight", {saturating_mul(each, groups), channels / groups, kernel.height, kernel.width}));
  add_bias(net, inputs, 5, channels);
  Attributes attributes = window_of(layer, kernel, groups);
  attributes.set("output_padding", Integers{layer.integer(19, 0), layer.integer(18, 0)});
  net.set_top(0, activated(net, net.add("ConvTranspose", std::move(inputs), std::move(attributes))));
}

void read_pooling(Network& net) {
  const Layer& layer = net.layer();
  const bool average = layer.integer(0, 0) == 1;
  const TensorId x = net.bottom(0);
  if (layer.integer(4, 0) != 0) {
    net.set_top(0, flat(net, net.add(average ? "GlobalAveragePool" : "GlobalMaxPool", {x})));
    return;
  }
  if (layer.integer(7, 0) != 0) {
    // Every window as large as it takes, as if the sizes were multiples.
    const Pair out = pair(layer, 8, 18, 1);
    const Pair kernel{std::max<std::int64_t>(net.size(x, 2) / std::max<std::int64_t>(out.height, 1), 1),
                      std::max<std::int64_t>(net.size(x, 3) / std::max<std::int64_t>(out.width, 1), 1)};
    net.set_top(0, net.add(average ? "AveragePool" : "MaxPool", {x},
                           {{"kernel_shape", kernel.list()}, {"strides", kernel.list()}}));
    return;
  }
  Attributes attributes = {{"kernel_shape", pair(layer, 1, 11, 0).list()},
                           {"strides", pair(layer, 2, 12, 1).list()}};
  const std::int64_t mode = layer.integer(5, 0);  // full, valid, same upper, same lower
  if (mode >= 2) {
    attributes.set("auto_pad", std::string(mode == 2 ? "SAME_UPPER" : "SAME_LOWER"));
  } else {
    const std::int64_t left = layer.integer(3, 0);
    const std::int64_t top = layer.integer(13, left);
    attributes.set("pads", Integers{top, left, layer.integer(15, top), layer.integer(14, left)});
    attributes.set("ceil_mode", std::int64_t{mode == 0 ? 1 : 0});
  }
  if (average) attributes.set("count_include_pad", layer.integer(6, 0));
  net.set_top(0, net.add(average ? "AveragePool" : "MaxPool", {x}, std::move(attributes)));
}

void read_inner_product(Network& net) {
  const Layer& layer = net.layer();
  const std::int64_t channels = layer.integer(0, 0);
  const std::int64_t each = inputs_of(net, layer.integer(2, 0), channels, {1, 1});
  TensorId x = net.bottom(0);
  const bool rows = net.rank(x) == 3 && net.shape(x)[2] == Dim(each);
  if (!rows) x = flat(net, x);
  std::vector<TensorId> inputs = {x,
                                  net.weight("weight", rows ? Shape{each, channels} : Shape{channels, each})};
  if (!rows) {
    add_bias(net, inputs, 1, channels);
    net.set_top(0, activated(net, net.add("Gemm", std::move(inputs), {{"transB", std::int64_t{1}}})));
    return;
  }
  TensorId made = net.add("MatMul", std::move(inputs));
  if (layer.integer(1, 0) != 0) made = net.add("Add", {made, net.weight("bias", {channels})});
  net.set_top(0, activated(net, made));
}

/// Both factors may be the layer's own.
void read_gemm(Network& net) {
  const Layer& layer = net.layer();
  const bool transposed_a = layer.integer(2, 0) != 0;
  const bool transposed_b = layer.integer(3, 0) != 0;
  const std::int64_t m = layer.integer(7, 0);
  const std::int64_t n = layer.integer(8, 0);
  const std::int64_t k = layer.integer(9, 0);
  std::size_t next = 0;
  const auto transposed = [&](TensorId x) {
    const auto rank = static_cast<std::int64_t>(net.rank(x));
    if (rank < 2) net.fail("multiplies what is no matrix");
    Integers order(static_cast<std::size_t>(rank));
    std::iota(order.begin(), order.end(), 0);
    std::swap(order[order.size() - 1], order[order.size() - 2]);
    return net.add("Transpose", {x}, {{"perm", order}});
  };
  TensorId a = layer.integer(4, 0) != 0 ? net.weight("a", {m, k}) : net.bottom(next++);
  if (layer.integer(4, 0) == 0 && transposed_a) a = transposed(a);
  TensorId b = layer.integer(5, 0) != 0 ? net.weight("b", {k, n}) : net.bottom(next++);
  if (layer.integer(5, 0) == 0 && transposed_b) b = transposed(b);
  TensorId made = net.add("MatMul", {a, b});
  const std::int64_t broadcast = layer.integer(10, 0);  // of what is added: a number, by row, all, by column
  if (layer.integer(6, 0) != 0 && broadcast >= 0) {
    made = net.add("Add", {made, net.weight("c", {broadcast == 0 ? std::int64_t{1} : n})});
  } else if (next < layer.bottoms.size()) {
    made = net.add("Add", {made, net.bottom(next)});
  }
  net.set_top(0, made);
}

/// Heads side by side; what is read may be wider or narrower than what is made (3 and 4, of keys and values).
void read_attention(Network& net) {
  const Layer& layer = net.layer();
  const std::int64_t width = layer.integer(0, 0);
  const std::int64_t heads = std::max<std::int64_t>(layer.integer(1, 1), 1);
  const std::int64_t query_width = inputs_of(net, layer.integer(2, 0), width, {1, 1});
  const auto projected = [&](TensorId x, std::int64_t in, const std::string& part) {
    const TensorId product = net.add("MatMul", {x, net.weight(part.c_str(), {in, width})});
    return net.add("Add", {product, net.weight((part + "_bias").c_str(), {width})});
  };
  const auto split = [&](TensorId x, Integers order) {
    const TensorId parts = net.add("Reshape", {x, net.integers("heads", {1, -1, heads, width / heads})});
    return net.add("Transpose", {parts}, {{"perm", std::move(order)}});
  };
  const TensorId query = net.bottom(0);
  const TensorId key = layer.bottoms.size() > 1 ? net.bottom(1) : query;
  const TensorId value = layer.bottoms.size() > 2 ? net.bottom(2) : key;
  const TensorId q = split(projected(query, query_width, "query"), {0, 2, 1, 3});
  const TensorId k = split(projected(key, layer.integer(3, width), "key"), {0, 2, 3, 1});
  const TensorId v = split(projected(value, layer.integer(4, width), "value"), {0, 2, 1, 3});
  const TensorId scale = net.reals("scale", {static_cast<float>(layer.real(6, 1))});
  const TensorId scores = net.add("Mul", {net.add("MatMul", {q, k}), scale});
  const TensorId shares = net.add("Softmax", {scores}, {{"axis", std::int64_t{-1}}});
  const TensorId together =
      net.add("Transpose", {net.add("MatMul", {shares, v})}, {{"perm", Integers{0, 2, 1, 3}}});
  const TensorId rows = net.add("Reshape", {together, net.integers("rows", {1, -1, width})});
  net.set_top(0, projected(rows, width, "out"));
}
}  // namespace

Readings weighted_layers() {
  static constexpr std::pair<std::string_view, Reading> kAll[] = {
      {"Convolution", read_convolution},
      {"ConvolutionDepthWise", read_convolution},
      {"Deconvolution", read_deconvolution},
      {"DeconvolutionDepthWise", read_deconvolution},
      {"Gemm", read_gemm},
      {"InnerProduct", read_inner_product},
      {"MultiHeadAttention", read_attention},
      {"Pooling", read_pooling},
  };
  return kAll;
}

}  // namespace foretime::ncnn
