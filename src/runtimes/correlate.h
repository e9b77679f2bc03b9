#pragma once

// Which nodes of a model file does a kernel stand for that an optimising runtime launched? Runtimes fuse
// nodes, fold constants and insert conversions of their own, and tell only the graph that is left. What
// survives are the names of tensors at the borders: a fused node writes the tensor that the last of its nodes
// wrote. So a node of the optimised graph stands for everything that, walking back from its outputs in the
// original, is met before a tensor that another optimised node writes.

#include <string>
#include <vector>

#include "graph/graph.h"

namespace foretime {

/// The graph in a file, its weights unread; those in other files are sought from where `model` is. Error: it
/// cannot be read.
Graph graph_of(const std::string& file, const std::string& model);
inline Graph graph_of(const std::string& model) {
  return graph_of(model, model);
}

/// For each node of `optimized`: the names of the nodes of `original` it stands for, in their order there;
/// empty where it is the runtime's own addition. No node of `original` is named twice; those that were folded
/// away are named nowhere.
std::vector<std::vector<std::string>> correlate(const Graph& original, const Graph& optimized);

/// For each of `lowered`, names of the nodes of a later form of `optimized` in their order: the indices of
/// the nodes of `optimized` it stands for. A node keeps its name, or is named by the tensor it wrote with
/// `suffix` (empty: there is none) behind; one that is gone was merged into whichever of its producers runs
/// last.
std::vector<std::vector<std::size_t>> correlate_by_name(const Graph& optimized,
                                                        const std::vector<std::string>& lowered,
                                                        const std::string& suffix);

}  // namespace foretime
