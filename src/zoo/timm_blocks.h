#pragma once

// Layers as timm groups them: a batch normalisation module owns its activation. timm's many Identity modules,
// which stand for options that are off, make no nodes here.

#include <string_view>

#include "zoo/layers.h"

namespace foretime::zoo {

/// Padding and normalisation of networks that TensorFlow trained: SAME padding, epsilon 1e-3.
struct TimmStyle {
  bool tensorflow = false;
};

Value timm_norm_act(const Value& x, std::string_view name, Activation which, TimmStyle style);
Value timm_conv(const Value& x, std::string_view name, ConvOptions options, TimmStyle style);
/// Depthwise convolution over all channels.
Value timm_depthwise(const Value& x, std::string_view name, std::int64_t kernel, std::int64_t stride,
                     TimmStyle style);
/// Pooling, flattening and the last layer.
Value timm_classifier(const Value& x, std::int64_t classes);

}  // namespace foretime::zoo
