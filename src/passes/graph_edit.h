#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "graph/graph.h"

namespace foretime::passes {

/// A copy of a graph to be changed in place: ids stay what they are, new tensors go to the end.
class GraphEdit {
 public:
  explicit GraphEdit(const Graph& graph);

  std::vector<Node> nodes;  // in execution order
  std::vector<TensorId> outputs;

  /// Named `wanted`, or, if a tensor has that name, with ' behind it.
  TensorId add(std::string wanted, TensorType type);
  TensorId add_constant(std::string wanted, TensorType type, ConstantData data);

  const Tensor& operator[](TensorId id) const { return tensors_[index(id)]; }
  Tensor& operator[](TensorId id) { return tensors_[index(id)]; }
  std::size_t tensors() const { return tensors_.size(); }
  bool is_constant(TensorId id) const { return id != kNoTensor && (*this)[id].constant != nullptr; }
  const Graph& before() const { return graph_; }

  /// Places in `nodes` of those that read each tensor, ascending, each once, bodies included. An output of
  /// the graph is read by kOutside, too.
  constexpr static std::size_t kOutside = SIZE_MAX;
  std::vector<std::vector<std::size_t>> readers() const;

  /// Constants that nobody reads any more are left out. Error: as GraphBuilder.
  Graph build() &&;

 private:
  Graph graph_;
  std::vector<Tensor> tensors_;
  std::unordered_set<std::string> added_;  // names
};

}  // namespace foretime::passes
