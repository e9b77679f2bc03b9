#pragma once

#include "formats/nnmeter/raw_graph.h"
#include "graph/graph.h"

namespace foretime::nnmeter {

/// What nn-Meter's get_ir makes of an ONNX model: a node for each node, in execution order; attributes that
/// are numbers, texts or lists of integers; shapes of all inputs that have one, weights included, rank 4
/// permuted from NCHW to NHWC. Sizes that are not known are -1. REQUIRES: types were inferred
/// (passes/annotate_types.h); tensors without a shape are left out.
RawGraph from_graph(const Graph& graph);

}  // namespace foretime::nnmeter
