#pragma once

#include <vector>

#include "graph/graph.h"

namespace foretime::passes {

/// Where the values of a tensor lie. REQUIRES (of results): low <= 0 <= high, low < high.
struct Range {
  double low = -1;
  double high = 1;
};

/// For each tensor a guess, for nobody runs the network here: sizes of values are carried from operator to
/// operator as if they were independent of each other, beginning with inputs of variance 1. Near enough that
/// numbers of 8 bits neither all saturate nor all vanish; no calibration with real inputs. REQUIRES: types
/// are inferred.
std::vector<Range> guess_ranges(const Graph& graph);

}  // namespace foretime::passes
