#pragma once

// ANNETTE's way from a graph to the layers that it prices: docs/annette.md says what it does and where it
// goes wrong. Our own detector walks a Graph and knows more.

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/annette/raw_graph.h"
#include "formats/annette/walk.h"
#include "kernels/rules.h"

namespace foretime::annette {

/// A layer as ANNETTE has it after mapping.
struct MappedLayer {
  std::string_view name;
  std::string_view type;
  const RawLayer* raw = nullptr;  // whose attributes it has
  // Of the raw layer, or null; looked up once.
  const Value* input_shape = nullptr;
  const Value* output_shape = nullptr;
  const Value* kernel_shape = nullptr;
  const Value* strides = nullptr;
  std::vector<std::pair<std::string_view, std::uint32_t>>
      fused;                              // layers, by the type they had, in this order
  std::vector<std::string_view> parents;  // as written: "layer:k"
  bool gone = false;
};

/// A graph to which a mapping was applied. Refers to the graph it was made of.
struct Network {
  std::vector<MappedLayer> layers;  // in the order of the keys; those made by splitting at the end
  Edges edges;                      // of the layers, runs parallel
  std::vector<std::size_t> order;   // in which they are evaluated; a layer may be there twice, or not at all
  std::shared_ptr<std::deque<std::string>> texts;  // names of layers made by splitting, words of rules

  /// The layer of that type that was fused last, or null.
  const MappedLayer* fused(const MappedLayer& layer, std::string_view type) const;
};

/// The graph as it stands, without a mapping. REQUIRES: the graph outlives the result.
/// Error, with where = the layer: it lists a child that does not exist; layers list each other without end.
Network load(const RawGraph& graph);

/// Applies a mapping model as ANNETTE does: all `remove` and `split` rules in order, then all `fuse` rules,
/// each in one pass; neighbouring `fuse` rules of the same layers are alternatives in one pass.
/// Error: a sort of rule that ANNETTE does not know; a parent that does not exist; a split that no fusion
/// comes after, on which ANNETTE fails.
void apply(const RuleSet& rules, Network& network);

}  // namespace foretime::annette
