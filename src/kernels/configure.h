#pragma once

#include <string_view>

#include "kernels/units.h"

namespace foretime {

/// What the units of a root make together: sizes, fused arithmetic, neighbours, amounts.
Kernel configure(const Units& units, UnitId root);

/// Kind of a block of layers, by its name: that of a kind, or of the common rules' blocks; else `other`.
Kind kind_of_block(std::string_view name);

}  // namespace foretime
