#pragma once

#include <cstdint>
#include <optional>

#include "base/units.h"
#include "graph/graph.h"

namespace foretime::ops {

/// A recurrent layer: LSTM, GRU or RNN, plain or quantised.
struct RecurrentView {
  std::int64_t directions = 1;
  std::int64_t steps = 1;
  std::int64_t batch = 1;
  std::int64_t gates = 1;  // LSTM 4, GRU 3, RNN 1
  std::int64_t inputs = 1;
  std::int64_t hidden = 1;
  bool bias = false;
  bool peepholes = false;

  /// directions · steps · batch · hidden: states that are computed.
  std::int64_t states() const;
  /// states · gates · (inputs + hidden).
  Macs macs() const;
};
/// Absent when the node is no recurrent layer, or its sizes are not known.
std::optional<RecurrentView> recurrent_view(const Graph& graph, const Node& node);

}  // namespace foretime::ops
