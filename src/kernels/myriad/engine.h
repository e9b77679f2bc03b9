#pragma once

// What a kernel asks of the Myriad X's convolution engine, by its configuration.

#include "kernels/kernel_graph.h"
#include "kernels/myriad/tiles.h"

namespace foretime::myriad {

/// How the engine runs this kernel; not possible for kinds that it does not know. The last answer is kept by
/// thread, since physics and features ask for it again and again.
const Tiling& tiling_of(const KernelConfig& config);

/// A convolution or pooling of the engine that the network pads in a way the engine does not know: anything
/// but nothing or half a window at each end. Its input is first copied into a padded one.
bool is_padded_oddly(const KernelConfig& config);

/// Does the engine run it, in whatever way?
bool is_engine_kind(Kind kind);

}  // namespace foretime::myriad
