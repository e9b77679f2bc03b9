#pragma once

#include "graph/graph.h"

namespace foretime::passes {

/// The network in integers of 8 bits, as ONNX Runtime's static quantiser leaves it: QuantizeLinear and
/// DequantizeLinear around the operators that have integer kernels (its registry of operators), activations
/// as uint8 with a zero point, weights as int8 with a scale for each output channel, biases as int32. Before
/// that normalisations become part of convolutions, and bias additions of products. Scales of activations are
/// guessed (guess_ranges.h); what a network was without values it stays.
/// REQUIRES: types are inferred. Error: it has no operator to quantise, is quantised already, is not of
/// float32, keeps its channels last, or its opset is below 10.
Graph quantize(const Graph& graph);

}  // namespace foretime::passes
