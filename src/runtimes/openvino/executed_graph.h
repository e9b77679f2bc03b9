#pragma once

#include <string_view>

#include "graph/graph.h"

namespace foretime::openvino {

/// The graph in a model's text (OpenVINO's XML of version 11), as far as correlate.h needs it: names of
/// nodes, what they read and write. Bodies of nodes are part of the node. A tensor keeps a name that
/// `original` knows it by (of several the one produced last there); others have made-up ones. Constants are
/// left out. Error: the text is none of such a model.
Graph executed_graph(std::string_view text, const Graph& original);

}  // namespace foretime::openvino
