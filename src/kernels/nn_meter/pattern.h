#pragma once

#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "kernels/rules.h"

namespace foretime::nn_meter {

/// A node of a block pattern; one that matches any node (an input of the pattern's graph) has no types.
struct PatternNode {
  std::unordered_set<std::string> types;
  bool dummy = false;
  // Edges to and from the nodes before it, with how many there are: a connected pattern has one of them.
  std::vector<std::pair<std::size_t, int>> from;
  std::vector<std::pair<std::size_t, int>> to;
};

/// A block's pattern as a directed multigraph, each node after one it has an edge with, where there is one;
/// the first is no dummy.
struct Pattern {
  std::string name;
  std::vector<PatternNode> nodes;
  std::vector<std::size_t> execution_order;  // of those that are no dummies
};

/// REQUIRES: the block's pattern has a node.
Pattern pattern_of(const Block& block, const RuleSet& rules);

}  // namespace foretime::nn_meter
