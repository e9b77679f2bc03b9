#include "formats/ncnn/ncnn_reader.h"

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <string>
#include <utility>

#include "base/error.h"
#include "formats/ncnn/network.h"

namespace foretime::ncnn {
namespace {

using Integers = std::vector<std::int64_t>;

// What a layer of the type does; parameters by the numbers of ncnn's documentation.
using Reading = void (*)(Network&);

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

/// [1,c] as [1,c,1,1]: one position.
TensorId spatial(Network& net, TensorId x) {
  return net.rank(x) == 2 ? net.add("Unsqueeze", {x, net.integers("axes", {2, 3})}) : x;
}

TensorId flat(Network& net, TensorId x) {
  return net.rank(x) == 2 ? x : net.add("Flatten", {x}, {{"axis", std::int64_t{1}}});
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

TensorId with_bias(Network& net, std::vector<TensorId>& inputs, int key, std::int64_t channels) {
  if (net.layer().integer(key, 0) != 0) inputs.push_back(net.weight("bias", {channels}));
  return inputs.front();
}

void read_convolution(Network& net) {
  const Layer& layer = net.layer();
  const Pair kernel = pair(layer, 1, 11, 0);
  const std::int64_t channels = layer.integer(0, 0);
  const TensorId from = net.bottom(0);
  std::vector<TensorId> inputs = {spatial(net, from)};
  const std::int64_t each = inputs_of(net, layer.integer(6, 0), channels, kernel);
  inputs.push_back(net.weight("weight", {channels, each, kernel.height, kernel.width}));
  with_bias(net, inputs, 5, channels);
  Attributes attributes = {{"kernel_shape", kernel.list()},
                           {"strides", pair(layer, 3, 13, 1).list()},
                           {"dilations", pair(layer, 2, 12, 1).list()},
                           {"group", layer.integer(7, 1)}};
  add_padding(layer, attributes);
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
  with_bias(net, inputs, 5, channels);
  Attributes attributes = {{"kernel_shape", kernel.list()},
                           {"strides", pair(layer, 3, 13, 1).list()},
                           {"dilations", pair(layer, 2, 12, 1).list()},
                           {"group", groups},
                           {"output_padding", Integers{layer.integer(19, 0), layer.integer(18, 0)}}};
  add_padding(layer, attributes);
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
    with_bias(net, inputs, 1, channels);
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

/// 0 w, 1 h, 2 c: as many axes as are stated.
Shape stated_shape(const Layer& layer, int width, int height, int channels) {
  Shape shape = {1};
  for (const int key : {channels, height, width}) {
    const std::int64_t size = layer.integer(key, 0);
    if (size > 0) shape.emplace_back(size);
  }
  return shape;
}

void read_input(Network& net) {
  Shape shape = stated_shape(net.layer(), 0, 1, 2);
  if (shape.size() == 1 && !net.stated_shapes().empty()) shape = net.stated_shapes().front();
  if (shape.size() < 2) shape = {1, Dim::named("c"), Dim::named("h"), Dim::named("w")};
  net.set_top(0, net.input(std::move(shape)));
}

void read_memory(Network& net) {
  net.set_top(0, net.weight("data", stated_shape(net.layer(), 0, 1, 2)));
}

/// The blob itself, as often as it is wanted. Of several, those without a copy remain outputs.
void read_copies(Network& net) {
  for (std::size_t i = 0; i < net.layer().tops.size(); ++i) {
    net.set_top(i, net.bottom(net.layer().bottoms.size() == 1 ? 0 : i));
  }
}

/// A blob of fewer axes lies along the outer ones if it fits there, else along the inner ones, as ONNX has
/// it.
TensorId beside(Network& net, TensorId x, TensorId other) {
  const Shape own = net.shape(x);
  const Shape wanted = net.shape(other);
  if (own.size() < 2 || own.size() >= wanted.size() || !(own[1] == wanted[1])) return x;
  Integers axes;
  for (std::size_t axis = own.size(); axis < wanted.size(); ++axis)
    axes.push_back(static_cast<std::int64_t>(axis));
  return net.add("Unsqueeze", {x, net.integers("axes", axes)});
}

void read_binary(Network& net) {
  constexpr const char* kOperators[] = {"Add", "Sub", "Mul", "Div", "Max", "Min", "Pow", "Sub", "Div"};
  const std::int64_t kind = net.layer().integer(0, 0);
  if (kind < 0 || kind >= static_cast<std::int64_t>(std::size(kOperators))) {
    net.fail("has the operation " + std::to_string(kind), "0 to 8");
  }
  const char* op = kOperators[kind];
  const bool reversed = kind >= 7;
  TensorId a = net.bottom(0);
  TensorId b;
  if (net.layer().integer(1, 0) != 0) {
    b = net.reals("scalar", {static_cast<float>(net.layer().real(2, 0))});
  } else {
    b = net.bottom(1);
    const TensorId before = a;
    a = beside(net, a, b);
    b = beside(net, b, before);
  }
  net.set_top(0, reversed ? net.add(op, {b, a}) : net.add(op, {a, b}));
}

void read_eltwise(Network& net) {
  constexpr const char* kOperators[] = {"Mul", "Add", "Max"};
  const std::int64_t kind = net.layer().integer(0, 0);
  if (kind < 0 || kind >= static_cast<std::int64_t>(std::size(kOperators))) {
    net.fail("has the operation " + std::to_string(kind), "0 to 2");
  }
  TensorId sum = net.bottom(0);
  for (std::size_t i = 1; i < net.layer().bottoms.size(); ++i)
    sum = net.add(kOperators[kind], {sum, net.bottom(i)});
  net.set_top(0, sum);
}

void read_unary(Network& net) {
  constexpr const char* kOperators[] = {"Abs",        "Neg",  "Floor", "Ceil",       "Mul", "Sqrt",
                                        "Reciprocal", "Exp",  "Log",   "Sin",        "Cos", "Tan",
                                        "Asin",       "Acos", "Atan",  "Reciprocal", "Tanh"};
  constexpr std::int64_t kSquare = 4;
  const std::int64_t kind = net.layer().integer(0, 0);
  if (kind < 0 || kind >= static_cast<std::int64_t>(std::size(kOperators))) {
    net.fail("has the operation " + std::to_string(kind), "0 to 16");
  }
  const TensorId x = net.bottom(0);
  net.set_top(0, kind == kSquare ? net.add("Mul", {x, x}) : net.add(kOperators[kind], {x}));
}

/// An axis of ncnn's, which has no batch, in ONNX's counting.
std::int64_t axis_of(const Layer& layer, int key) {
  const std::int64_t axis = layer.integer(key, 0);
  return axis < 0 ? axis : axis + 1;
}

void read_concat(Network& net) {
  net.set_top(0, net.add("Concat", net.bottoms(), {{"axis", axis_of(net.layer(), 0)}}));
}

void read_softmax(Network& net) {
  net.set_top(0, net.add("Softmax", {net.bottom(0)}, {{"axis", axis_of(net.layer(), 0)}}));
}

void read_slice(Network& net) {
  const TensorId x = net.bottom(0);
  const std::int64_t axis = axis_of(net.layer(), 1);
  const auto rank = static_cast<std::int64_t>(net.rank(x));
  const std::int64_t place = axis < 0 ? axis + rank : axis;
  if (place < 0 || place >= rank) net.fail("cuts along an axis that its blob does not have");
  std::int64_t rest = net.size(x, static_cast<std::size_t>(place));
  Integers sizes = net.layer().integers(0);
  sizes.resize(net.layer().tops.size(), kNotStated);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    // What is not stated shares the rest evenly.
    if (sizes[i] == kNotStated) sizes[i] = rest / static_cast<std::int64_t>(sizes.size() - i);
    rest -= sizes[i];
  }
  const auto made = net.add("Split", {x, net.integers("sizes", sizes)}, {{"axis", axis}}, sizes.size());
  for (std::size_t i = 0; i < made.size(); ++i) net.set_top(i, made[i]);
}

/// By starts and ends along axes (9, 10, 11), or by offsets and sizes of the three inner axes.
void read_crop(Network& net) {
  const Layer& layer = net.layer();
  const TensorId x = net.bottom(0);
  Integers starts = layer.integers(9);
  Integers ends = layer.integers(10);
  Integers axes = layer.integers(11);
  if (!starts.empty()) {
    if (axes.empty()) {
      axes.resize(starts.size());
      std::iota(axes.begin(), axes.end(), 0);
    }
    for (std::int64_t& axis : axes) axis += axis < 0 ? 0 : 1;
  } else {
    struct Side {
      int offset, size, behind;
    };
    constexpr Side kSides[] = {{0, 3, 6}, {1, 4, 7}, {2, 5, 8}};  // width, height, channels
    for (std::size_t i = 0; i < std::size(kSides) && i + 1 < net.rank(x); ++i) {
      const std::size_t axis = net.rank(x) - 1 - i;
      const std::int64_t size = net.size(x, axis);
      const std::int64_t start = layer.integer(kSides[i].offset, 0);
      const std::int64_t wanted =
          layer.bottoms.size() > 1 ? net.size(net.bottom(1), axis) : layer.integer(kSides[i].size, 0);
      starts.push_back(start);
      ends.push_back(wanted > 0 ? start + wanted : size - layer.integer(kSides[i].behind, 0));
      axes.push_back(static_cast<std::int64_t>(axis));
    }
  }
  for (std::int64_t& end : ends) end = end == kNotStated ? std::int64_t{1} << 31 : end;
  net.set_top(0, net.add("Slice", {x, net.integers("starts", starts), net.integers("ends", ends),
                                   net.integers("axes", axes)}));
}

void read_padding(Network& net) {
  const Layer& layer = net.layer();
  constexpr const char* kModes[] = {"constant", "edge", "reflect"};
  const TensorId x = net.bottom(0);
  const Integers before = {0, layer.integer(7, 0), layer.integer(0, 0), layer.integer(2, 0)};
  const Integers after = {0, layer.integer(8, 0), layer.integer(1, 0), layer.integer(3, 0)};
  const std::size_t skipped = 4 - std::min<std::size_t>(net.rank(x), 4);
  Integers pads;
  for (const Integers& side : {before, after}) {
    for (std::size_t i = 0; i < 4; ++i) {
      if (i == 0 || i > skipped) pads.push_back(side[i]);
    }
  }
  const auto mode = static_cast<std::size_t>(std::clamp<std::int64_t>(layer.integer(4, 0), 0, 2));
  net.set_top(0, net.add("Pad", {x, net.integers("pads", pads)}, {{"mode", std::string(kModes[mode])}}));
}

/// 0 w, 1 h, 2 c: -1 is what is left, 0 as it is.
void read_reshape(Network& net) {
  const Layer& layer = net.layer();
  const TensorId x = net.bottom(0);
  Integers sizes = {1};
  const std::pair<int, std::size_t> keys[] = {{2, 3}, {1, 2}, {0, 1}};  // and how far from the inside
  for (const auto& [key, inside] : keys) {
    const std::int64_t size = layer.integer(key, kNotStated);
    if (size == kNotStated) continue;
    sizes.push_back(size == 0 && inside < net.rank(x) ? net.size(x, net.rank(x) - inside) : size);
  }
  net.set_top(0, net.add("Reshape", {x, net.integers("shape", sizes)}));
}

void read_permute(Network& net) {
  const TensorId x = net.bottom(0);
  const std::int64_t order = net.layer().integer(0, 0);
  // From the inside: which axis becomes w, h, c.
  constexpr std::int64_t kThree[][3] = {{3, 2, 1}, {2, 3, 1}, {3, 1, 2}, {1, 3, 2}, {2, 1, 3}, {1, 2, 3}};
  const std::size_t rank = net.rank(x);
  if (rank == 3 && (order == 0 || order == 1)) {
    net.set_top(0, net.add("Transpose", {x}, {{"perm", order == 0 ? Integers{0, 1, 2} : Integers{0, 2, 1}}}));
  } else if (rank == 4 && order >= 0 && order < static_cast<std::int64_t>(std::size(kThree))) {
    const auto& inner = kThree[order];
    net.set_top(0, net.add("Transpose", {x}, {{"perm", Integers{0, inner[2], inner[1], inner[0]}}}));
  } else {
    net.fail("has the order " + std::to_string(order), "0 to 5, of 3 axes; 0 or 1, of 2");
  }
}

void read_shuffle(Network& net) {
  const TensorId x = net.bottom(0);
  if (net.rank(x) != 4) net.fail("shuffles what has no channels");
  std::int64_t groups = net.layer().integer(0, 1);
  const std::int64_t channels = net.size(x, 1);
  if (groups < 1 || channels % groups != 0) net.fail("has groups that do not divide its channels");
  if (net.layer().integer(1, 0) != 0) groups = channels / groups;
  const TensorId split = net.add("Reshape", {x, net.integers("groups", {1, groups, channels / groups, -1})});
  const TensorId turned = net.add("Transpose", {split}, {{"perm", Integers{0, 2, 1, 3}}});
  const TensorId together = net.add("Reshape", {turned, net.add("Shape", {x})});
  net.set_shape(together, net.shape(x));
  net.set_top(0, together);
}

void read_interp(Network& net) {
  const Layer& layer = net.layer();
  constexpr const char* kModes[] = {"nearest", "nearest", "linear", "cubic"};
  const TensorId x = spatial(net, net.bottom(0));
  const auto mode = static_cast<std::size_t>(std::clamp<std::int64_t>(layer.integer(0, 0), 0, 3));
  const std::int64_t height = layer.integer(3, 0);
  const std::int64_t width = layer.integer(4, 0);
  const Attributes attributes = {{"mode", std::string(kModes[mode])},
                                 {"coordinate_transformation_mode", std::string("asymmetric")}};
  const TensorId none = net.reals("roi", {});
  if (height > 0 && width > 0) {
    const TensorId sizes = net.integers("sizes", {1, net.size(x, 1), height, width});
    net.set_top(0, net.add("Resize", {x, none, net.reals("scales", {}), sizes}, attributes));
    return;
  }
  const TensorId scales =
      net.reals("scales", {1, 1, static_cast<float>(layer.real(1, 1)), static_cast<float>(layer.real(2, 1))});
  net.set_top(0, net.add("Resize", {x, none, scales}, attributes));
}

void read_reduction(Network& net) {
  constexpr const char* kOperators[] = {"ReduceSum", "ReduceL1",     "ReduceSumSquare", "ReduceMean",
                                        "ReduceMax", "ReduceMin",    "ReduceProd",      "ReduceL1",
                                        "ReduceL2",  "ReduceLogSum", "ReduceLogSumExp"};
  const Layer& layer = net.layer();
  const std::int64_t kind = layer.integer(0, 0);
  if (kind < 0 || kind >= static_cast<std::int64_t>(std::size(kOperators))) {
    net.fail("has the operation " + std::to_string(kind), "0 to 10");
  }
  const TensorId x = net.bottom(0);
  Integers axes = layer.integers(3);
  if (layer.integer(1, 1) != 0 || axes.empty()) {
    axes.clear();
    for (std::size_t axis = 1; axis < net.rank(x); ++axis)
      axes.push_back(static_cast<std::int64_t>(axis) - 1);
  }
  for (std::int64_t& axis : axes) axis += axis < 0 ? 0 : 1;
  net.set_top(0, net.add(kOperators[kind], {x, net.integers("axes", axes)},
                         {{"keepdims", std::int64_t{layer.integer(4, 0) != 0 ? 1 : 0}}}));
}

void read_lrn(Network& net) {
  const Layer& layer = net.layer();
  net.set_top(0, net.add("LRN", {net.bottom(0)},
                         {{"size", layer.integer(1, 5)},
                          {"alpha", static_cast<float>(layer.real(2, 1))},
                          {"beta", static_cast<float>(layer.real(3, 0.75))},
                          {"bias", static_cast<float>(layer.real(4, 1))}}));
}

void read_batch_norm(Network& net) {
  const Shape channels = {net.layer().integer(0, 0)};
  net.set_top(0, net.add("BatchNormalization",
                         {net.bottom(0), net.weight("slope", channels), net.weight("bias", channels),
                          net.weight("mean", channels), net.weight("variance", channels)}));
}

/// One number for each channel of a blob of this rank.
Shape channelwise(const Network& net, TensorId x, std::int64_t channels) {
  Shape shape = {channels};
  while (shape.size() + 1 < net.rank(x)) shape.emplace_back(1);
  return shape;
}

void read_scale(Network& net) {
  const TensorId x = net.bottom(0);
  const std::int64_t channels = net.layer().integer(0, 0);
  if (net.layer().bottoms.size() > 1) {
    net.set_top(0, net.add("Mul", {x, beside(net, net.bottom(1), x)}));
    return;
  }
  TensorId made = net.add("Mul", {x, net.weight("scale", channelwise(net, x, channels))});
  if (net.layer().integer(1, 0) != 0)
    made = net.add("Add", {made, net.weight("bias", channelwise(net, x, channels))});
  net.set_top(0, made);
}

void read_bias(Network& net) {
  const TensorId x = net.bottom(0);
  net.set_top(0, net.add("Add", {x, net.weight("bias", channelwise(net, x, net.layer().integer(0, 0)))}));
}

void read_layer_norm(Network& net) {
  const Shape sizes = {net.layer().integer(0, 0)};
  std::vector<TensorId> inputs = {net.bottom(0), net.weight("gamma", sizes)};
  if (net.layer().integer(2, 1) != 0) inputs.push_back(net.weight("beta", sizes));
  net.set_top(0, net.add("LayerNormalization", std::move(inputs), {{"axis", std::int64_t{-1}}}));
}

void read_group_norm(Network& net) {
  const std::int64_t channels = net.layer().integer(1, 0);
  net.set_top(0, net.add("GroupNormalization",
                         {net.bottom(0), net.weight("gamma", {channels}), net.weight("beta", {channels})},
                         {{"num_groups", net.layer().integer(0, 1)}}));
}

void read_instance_norm(Network& net) {
  const Shape channels = {net.layer().integer(0, 0)};
  net.set_top(0, net.add("InstanceNormalization",
                         {net.bottom(0), net.weight("gamma", channels), net.weight("beta", channels)}));
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

/// Boxes follow from sizes alone: a constant.
void read_prior_box(Network& net) {
  const Layer& layer = net.layer();
  const TensorId x = net.bottom(0);
  for (std::size_t i = 1; i < layer.bottoms.size(); ++i) (void)net.bottom(i);
  const auto smallest = static_cast<std::int64_t>(layer.integers(0).size());
  const auto largest = static_cast<std::int64_t>(layer.integers(1).size());
  const auto ratios = static_cast<std::int64_t>(layer.integers(2).size());
  const std::int64_t flip = layer.integer(7, 1) != 0 ? 2 : 1;
  const std::int64_t boxes = smallest * (1 + ratios * flip) + largest;
  const std::int64_t numbers = saturating_mul(4 * boxes, saturating_mul(net.size(x, 2), net.size(x, 3)));
  net.set_top(0, net.weight("boxes", {1, 2, numbers}));
}

void read_relu(Network& net) {
  const double slope = net.layer().real(0, 0);
  const TensorId x = net.bottom(0);
  net.set_top(0, slope == 0 ? net.add("Relu", {x})
                            : net.add("LeakyRelu", {x}, {{"alpha", static_cast<float>(slope)}}));
}

void read_clip(Network& net) {
  const Layer& layer = net.layer();
  net.set_top(0, net.add("Clip", {net.bottom(0), net.reals("low", {static_cast<float>(layer.real(0, -3e38))}),
                                  net.reals("high", {static_cast<float>(layer.real(1, 3e38))})}));
}

void read_prelu(Network& net) {
  const TensorId x = net.bottom(0);
  net.set_top(0, net.add("PRelu", {x, net.weight("slope", channelwise(net, x, net.layer().integer(0, 1)))}));
}

/// x · sigmoid(x)
void read_swish(Network& net) {
  const TensorId x = net.bottom(0);
  net.set_top(0, net.add("Mul", {x, net.add("Sigmoid", {x})}));
}

void read_flatten(Network& net) {
  net.set_top(0, flat(net, net.bottom(0)));
}

template <const char* Op>
void read_simple(Network& net) {
  net.set_top(0, net.add(Op, {net.bottom(0)}));
}

constexpr char kSigmoid[] = "Sigmoid";
constexpr char kTanh[] = "Tanh";
constexpr char kHardSwish[] = "HardSwish";
constexpr char kHardSigmoid[] = "HardSigmoid";
constexpr char kGelu[] = "Gelu";
constexpr char kElu[] = "Elu";
constexpr char kSelu[] = "Selu";
constexpr char kMish[] = "Mish";
constexpr char kSoftplus[] = "Softplus";

const std::map<std::string_view, Reading>& readings() {
  static const std::map<std::string_view, Reading> all = {
      {"BatchNorm", read_batch_norm},
      {"Bias", read_bias},
      {"BinaryOp", read_binary},
      {"Clip", read_clip},
      {"Concat", read_concat},
      {"Convolution", read_convolution},
      {"ConvolutionDepthWise", read_convolution},
      {"Crop", read_crop},
      {"Deconvolution", read_deconvolution},
      {"DeconvolutionDepthWise", read_deconvolution},
      {"Dropout", read_copies},
      {"ELU", read_simple<kElu>},
      {"Eltwise", read_eltwise},
      {"Flatten", read_flatten},
      {"GELU", read_simple<kGelu>},
      {"Gemm", read_gemm},
      {"GroupNorm", read_group_norm},
      {"HardSigmoid", read_simple<kHardSigmoid>},
      {"HardSwish", read_simple<kHardSwish>},
      {"InnerProduct", read_inner_product},
      {"Input", read_input},
      {"InstanceNorm", read_instance_norm},
      {"Interp", read_interp},
      {"LRN", read_lrn},
      {"LayerNorm", read_layer_norm},
      {"MemoryData", read_memory},
      {"Mish", read_simple<kMish>},
      {"MultiHeadAttention", read_attention},
      {"Noop", read_copies},
      {"PReLU", read_prelu},
      {"Padding", read_padding},
      {"Permute", read_permute},
      {"Pooling", read_pooling},
      {"PriorBox", read_prior_box},
      {"ReLU", read_relu},
      {"Reduction", read_reduction},
      {"Reshape", read_reshape},
      {"SELU", read_simple<kSelu>},
      {"Scale", read_scale},
      {"ShuffleChannel", read_shuffle},
      {"Sigmoid", read_simple<kSigmoid>},
      {"Slice", read_slice},
      {"Softmax", read_softmax},
      {"Softplus", read_simple<kSoftplus>},
      {"Split", read_copies},
      {"Swish", read_swish},
      {"TanH", read_simple<kTanh>},
      {"UnaryOp", read_unary},
  };
  return all;
}

void read_layer(Network& net) {
  const auto reading = readings().find(net.layer().type);
  if (reading != readings().end()) return reading->second(net);
  const std::vector<TensorId> made = net.add_opaque(net.stated_shapes());
  for (std::size_t i = 0; i < made.size(); ++i) net.set_top(i, made[i]);
}

/// 8: scales of integers are stated.
bool is_quantised(const Layer& layer) {
  const bool has_weights =
      layer.type == "InnerProduct" || layer.type == "Convolution" || layer.type == "ConvolutionDepthWise";
  return has_weights && layer.integer(8, 0) != 0;
}

std::string stem_of(const std::string& path) {
  const std::size_t start = path.find_last_of('/') + 1;
  return path.substr(start, path.find_last_of('.') - start);
}

}  // namespace

Graph read_param(const std::shared_ptr<const MappedFile>& file, Diagnostics& diagnostics) {
  const std::vector<Layer> layers = parse_param_file(file->text(), file->path());
  Network net(stem_of(file->path()), file->path(), diagnostics);
  bool quantised = false;
  for (const Layer& layer : layers) {
    net.begin(layer);
    read_layer(net);
    quantised = quantised || is_quantised(layer);
  }
  if (quantised) {
    diagnostics.push_back({Severity::warning, "quantised-as-float",
                           "its weights are integers; all layers are read as if they were floats", ""});
  }
  return net.finish();
}

}  // namespace foretime::ncnn
