#pragma once

#include "graph/graph.h"

namespace foretime::passes {

/// Batch normalisations behind convolutions, made part of their weights and biases: y = (x − mean) · scale /
/// √(variance + ε) + bias (ONNX, BatchNormalization). Where the values of one of the constants are not there,
/// those of the new weights are not, either. REQUIRES: types are inferred.
Graph fold_normalization(const Graph& graph);

}  // namespace foretime::passes
