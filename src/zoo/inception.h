#pragma once

#include <string_view>

#include "zoo/layers.h"

namespace foretime::zoo {

/// Convolution and batch normalisation as children conv and bn, then a functional ReLU.
Value basic_conv(const Value& x, std::string_view name, const ConvOptions& options);

}  // namespace foretime::zoo
