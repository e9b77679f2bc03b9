#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graph/attribute.h"
#include "graph/tensor.h"

namespace foretime {

struct Node;
struct Tensor;

/// A network: nodes in execution order over tensors, both addressed by index handles. Immutable once built,
/// and cheap to copy: copies share what they hold. Made only by GraphBuilder, which checks what is promised
/// here:
///   - every tensor that is read is an input, a constant, a capture, or the output of exactly one earlier
///   node;
///   - names of tensors are unique, so are names of nodes, and neither is empty;
///   - there is at least one output.
/// Operator names, domains and attributes are ONNX's ("" is ONNX's own domain).
class Graph {
 public:
  /// No nodes, no outputs: what a Graph is before one is assigned to it.
  Graph();

  const std::string& name() const;
  std::span<const Node> nodes() const;
  std::span<const Tensor> tensors() const;
  const Node& operator[](NodeId id) const;
  const Tensor& operator[](TensorId id) const;

  std::span<const TensorId> inputs() const;
  std::span<const TensorId> outputs() const;
  /// Tensors of the enclosing graph that the body of a control-flow node reads, under the names they have
  /// there.
  std::span<const TensorId> captures() const;
  /// Nodes that read the tensor, ascending, each once; nodes whose bodies capture it included.
  std::span<const NodeId> consumers(TensorId id) const;
  std::optional<TensorId> find_tensor(std::string_view name) const;

  /// Operator set versions by domain.
  std::span<const std::pair<std::string, std::int64_t>> opsets() const;
  /// 0 when the domain is not imported.
  std::int64_t opset(std::string_view domain) const;
  std::span<const std::pair<std::string, std::string>> metadata() const;

 private:
  friend class GraphBuilder;
  struct Data;
  explicit Graph(std::shared_ptr<const Data> data) : data_(std::move(data)) {}
  std::shared_ptr<const Data> data_;
};

/// A graph held by an attribute of a control-flow node (`then_branch`, `body`, …). `captures` runs parallel
/// to body.captures() and names the tensors of the enclosing graph.
struct Subgraph {
  std::string attribute;
  Graph body;
  std::vector<TensorId> captures;
};

struct Node {
  std::string name;
  std::string op;
  std::string domain;
  std::vector<TensorId> inputs;   // kNoTensor: an optional input left out
  std::vector<TensorId> outputs;  // kNoTensor: an optional output left out
  Attributes attributes;
  std::vector<Subgraph> subgraphs;
  std::string source_op;    // the operator's name in the file, where it differs
  std::string module_path;  // the module of the source program it comes from, where the source says so
};

struct Tensor {
  std::string name;
  TensorType type;
  NodeId producer = kNoNode;
  std::shared_ptr<const ConstantData> constant;  // null: computed while running
  // Null: none stated. Formats that keep it with the tensor (TFLite) are read so; in ONNX it is with the
  // nodes.
  std::shared_ptr<const Quantization> quantization;
};

}  // namespace foretime
