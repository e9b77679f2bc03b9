#pragma once

#include <string>

#include "graph/graph.h"

namespace foretime {

/// The graph in the language of Graphviz: a box for each node with operator and name, edges labelled with
/// what flows along them, constants as lines in the box of their reader, bodies of control flow as clusters.
/// Long names are cut in the middle; the tooltip has them whole.
std::string to_dot(const Graph& graph);

}  // namespace foretime
