#pragma once

// Images that a runtime keeps in blocks of channels, as many as a vector holds ("NCHWc", "nChw16c"), and what
// it has to convert where kernels that can do so meet kernels that cannot. As ONNX Runtime's CPU provider
// decides it.

#include "kernels/kernel_graph.h"

namespace foretime {

/// Writes `block` and `reordered` into all kernels' configurations. `block`: channels in a block, a power of two.
void arrange_blocks(KernelGraph& graph, int block);

}  // namespace foretime
