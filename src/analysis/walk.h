#pragma once

// The walk over a network and its bodies that layers and their costs share.

#include <cstdint>
#include <functional>

#include "analysis/layers.h"

namespace foretime::analysis {

/// A graph and, for a body, where its captures come from.
struct Scope {
  const Graph* graph;
  const Scope* outer = nullptr;
  const Subgraph* via = nullptr;
};

/// A tensor in the graph that really defines it: captures are followed outwards.
struct Place {
  const Scope* scope;
  TensorId id;

  const Tensor& tensor() const { return (*scope->graph)[id]; }
};

Place resolved(const Scope* scope, TensorId id);

/// Calls `each` for every layer, in the order of Layers::list.
using Visit = std::function<void(const Scope&, const LayerNode&)>;
void walk(const Graph& graph, Diagnostics& diagnostics, const Visit& each);

}  // namespace foretime::analysis
