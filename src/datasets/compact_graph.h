#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/graph.h"

namespace foretime {

/// A node of a network in nn-Meter's data set, compact form: no weights, no names, sizes in NHWC order.
struct CompactNode {
  struct Window {
    std::int64_t kernel = 1;
    std::int64_t stride = 1;
    bool same = true;  // padding SAME, else VALID (as TensorFlow defines them)
  };

  std::string_view
      op;  // input conv dwconv bn relu add mul maxpool avgpool gap reshape transpose concat split fc
  std::vector<std::size_t> producers;  // earlier nodes; one for an addition of a constant
  std::vector<std::int64_t> shape;     // of the output; a split's node is one half
  std::optional<Window> window;        // of conv, dwconv, maxpool, avgpool
};

/// The network as a graph of ONNX operators in NCHW order with sizes inferred; weights are not carried.
/// Error: an unknown operator, a wrong number of producers or sizes, a size other than the one that follows
/// from the operator; `where` leads the message, which names the node.
Graph compact_graph(const std::vector<CompactNode>& nodes, const std::string& where);

}  // namespace foretime
