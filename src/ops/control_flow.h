#pragma once

#include <cstdint>
#include <optional>

#include "graph/graph.h"

namespace foretime::ops {

/// How often the body of a control-flow node runs, as costs count it.
struct Repetitions {
  std::int64_t count = 1;
  bool assumed = false;  // the file does not say: counted once
};

/// If: 1 (its dearer branch is the caller's choice). Loop: its constant trip count, else 1, assumed.
/// Scan: the length of the axis it walks. Other bodies: 1, assumed. `limit` is a Loop's trip count where a
/// body captures it from outside; null: what the graph itself has. REQUIRES: types inferred, constants
/// folded.
Repetitions repetitions(const Graph& graph, const Node& node, const Tensor* limit = nullptr);

}  // namespace foretime::ops
