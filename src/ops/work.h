#pragma once

// The cost rules that many operators share. A rule counts one FLOP per arithmetic operation of the operator's
// definition and element; a division, square root or transcendental function counts as one, too.

#include <optional>

#include "graph/graph.h"
#include "ops/op_spec.h"
#include "ops/views.h"

namespace foretime::ops {

/// Moves or makes data without arithmetic.
std::optional<Work> no_work(const Graph&, const Node&);

/// N FLOPs per element of output 0.
template <int N>
std::optional<Work> per_output(const Graph& graph, const Node& node) {
  const auto elements = output_elements(graph, node, 0);
  if (!elements) return std::nullopt;
  return Work{{}, Flops{*elements} * N};
}

/// N FLOPs per element of input 0.
template <int N>
std::optional<Work> per_input(const Graph& graph, const Node& node) {
  const auto elements = input_elements(graph, node, 0);
  if (!elements) return std::nullopt;
  return Work{{}, Flops{*elements} * N};
}

/// `macs`, twice as FLOPs, plus `more` FLOPs.
inline Work work_of(Macs macs, Flops more = {}) {
  return {macs, Flops{macs.value} * 2 + more};
}

}  // namespace foretime::ops
