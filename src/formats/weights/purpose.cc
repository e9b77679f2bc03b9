#include <algorithm>
#include <optional>
#include <string_view>

#include "formats/weights/weights.h"
#include "ops/conv_layout.h"
#include "ops/op_spec.h"

namespace foretime {
namespace {

// How many readers are looked at: real constants have one or two, through at most three operators that only
// move them.
constexpr int kMostReaders = 64;
constexpr int kDeepest = 8;

constexpr std::string_view kMoving[] = {
    "Identity", "Reshape",          "Transpose", "Squeeze", "Unsqueeze", "Cast",          "CastLike",
    "Flatten",  "DequantizeLinear", "Slice",     "Expand",  "Split",     "QuantizeLinear"};

bool one_of(std::string_view op, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), op) != names.end();
}

std::int64_t size_at(const Shape& shape, std::size_t axis) {
  return axis < shape.size() ? std::max<std::int64_t>(shape[axis].upper(), 1) : 1;
}

std::int64_t product_from(const Shape& shape, std::size_t first) {
  std::int64_t product = 1;
  for (std::size_t axis = first; axis < shape.size(); ++axis) {
    product = saturating_mul(product, size_at(shape, axis));
  }
  return product;
}

/// How many products one output element sums up, by the shape of the weight at this input.
std::int64_t fan_in(const Node& node, std::size_t input, const Shape& shape) {
  const std::size_t rank = shape.size();
  if (rank > 2 && node.attributes.has("weight_layout")) {
    const std::size_t out = ops::conv_layout(node, rank).weight_out;
    return product_from(shape, 0) / size_at(shape, out);
  }
  if (node.op == "ConvTranspose") return saturating_mul(size_at(shape, 0), product_from(shape, 2));
  if (node.op.find("Conv") != std::string::npos) return product_from(shape, 1);
  if (rank < 2) return size_at(shape, 0);
  if (one_of(node.op, {"LSTM", "GRU", "RNN"}))
    return size_at(shape, rank - 1);  // [directions, gates, inputs]
  const bool left = input == 0;
  const auto transposed = [&](std::string_view attribute) {
    const Attribute* found = node.attributes.find(attribute);
    const auto* flag = found == nullptr ? nullptr : std::get_if<std::int64_t>(found);
    return flag != nullptr && *flag != 0;
  };
  const bool swapped = transposed(left ? "transA" : "transB");
  return size_at(shape, left != swapped ? rank - 1 : rank - 2);
}

Use use_of(const Node& node, std::size_t input, const ops::OpSpec* spec, const TensorType& type) {
  if (spec == nullptr) {
    if (!is_float(type.dtype)) return Use::parameter;
    return type.shape && type.shape->size() > 1 ? Use::weight : Use::bias;
  }
  if (node.op == "PRelu") return Use::bias;  // a slope: as small as one
  switch (spec->role(input)) {
    case 'w':
      return Use::weight;
    case 'b':
      return Use::bias;
    case 's':
      return Use::scale;
    case 't':
      return Use::table;
    case 'r':
      return input == 4 ? Use::variance : Use::mean;  // of BatchNormalization
    case 'i':
      return Use::parameter;
    default:
      if (node.op == "Mul") return Use::factor;
      if (one_of(node.op, {"Div", "Pow", "Mod"})) return Use::divisor;
      return Use::summand;
  }
}

class Readers {
 public:
  /// `shape` stands in for those of tensors whose shapes nobody inferred.
  explicit Readers(const std::optional<Shape>& shape) : shape_(shape) {}
  void visit(const Graph& graph, TensorId tensor, int depth);

  Purpose found{Use::parameter, 1};
  int seen = 0;

 private:
  void visit_reader(const Graph& graph, const Node& node, TensorId tensor, int depth);

  const std::optional<Shape>& shape_;
};

void Readers::visit(const Graph& graph, TensorId tensor, int depth) {
  for (const NodeId reader : graph.consumers(tensor)) {
    if (seen++ >= kMostReaders) return;
    visit_reader(graph, graph[reader], tensor, depth);
  }
}

void Readers::visit_reader(const Graph& graph, const Node& node, TensorId tensor, int depth) {
  const ops::OpSpec* spec = ops::find_spec(node.domain, node.op);
  const bool moving = std::find(std::begin(kMoving), std::end(kMoving), node.op) != std::end(kMoving);
  for (std::size_t input = 0; input < node.inputs.size(); ++input) {
    if (node.inputs[input] != tensor) continue;
    if (moving && input == 0 && depth < kDeepest && !node.outputs.empty() && node.outputs[0] != kNoTensor) {
      visit(graph, node.outputs[0], depth + 1);
      continue;
    }
    const TensorType& type = graph[tensor].type;
    const Use use = use_of(node, input, spec, type);
    if (use <= found.use) continue;
    found.use = use;
    const std::optional<Shape>& shape = type.shape ? type.shape : shape_;
    found.fan_in = shape ? fan_in(node, input, *shape) : 1;
  }
  for (const Subgraph& subgraph : node.subgraphs) {
    for (std::size_t i = 0; i < subgraph.captures.size(); ++i) {
      if (subgraph.captures[i] == tensor && depth < kDeepest) {
        visit(subgraph.body, subgraph.body.captures()[i], depth + 1);
      }
    }
  }
}

}  // namespace

Purpose purpose_of(const Graph& graph, TensorId constant) {
  Readers readers(graph[constant].type.shape);
  readers.visit(graph, constant, 0);
  if (readers.seen == 0) return {Use::summand, 1};
  return readers.found;
}

}  // namespace foretime
