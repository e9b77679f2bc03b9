#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "kernels/kernel_graph.h"
#include "kernels/rules.h"

namespace foretime {

using UnitId = std::uint32_t;
constexpr UnitId kNoUnit = UINT32_MAX;

/// What rules merge: a layer, or the layers of a block.
struct Unit {
  std::vector<std::uint32_t> layers;  // of the network, in execution order
  std::string block;                  // its name; empty: one layer
  Kind kind = Kind::none;
  std::uint64_t words = 0;        // that it answers to (Detector)
  std::vector<TensorId> inputs;   // activations that it reads, each once, in order
  std::vector<UnitId> producers;  // of `inputs`; kNoUnit: an input of the network, or from outside of a body
  std::vector<UnitId> consumers;  // each once, in execution order
  bool is_output = false;         // the network gives its output to the outside
  UnitId root = kNoUnit;          // whose kernel it belongs to
  std::vector<UnitId> members;    // of a root: the units it took in
};

/// The units of a network in execution order (of a block: that of its last layer), and who reads whom.
class Units {
 public:
  explicit Units(const analysis::Costs& costs);

  bool in_block(std::uint32_t layer) const { return !list[unit_of_[layer]].block.empty(); }
  NodeId node_id(std::uint32_t layer) const;
  /// Joins the layers of these nodes, the last of which is `layer`, unless one of them is in a block already.
  void make_block(const std::string& name, const std::vector<NodeId>& nodes, std::uint32_t layer);
  /// Finds producers and consumers. Units of kind `none` hand through what they read.
  void connect();
  /// After `root` is known everywhere.
  KernelGraph kernels() const;

  const analysis::Layer& first(UnitId id) const { return costs_.layers[list[id].layers[0]]; }
  const analysis::Layer& last(UnitId id) const { return costs_.layers[list[id].layers.back()]; }
  /// The units a kernel's kinds, sizes and neighbours are asked from.
  const analysis::Costs& costs() const { return costs_; }

  std::vector<Unit> list;

 private:
  /// The layers of one graph or body.
  struct Scope {
    std::vector<std::uint32_t> layer_of;  // by node
    std::vector<UnitId> producer_of;      // by tensor, views and removed units seen through
  };
  Scope& scope_of(std::uint32_t layer);
  void find_producers(UnitId id);

  const analysis::Costs& costs_;
  std::vector<UnitId> unit_of_;  // by layer
  std::unordered_map<const Graph*, Scope> scopes_;
};

/// Kind of one layer by itself.
Kind kind_of(const analysis::Layer& layer);

/// Error: conditions have no such attribute.
void check_condition(const Condition& condition);
/// Does the unit fulfil the condition?
bool holds(const Condition& condition, const Units& units, UnitId id);

}  // namespace foretime
