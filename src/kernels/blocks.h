#pragma once

// How images lie in memory: in blocks of channels, as many as a vector holds ("NCHWc", "nChw16c"), or, around
// convolutions of integers, with all channels of a pixel together ("NHWC"); and what is converted where kernels
// that can do so meet kernels that cannot. As ONNX Runtime's CPU provider decides it.

#include "kernels/kernel_graph.h"

namespace foretime {

/// Writes `block`, `reordered` and, of groups of channels that change places in such an image, `scattered` into
/// all kernels' configurations. `block`: channels in a block, a power of two.
void arrange_blocks(KernelGraph& graph, int block);

}  // namespace foretime
