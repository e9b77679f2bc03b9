#pragma once

// What each sort of layer does: nodes for the layer that the network has begun. Parameters go by the numbers
// of ncnn's documentation.

#include <span>
#include <string_view>
#include <utility>

#include "formats/ncnn/network.h"

namespace foretime::ncnn {

using Integers = std::vector<std::int64_t>;
using Reading = void (*)(Network&);
using Readings = std::span<const std::pair<std::string_view, Reading>>;  // by type

Readings weighted_layers();     // convolutions, products, attention, and pooling
Readings elementwise_layers();  // arithmetic, activations, normalisations
Readings movement_layers();     // inputs, copies, and what changes shapes

/// [1,c] as [1,c,1,1]: one position.
TensorId spatial(Network& net, TensorId x);
/// [1,…] as [1,n].
TensorId flat(Network& net, TensorId x);
/// An axis of ncnn's, which has no batch, in ONNX's counting.
std::int64_t axis_of(const Layer& layer, int key);

}  // namespace foretime::ncnn
