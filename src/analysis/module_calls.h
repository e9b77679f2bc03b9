#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "graph/graph.h"

namespace foretime::analysis {

/// One call of a torch module without children.
struct ModuleCall {
  std::string name;             // path of the module; the node's name where nodes were taken for calls
  std::string type;             // torch class without its package: "Conv2d"
  std::span<const Node> nodes;  // that the call consists of, at least one; as long as the graph lives
};

/// The calls of leaf modules in execution order. Nodes of the zoo say which call they belong to; functional
/// calls are in none. In any other graph each node is taken for a call of the class that usually makes such
/// a node, and nodes that come from no class are left out, with the diagnostic `rules-by-node`.
std::vector<ModuleCall> module_calls(const Graph& graph, Diagnostics& diagnostics);

}  // namespace foretime::analysis
