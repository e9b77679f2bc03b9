#pragma once

#include "kernels/nn_meter/loaded_graph.h"

namespace foretime::nn_meter {

/// Fuses every match of the rules' block patterns, in the order of the rules, each block into one new node at
/// the end of the graph. A match is an induced subgraph: types equal, and the edges among the matched nodes
/// are exactly the pattern's, counted with repetition and without order; a pattern's inputs match any node.
/// The block takes shapes and attributes of its root.
/// Error: there are so many partial matches that looking at them would take seconds.
void fuse_blocks(LoadedGraph& graph, const RuleSet& rules);

}  // namespace foretime::nn_meter
