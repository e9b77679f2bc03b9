#pragma once

#include "kernels/annette/network.h"

namespace foretime::annette {

/// A condition on an attribute or a count (num_ops, num_inputs, num_outputs, num_weights) of a layer: `==`
/// compares texts, the others numbers. What is missing meets no condition.
bool holds(const Condition& condition, const Network& network, const MappedLayer& layer);

}  // namespace foretime::annette
