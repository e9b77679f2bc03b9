#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "graph/graph.h"

namespace foretime::analysis {

/// A node that remains after folding, as it runs.
struct LayerNode {
  constexpr static std::uint32_t kNoLayer = UINT32_MAX;

  const Graph* graph = nullptr;  // the graph or body that holds the node
  const Node* node = nullptr;
  std::uint32_t within = kNoLayer;  // the control-flow layer whose body holds it
  std::int64_t repetitions = 1;
};

/// The layers of a network in execution order. Those of bodies follow their control-flow node, as often as it
/// iterates; of an undecided If, those of the dearer branch.
struct Layers {
  Graph network;  // keeps what the layers point into
  std::vector<LayerNode> list;
  Diagnostics diagnostics;  // which branches and iterations were assumed

  /// `outer/inner` for a layer of a body.
  std::string name(std::size_t layer) const;
};

/// REQUIRES: types inferred, constants folded.
std::shared_ptr<const Layers> layers(const Graph& graph);

}  // namespace foretime::analysis
