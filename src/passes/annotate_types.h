#pragma once

#include "graph/graph.h"
#include "ops/infer.h"

namespace foretime::passes {

/// The same graph, every tensor with the type that inference found. Nothing is folded.
Graph annotate_types(const Graph& graph, const ops::Facts& facts);

}  // namespace foretime::passes
