#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "zoo/network.h"
#include "zoo/sweep.h"

namespace foretime::zoo {

/// A layer of a sweep's chain.
struct SweepLayer {
  std::string_view name;
  bool image;  // reads batch, channels, height, width, and nothing else
  /// Appends it under `name`, at these sizes. REQUIRES: `x` is an image if it must be.
  Value (*append)(const Value& x, std::string_view name, const SweepColumns& columns);
};

/// Null: there is none of that name.
const SweepLayer* sweep_layer(std::string_view name);
std::vector<std::string> sweep_layers();

}  // namespace foretime::zoo
