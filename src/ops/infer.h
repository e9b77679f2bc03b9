#pragma once

#include <map>
#include <span>
#include <vector>

#include "base/diagnostics.h"
#include "graph/graph.h"
#include "ops/contents.h"

namespace foretime::ops {

/// What shape inference found out about a graph, by tensor, and about the bodies of its control-flow nodes.
struct Facts {
  const Node* first_node =
      nullptr;    // of the graph the facts are about: a node's distance to it is its NodeId
  int depth = 0;  // 0: of a whole network, 1: of a body in it, …
  std::vector<TensorType> types;
  Contents values;             // null: contents not known
  std::vector<bool> constant;  // the same in every run: initialisers, what is computed from them, known sizes
  // Runs parallel to Node::subgraphs; an If that always takes the same branch has facts for that branch only.
  std::map<NodeId, std::vector<Facts>> bodies;
  std::map<NodeId, int> decided;  // branches taken because the other one cannot run
};

/// Types, known contents and constness of every tensor, in one walk in execution order.
/// Unknown operators keep the types their file declares, and get a diagnostic.
/// `inputs` replaces the declared types of the graph's inputs (passes/bind_inputs.h); empty: they stand.
/// Error, naming the node: inputs that do not fit the operator's specification.
Facts infer(const Graph& graph, std::span<const TensorType> inputs, Diagnostics& diagnostics);

/// The same for the body of a control-flow node: `inputs` are the types its inputs get, `outer` the facts of
/// the graph that the captures come from.
Facts infer_body(const Subgraph& subgraph, std::vector<TensorType> inputs, const Facts& outer,
                 Diagnostics& diagnostics);

/// The branch an If always takes (0: its first subgraph), or -1.
int constant_branch(const Node& node, const Facts& facts);

}  // namespace foretime::ops
