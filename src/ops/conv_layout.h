#pragma once

#include <cstddef>

#include "graph/graph.h"

namespace foretime::ops {

/// Where a convolution keeps its axes. ONNX's own layout is channels first with weights [out, in, space…]
/// (transposed: [in, out, space…]); importers of other layouts say so in attributes of the node:
///   channels_last   1: activations are [batch, space…, channels]
///   weight_layout   the weight's axes by letter, O and I for channels, any other for space: "OHWI", "IHWO",
///                   "DHWIO"
struct ConvLayout {
  std::size_t channel = 1;
  std::size_t space = 2;  // first spatial axis of the activations
  std::size_t weight_out = 0;
  std::size_t weight_in = 1;
  std::size_t weight_space = 2;
};

/// REQUIRES: `rank`, that of activations and weight, is at least 3. Error: a weight_layout that names no O or
/// I, or not `rank` axes.
ConvLayout conv_layout(const Node& node, std::size_t rank);

/// Whether all images of the graph have their channels last: it comes from a TFLite file.
inline bool keeps_channels_last(const Graph& graph) {
  return graph.opset("tflite") > 0;
}

}  // namespace foretime::ops
