#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "graph/graph.h"

namespace foretime {

/// The only way to make a Graph. Tensors are declared by name, before or after the node that produces them;
/// `build` checks the promises of Graph and names the offender. All importers, passes and the zoo drive it.
class GraphBuilder {
 public:
  /// `origin` (a file's path, usually) leads every error message.
  explicit GraphBuilder(std::string name, std::string origin = {});
  GraphBuilder(GraphBuilder&&) noexcept;
  GraphBuilder& operator=(GraphBuilder&&) noexcept;
  ~GraphBuilder();

  /// Makes room for that many, where the caller knows.
  void reserve(std::size_t nodes, std::size_t tensors);
  void set_opset(std::string domain, std::int64_t version);
  void add_metadata(std::string key, std::string value);

  /// The tensor of that name, declared now if it is new. Error: the name is empty.
  TensorId tensor(std::string_view name);
  /// The tensor of that name if it was declared.
  std::optional<TensorId> find(std::string_view name) const;
  const Tensor& operator[](TensorId id) const;
  void set_type(TensorId id, TensorType type);
  void set_quantization(TensorId id, std::shared_ptr<const Quantization> quantization);
  /// Tensors that were declared, but that no input, constant, capture or node defines so far.
  std::vector<TensorId> undefined() const;

  // Error for each of these: the tensor already has a source.
  TensorId add_input(std::string_view name, TensorType type);
  TensorId add_constant(std::string_view name, TensorType type, std::shared_ptr<const ConstantData> data);
  TensorId add_constant(std::string_view name, TensorType type, ConstantData data);
  TensorId add_capture(std::string_view name, TensorType type);

  /// Adds a node at the end. A node without a name takes that of its first output.
  /// Error: one of its outputs already has a source, or its name is taken.
  NodeId add_node(Node node);
  void add_output(TensorId id);

  /// A name like `wanted` that no node has yet: "conv", "conv#2", "conv#3", …
  std::string unused_node_name(std::string_view wanted);

  /// Error: a tensor is read that nothing produces; nodes form a cycle; there is no output.
  /// Nodes keep the order in which they were added unless one reads what a later one produces.
  Graph build() &&;

 private:
  Error error(const std::string& what, const std::string& accepted = {}) const;
  void claim(TensorId id, std::string_view as);
  void sort_nodes();
  void index_consumers();

  std::string origin_;
  std::shared_ptr<Graph::Data> data_;
  struct Names;
  std::unique_ptr<Names> names_;
};

}  // namespace foretime
