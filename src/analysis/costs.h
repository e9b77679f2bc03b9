#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/units.h"
#include "graph/graph.h"
#include "ops/op_spec.h"

namespace foretime::analysis {

/// One layer (analysis/layers.h), with costs times the number of iterations.
struct Layer {
  const Graph* graph = nullptr;  // the graph or body that holds the node; lives as long as the analysed graph
  const Node* node = nullptr;
  std::string name;                  // `outer/inner` for a layer of a body
  std::optional<ops::Work> work;     // absent: unknown operator, or sizes that nobody knows
  std::int64_t parameters = 0;       // learnt elements, at the first layer that uses them
  Bytes weight_bytes;                // of the constants it uses, at the first layer that uses them
  std::optional<Bytes> read_bytes;   // activations
  std::optional<Bytes> write_bytes;  // activations
  std::int64_t repetitions = 1;

  /// FLOPs per byte moved (activations and weights); absent when one of them is.
  std::optional<double> intensity() const;
};

/// Sums over what is known.
struct Totals {
  std::int64_t layers = 0;
  Macs macs;
  Macs folded_macs;  // of products of constants alone: computed once, in none of the layers
  Flops flops;
  std::int64_t parameters = 0;
  Bytes weight_bytes;
  Bytes activation_read_bytes;
  Bytes activation_write_bytes;
  Bytes activation_sum_bytes;  // of all outputs of all layers
  std::int64_t layers_without_cost = 0;
};

struct Costs {
  std::vector<Layer> layers;
  Totals totals;
};

/// Costs of every layer, by the operators' rules (docs/operators.md).
///   - MACs of products only; FLOPs of everything, a MAC counting twice.
///   - Parameters: elements of floating-point or quantised constants at inputs marked weight, bias, scale or
///   table, and
///     of those with more than one element that meet an activation in Add, Mul or Concat. A constant that was
///     computed from others counts as these. Each counts once.
///   - Named sizes count at their upper bound.
/// REQUIRES: types inferred, constants folded.
Costs costs(const Graph& graph, Diagnostics& diagnostics);

}  // namespace foretime::analysis
