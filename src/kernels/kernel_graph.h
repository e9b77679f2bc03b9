#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/costs.h"
#include "graph/graph.h"

namespace foretime {

/// What a device launches as one piece.
struct Kernel {
  std::string_view kind;             // a kernel class of device/device_profile.h, or "none": costs nothing
  std::string name;                  // of the layer that gives the kernel its work
  std::vector<std::string> members;  // layers, by name
  std::string_view op;               // operator of that layer
  std::optional<ops::Work> work;     // absent: not known
  // Elements moved and kept, as integers and as numbers a device stores at its own width.
  std::int64_t activation_elements = 0;
  std::int64_t weight_elements = 0;
  std::int64_t other_bytes = 0;  // of integers and booleans: the same at every precision
  bool sized = true;             // false: not all sizes are known
};

/// A network as a device runs it.
struct KernelGraph {
  std::vector<Kernel> kernels;  // in execution order; their members partition the layers
};

/// Every layer as a kernel of its own: what a device without any fusion runs. Views launch nothing.
KernelGraph unfused(const analysis::Costs& costs);

}  // namespace foretime
