#pragma once

#include <cstdint>

#include "graph/graph.h"
#include "ops/infer.h"

namespace foretime::passes {

/// Which constant nodes become constants.
enum class Fold : std::uint8_t {
  all,    // every one, values known or not
  known,  // those whose contents were followed; the others stay nodes, for writers that need values
};

/// What remains of a graph when everything that is the same in every run is computed beforehand:
///   - nodes whose outputs are constant become constants: with their values where those were followed, and
///   always
///     with the constants they were computed from (ConstantData::sources), which stay in the graph for
///     counting; but not what computes with constants that a DequantizeLinear makes real, as runtimes do not
///     fold it either;
///   - an If that always takes the same branch becomes the nodes of that branch, named `outer/inner`;
///   - constants that nobody reads any more are dropped;
///   - every tensor carries the type that inference found.
/// Names of tensors are kept. Bodies are folded likewise.
Graph fold_constants(const Graph& graph, const ops::Facts& facts, Fold fold = Fold::all);

}  // namespace foretime::passes
