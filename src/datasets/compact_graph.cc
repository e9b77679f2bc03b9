#include "datasets/compact_graph.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "graph/graph_builder.h"
#include "ops/infer.h"
#include "passes/annotate_types.h"

namespace foretime {
namespace {

constexpr std::string_view kOperators =
    "input, conv, dwconv, bn, relu, add, mul, maxpool, avgpool, gap, reshape, transpose, concat, split, fc";

/// NHWC to NCHW; of rank 5 (a channel shuffle) the two last axes are channels.
Shape nchw(const std::vector<std::int64_t>& sizes) {
  Shape shape(sizes.begin(), sizes.end());
  if (shape.size() >= 4) std::rotate(shape.begin() + 1, shape.begin() + 3, shape.end());
  return shape;
}

class Converter {
 public:
  Converter(const std::vector<CompactNode>& nodes, const std::string& where)
      : nodes_(nodes), where_(where), builder_("", where) {}

  Graph run() {
    builder_.set_opset("", 18);
    builder_.reserve(nodes_.size(), nodes_.size() * 2);
    for (at_ = 0; at_ < nodes_.size(); ++at_) convert(nodes_[at_]);
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (!read_[i]) builder_.add_output(result_[i]);
    }
    return checked(std::move(builder_).build());
  }

 private:
  Error error(const std::string& what, const std::string& accepted) const {
    return {where_, "node " + std::to_string(at_) + " (" + std::string(nodes_[at_].op) + "): " + what,
            accepted};
  }

  std::string name(std::string_view suffix = {}) const {
    return std::string(nodes_[at_].op) + "_" + std::to_string(at_) + std::string(suffix);
  }

  void convert(const CompactNode& node);
  void emit(std::string op, std::vector<TensorId> inputs, Attributes attributes);
  void emit_convolution(const CompactNode& node, bool depthwise);
  void emit_pool(const CompactNode& node, std::string op);
  void emit_normalization(const CompactNode& node);
  void emit_binary(const CompactNode& node, std::string op);
  void emit_reshape(const CompactNode& node);
  void emit_split(const CompactNode& node);
  void emit_linear(const CompactNode& node);
  Attributes window_of(const CompactNode& node) const;
  void expect(const CompactNode& node, std::size_t producers, std::size_t rank) const;
  const std::vector<std::int64_t>& shape_of_input(std::size_t input = 0) const {
    return nodes_[nodes_[at_].producers[input]].shape;
  }
  TensorId weight(std::string_view suffix, Shape shape) {
    return builder_.add_constant(name(suffix), {DataType::float32, std::move(shape)}, ConstantData{});
  }
  Graph checked(const Graph& graph);

  const std::vector<CompactNode>& nodes_;
  const std::string& where_;
  GraphBuilder builder_;
  std::size_t at_ = 0;
  std::vector<TensorId> inputs_;                     // of the node at hand
  std::vector<TensorId> result_{nodes_.size()};      // of every node
  std::vector<TensorId> other_half_{nodes_.size()};  // of every split
  std::vector<bool> read_ = std::vector<bool>(nodes_.size());
};

void Converter::expect(const CompactNode& node, std::size_t producers, std::size_t rank) const {
  if (node.producers.size() != producers) {
    throw error("has " + std::to_string(node.producers.size()) + " producers", std::to_string(producers));
  }
  for (const std::size_t producer : node.producers) {
    if (nodes_[producer].shape.size() != rank) {
      throw error("its input has " + std::to_string(nodes_[producer].shape.size()) + " sizes",
                  std::to_string(rank));
    }
  }
}

void Converter::convert(const CompactNode& node) {
  inputs_.clear();
  for (const std::size_t producer : node.producers) {
    if (producer >= at_) throw error("reads node " + std::to_string(producer), "an earlier node");
    // A split stands for both halves: its first reader takes one, the others the other.
    const bool second = nodes_[producer].op == "split" && read_[producer];
    inputs_.push_back(second ? other_half_[producer] : result_[producer]);
    read_[producer] = true;
  }
  if (node.shape.empty() || node.shape.size() > 5) throw error("has no sizes", "two to five sizes");
  for (const std::int64_t size : node.shape) {
    if (size < 1) throw error("has the size " + std::to_string(size), "sizes of at least 1");
  }
  if (node.op == "input") {
    if (!node.producers.empty()) throw error("has producers", "none");
    result_[at_] = builder_.add_input(name(), {DataType::float32, nchw(node.shape)});
    return;
  }
  if (node.producers.empty()) throw error("has no producer", "an earlier node");
  if (node.op == "conv") return emit_convolution(node, false);
  if (node.op == "dwconv") return emit_convolution(node, true);
  if (node.op == "bn") return emit_normalization(node);
  if (node.op == "relu") return emit("Relu", inputs_, {});
  if (node.op == "add") return emit_binary(node, "Add");
  if (node.op == "mul") return emit_binary(node, "Mul");
  if (node.op == "maxpool") return emit_pool(node, "MaxPool");
  if (node.op == "avgpool") return emit_pool(node, "AveragePool");
  if (node.op == "gap") return emit("GlobalAveragePool", inputs_, {});
  if (node.op == "reshape") return emit_reshape(node);
  if (node.op == "transpose") {
    expect(node, 1, 5);
    return emit("Transpose", inputs_, {{"perm", std::vector<std::int64_t>{0, 2, 1, 3, 4}}});
  }
  if (node.op == "concat") {
    return emit("Concat", inputs_, {{"axis", std::int64_t{1}}});
  }
  if (node.op == "split") return emit_split(node);
  if (node.op == "fc") return emit_linear(node);
  throw error("is an unknown operator", std::string(kOperators));
}

void Converter::emit(std::string op, std::vector<TensorId> inputs, Attributes attributes) {
  Node node;
  node.name = name();
  node.op = std::move(op);
  node.inputs = std::move(inputs);
  node.outputs = {builder_.tensor(node.name)};
  node.attributes = std::move(attributes);
  result_[at_] = node.outputs[0];
  builder_.add_node(std::move(node));
}

Attributes Converter::window_of(const CompactNode& node) const {
  if (!node.window || node.window->kernel < 1 || node.window->stride < 1) {
    throw error("has no window", "[kernel, stride, 1 for SAME or 0 for VALID]");
  }
  const auto [kernel, stride, same] = *node.window;
  return {{"kernel_shape", std::vector<std::int64_t>{kernel, kernel}},
          {"strides", std::vector<std::int64_t>{stride, stride}},
          {"auto_pad", std::string(same ? "SAME_UPPER" : "VALID")}};
}

void Converter::emit_convolution(const CompactNode& node, bool depthwise) {
  expect(node, 1, 4);
  Attributes attributes = window_of(node);
  const std::int64_t in = shape_of_input()[3];
  const std::int64_t out = node.shape.back();
  if (depthwise) attributes.set("group", in);
  const std::int64_t kernel = node.window->kernel;
  emit("Conv", {inputs_[0], weight(".weight", {out, depthwise ? 1 : in, kernel, kernel})},
       std::move(attributes));
}

void Converter::emit_pool(const CompactNode& node, std::string op) {
  expect(node, 1, 4);
  emit(std::move(op), inputs_, window_of(node));
}

void Converter::emit_normalization(const CompactNode& node) {
  expect(node, 1, 4);
  std::vector<TensorId> inputs = inputs_;
  for (const std::string_view part : {".scale", ".bias", ".mean", ".variance"}) {
    inputs.push_back(weight(part, {node.shape.back()}));
  }
  emit("BatchNormalization", std::move(inputs), {});
}

void Converter::emit_binary(const CompactNode& node, std::string op) {
  std::vector<TensorId> inputs = inputs_;
  if (inputs.size() > 2) throw error("has more than two producers", "one or two");
  if (node.producers.size() == 1) inputs.push_back(weight(".constant", {}));
  emit(std::move(op), std::move(inputs), {});
}

void Converter::emit_reshape(const CompactNode& node) {
  std::vector<std::int64_t> sizes;
  for (const Dim& dim : nchw(node.shape)) sizes.push_back(dim.number());
  const TensorType type{DataType::int64, Shape{static_cast<std::int64_t>(sizes.size())}};
  const TensorId shape = builder_.add_constant(name(".shape"), type, ConstantData::of(sizes));
  emit("Reshape", {inputs_[0], shape}, {});
}

void Converter::emit_split(const CompactNode& node) {
  expect(node, 1, 4);
  Node split;
  split.name = name();
  split.op = "Split";
  split.inputs = inputs_;
  split.outputs = {builder_.tensor(split.name), builder_.tensor(name(".other"))};
  split.attributes = {{"axis", std::int64_t{1}}, {"num_outputs", std::int64_t{2}}};
  result_[at_] = split.outputs[0];
  other_half_[at_] = split.outputs[1];
  builder_.add_node(std::move(split));
}

void Converter::emit_linear(const CompactNode& node) {
  expect(node, 1, 2);
  emit("Gemm", {inputs_[0], weight(".weight", {shape_of_input()[1], node.shape.back()})}, {});
}

/// Infers all sizes and compares them with those of the row.
Graph Converter::checked(const Graph& graph) {
  Diagnostics diagnostics;
  const ops::Facts facts = ops::infer(graph, {}, diagnostics);
  for (at_ = 0; at_ < nodes_.size(); ++at_) {
    const TensorType& type = facts.types[index(result_[at_])];
    const Shape said = nchw(nodes_[at_].shape);
    if (type.shape != said) {
      throw error("its sizes do not follow from its input (NCHW)",
                  to_string(type) + " instead of " + to_string(TensorType{DataType::float32, said}));
    }
  }
  return passes::annotate_types(graph, facts);
}

}  // namespace

Graph compact_graph(const std::vector<CompactNode>& nodes, const std::string& where) {
  if (nodes.empty()) throw Error(where, "the network has no nodes", "\"nodes\" with at least an input");
  return Converter(nodes, where).run();
}

}  // namespace foretime
