#pragma once

#include <vector>

#include "kernels/nn_meter/loaded_graph.h"

namespace foretime::nn_meter {

/// Nodes that run as one kernel, in topological order.
struct Group {
  std::vector<std::size_t> members;
};

struct Groups {
  std::vector<Group> groups;          // by the topological place of the first member
  std::vector<std::size_t> group_of;  // node → place in `groups`; of nodes that are gone: meaningless
};

/// Nodes in the order of nn-Meter: level by level, as networkx 2.6 and later sort a graph built from
/// inbounds. Error: there is a cycle.
std::vector<std::size_t> topological_order(const LoadedGraph& graph);

/// Greedy fusion by the rules' pairs: each node absorbs consumers as long as (its own type, theirs) is a
/// rule.
Groups fuse_pairs(const LoadedGraph& graph, const RuleSet& rules);

}  // namespace foretime::nn_meter
