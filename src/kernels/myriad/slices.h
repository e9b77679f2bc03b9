#pragma once

// How one axis of an image is cut into the slices that tiles are made of.

#include <cstdint>
#include <vector>

#include "kernels/myriad/tiles.h"

namespace foretime::myriad {

/// One piece of an axis, in pixels. What the engine reads begins before what is needed where a step or an
/// aligned address says so, and what it makes includes the junk that follows from it.
struct Slice {
  std::int64_t in = 0;
  std::int64_t out = 0;
  std::int64_t in_start = 0;
  std::int64_t out_start = 0;
};
using Slices = std::vector<Slice>;

/// The slices of an axis, none of which reads more than `most` pixels; empty: there is no such cut. `pooled`:
/// outputs are after a pooling of 2, stride 2. `aligned`: slices begin at multiples of 8 pixels.
Slices slices_of(const Axis& axis, std::int64_t most, bool pooled, bool aligned);

}  // namespace foretime::myriad
