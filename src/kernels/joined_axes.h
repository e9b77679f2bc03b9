#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "graph/dim.h"

namespace foretime {

/// An axis of what a transposition makes, or several that were neighbours before, too.
struct JoinedAxis {
  std::int64_t place;  // among the joined axes of its input
  std::int64_t size;
};

/// The axes that a transposition of `in` moves: without those of one number, and those as one that stay side
/// by side. `perm` tells which axis of the input becomes each, of all or of some. Empty: all have one number;
/// or `perm` names an axis that there is not.
std::vector<JoinedAxis> joined_axes(std::span<const std::int64_t> perm, const Shape& in);

}  // namespace foretime
