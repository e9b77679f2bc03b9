#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "formats/annette/raw_graph.h"

namespace foretime::annette {

/// Edges of a graph by places of layers. A parent that is no layer is kNoLayer.
struct Edges {
  std::vector<std::vector<std::uint32_t>> parents;
  std::vector<std::vector<std::uint32_t>> children;
};
constexpr std::uint32_t kNoLayer = UINT32_MAX;

/// Error, with where = the layer: a child is no layer.
Edges edges_of(const RawGraph& graph);

/// The order in which ANNETTE runs layers: children lists drive the walk, parents lists only gate it. So a
/// layer that none lists as its child is not among them, and one that is listed without listing the other as
/// its parent may be there twice. `keys`: the layers there are, in the order of their keys.
/// Takes time linear in layers and edges. Error: layers that list each other without end.
std::vector<std::size_t> evaluation_order(const Edges& edges, std::span<const std::size_t> keys);
std::vector<std::size_t> evaluation_order(const RawGraph& graph);

}  // namespace foretime::annette
