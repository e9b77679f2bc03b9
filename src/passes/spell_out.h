#pragma once

#include "graph/graph.h"

namespace foretime::passes {

/// Identity and Dropout, which do nothing, go away, and HardSwish becomes x · HardSigmoid(x), which is how
/// ONNX defines it and ONNX Runtime runs it. REQUIRES: types are inferred.
Graph spell_out(const Graph& graph);

}  // namespace foretime::passes
