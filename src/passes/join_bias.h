#pragma once

#include "graph/graph.h"

namespace foretime::passes {

/// A product with a constant matrix and the bias added to it, as one Gemm, between Reshapes where the
/// activations have more than two axes: what optimisers make of a linear layer. REQUIRES: types are inferred.
Graph join_bias(const Graph& graph);

}  // namespace foretime::passes
