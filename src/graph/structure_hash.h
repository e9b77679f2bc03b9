#pragma once

#include <cstdint>

#include "graph/graph.h"

namespace foretime {

/// A number that networks have in common whose operators, attributes, sizes and connections are the same,
/// whatever their names and weights. REQUIRES: types inferred, for sizes to count.
std::uint64_t structure_hash(const Graph& graph);

}  // namespace foretime
