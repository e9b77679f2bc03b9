#pragma once

#include <cstdint>
#include <optional>

#include "base/units.h"
#include "graph/graph.h"

namespace foretime::ops {

/// Attention of any operator that computes it: softmax(Q·Kᵀ)·V for each head, and the projection that some
/// operators hold the weights of.
struct AttentionView {
  std::int64_t batch = 1;
  std::int64_t heads = 1;
  std::int64_t kv_heads = 1;  // fewer than heads when heads share keys and values
  std::int64_t queries = 1;   // positions that ask
  std::int64_t keys = 1;      // positions that are looked at, past ones included
  std::int64_t head_size = 1;
  std::int64_t value_size = 1;  // of one head
  std::int64_t projection_inputs = 0;
  std::int64_t projection_outputs = 0;
  std::int64_t tokens = 1;  // rows that are projected

  /// batch · heads · queries · keys: scores that are computed. A causal mask saves nothing.
  std::int64_t scores() const;
  /// scores · (head_size + value_size) + tokens · projection_inputs · projection_outputs.
  Macs macs() const;
};
/// Absent when the node is no attention, or its sizes are not known.
std::optional<AttentionView> attention_view(const Graph& graph, const Node& node);

}  // namespace foretime::ops
