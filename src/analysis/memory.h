#pragma once

#include <optional>
#include <vector>

#include "base/units.h"
#include "graph/graph.h"

namespace foretime::analysis {

/// When activation memory is fullest, over the graph's execution order.
struct Peak {
  Bytes bytes;
  std::optional<NodeId> at;     // the first layer that reaches it; absent in a graph without nodes
  std::vector<TensorId> alive;  // one tensor per buffer, largest first
  bool complete = true;         // false: sizes of some tensors are not known and count as nothing
};

/// Peak activation memory by liveness. At layer i alive are graph inputs and tensors produced at or before i
/// whose last use is at or after i (so a layer's inputs and outputs together); graph outputs live to the end;
/// an unused output lives one step; constants never count; nothing is computed in place. A control-flow node
/// adds the peak of its body. With `alias`, the output of a view (Reshape, Flatten, Squeeze, Unsqueeze,
/// Identity, Dropout) is its input's buffer. REQUIRES: types inferred, constants folded.
Peak peak_memory(const Graph& graph, bool alias = true);

}  // namespace foretime::analysis
