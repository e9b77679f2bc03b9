#pragma once

// Groups of layers that several families share.

#include <cstdint>
#include <string>
#include <string_view>

#include "zoo/layers.h"

namespace foretime::zoo {

/// Numbers the children of a Sequential.
class Children {
 public:
  std::string next() { return std::to_string(count_++); }

 private:
  int count_ = 0;
};

/// Convolution, batch normalisation, activation (unless none) as children 0, 1, 2.
Value conv_norm_act(const Value& x, std::string_view name, const ConvOptions& options, Activation activation,
                    float epsilon = 1e-5f);

struct SqueezeExcite {
  std::int64_t channels = 0;  // of the bottleneck
  Activation inner = Activation::relu;
  Activation gate = Activation::sigmoid;
};
/// Global pooling, two 1x1 convolutions, and the image scaled by the result.
Value squeeze_excite(const Value& x, std::string_view name, const SqueezeExcite& options);

/// `channels` rounded to a multiple of 8, at most a tenth below what was asked for.
std::int64_t round_channels(double channels);

}  // namespace foretime::zoo
