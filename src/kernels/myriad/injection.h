#pragma once

// What the Myriad X runs at the same time.
//
// A kernel of the convolution engine keeps the scalar processors (SHAVEs) idle. Where the network branches,
// the graph compiler therefore lets each engine kernel *host* one software kernel that is independent of it:
// the software kernel then costs little beside its host. A NASBench-201 cell hides half of its ReLUs and
// additions this way; without knowing which, equal-looking cells differ by a tenth of their time.
//
// The compiler walks the engine kernels in its order of execution (depth first, later branches last) and
// gives each the first software kernel, in the same order, that
//   - comes later, and reads only what was made before the host, or
//   - comes earlier, but after all that the host reads.
// The two become one stage, which changes the order for those that follow. (Intel's graph compiler of
// OpenVINO 2019, Apache-2.0, pass "inject software"; this is our own account of it.)

#include "kernels/kernel_graph.h"

namespace foretime::myriad {

/// Sets `hosted`, `host_macs`, `hosted_kind` and `hosted_elements` of the kernels. Networks of more than
/// kMostKernels kernels are left as they are: every host found changes the order of all kernels, so that time
/// is quadratic (4,096 kernels: 0.2 s).
void host_software(KernelGraph& graph, int threads);

constexpr std::size_t kMostKernels = 4096;

}  // namespace foretime::myriad
