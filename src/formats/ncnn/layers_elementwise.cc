#include "formats/ncnn/layers.h"

#include <algorithm>
#include <iterator>
#include <string>

namespace foretime::ncnn {
namespace {

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

void read_softmax(Network& net) {
  net.set_top(0, net.add("Softmax", {net.bottom(0)}, {{"axis", axis_of(net.layer(), 0)}}));
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

}  // namespace

Readings elementwise_layers() {
  static constexpr std::pair<std::string_view, Reading> kAll[] = {
      {"BatchNorm", read_batch_norm},
      {"Bias", read_bias},
      {"BinaryOp", read_binary},
      {"Clip", read_clip},
      {"ELU", read_simple<kElu>},
      {"Eltwise", read_eltwise},
      {"GELU", read_simple<kGelu>},
      {"GroupNorm", read_group_norm},
      {"HardSigmoid", read_simple<kHardSigmoid>},
      {"HardSwish", read_simple<kHardSwish>},
      {"InstanceNorm", read_instance_norm},
      {"LRN", read_lrn},
      {"LayerNorm", read_layer_norm},
      {"Mish", read_simple<kMish>},
      {"PReLU", read_prelu},
      {"ReLU", read_relu},
      {"SELU", read_simple<kSelu>},
      {"Scale", read_scale},
      {"Sigmoid", read_simple<kSigmoid>},
      {"Softmax", read_softmax},
      {"Softplus", read_simple<kSoftplus>},
      {"Swish", read_swish},
      {"TanH", read_simple<kTanh>},
      {"UnaryOp", read_unary},
  };
  return kAll;
}

}  // namespace foretime::ncnn
