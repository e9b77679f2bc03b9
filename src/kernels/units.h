#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analysis/layers.h"
#include "kernels/kernel_graph.h"
#include "kernels/operators.h"
#include "kernels/rules.h"

namespace foretime {

using UnitId = std::uint32_t;
constexpr UnitId kNoUnit = UINT32_MAX;

/// What rules merge: a layer, or the layers of a block.
struct Unit {
  /// A part of one of the lists that all units share.
  struct Part {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;

    std::uint32_t size() const { return end - begin; }
    bool empty() const { return begin == end; }
  };

  const Operator* op = nullptr;  // of its first layer
  std::string_view block;        // its name; empty: one layer
  std::uint64_t words = 0;       // that it answers to (Detector)
  Part layers;                   // of the network, in execution order
  Part inputs;                   // activations that it reads, each once, in order, and who makes them
  Part consumers;                // each once, in execution order
  UnitId root = kNoUnit;         // whose kernel it belongs to
  UnitId next = kNoUnit;         // that its kernel took in behind it
  UnitId last = kNoUnit;         // of a root: the last unit it took in, or itself
  Kind kind = Kind::none;
  bool integer = false;    // with what dequantises its inputs, and quantises its outputs
  bool is_output = false;  // the network gives its output to the outside
};

/// The units of a network in execution order (of a block: that of its last layer), and who reads whom.
class Units {
 public:
  Units(std::shared_ptr<const analysis::Layers> network, const Words& words);

  const Operator& op(std::uint32_t layer) const { return *ops_[layer]; }
  bool in_block(std::uint32_t layer) const { return block_of_[layer] != kNoBlock; }
  NodeId node_id(std::uint32_t layer) const;
  /// Joins the layers of these nodes, the last of which is `layer`, unless one of them is in a block already.
  /// `name` outlives the units.
  void make_block(std::string_view name, const std::vector<NodeId>& nodes, std::uint32_t layer);
  /// Joins DequantizeLinear and QuantizeLinear to the integer layer between them. `around`: without it, the
  /// one that runs last at the end.
  void make_integer(std::uint32_t layer, const std::vector<std::uint32_t>& around);
  /// The layer is nothing of its own: it hands through what it reads.
  void dissolve(std::uint32_t layer) { dissolved_[layer] = true; }
  std::uint32_t layer_of(const Graph& graph, NodeId node) { return scope_of(&graph).layer_of[index(node)]; }
  /// When all blocks are made: makes the units, and finds producers and consumers. Units of kind `none` hand
  /// through what they read.
  void connect();
  /// After `root` is known everywhere.
  KernelGraph kernels() const;

  const analysis::Layers& network() const { return *network_; }
  std::span<const std::uint32_t> layers(const Unit& unit) const { return part(layers_, unit.layers); }
  std::span<const TensorId> inputs(const Unit& unit) const { return part(inputs_, unit.inputs); }
  /// Of `inputs`; kNoUnit: an input of the network, or from outside of a body.
  std::span<const UnitId> producers(const Unit& unit) const { return part(producers_, unit.inputs); }
  std::span<const UnitId> consumers(const Unit& unit) const { return part(consumers_, unit.consumers); }
  const analysis::LayerNode& first(const Unit& unit) const {
    return network_->list[layers_[unit.layers.begin]];
  }
  const analysis::LayerNode& last(const Unit& unit) const {
    return network_->list[layers_[unit.layers.end - 1]];
  }

  std::vector<Unit> list;

 private:
  constexpr static std::uint32_t kNoBlock = UINT32_MAX;
  struct Block {
    std::string_view name;
    std::vector<std::uint32_t> layers;
  };
  /// What is known by node and tensor of one graph or body.
  struct Scope {
    std::vector<std::uint32_t> layer_of;
    std::vector<UnitId> producer_of;  // views and removed units seen through
    std::vector<UnitId> read_by;      // the last unit that was seen to read it
  };

  template <typename T>
  static std::span<const T> part(const std::vector<T>& all, Unit::Part part) {
    return {all.data() + part.begin, part.size()};
  }
  Scope& scope_of(const Graph* graph);
  void add_unit(std::uint32_t layer);
  void find_producers(UnitId id);
  void find_consumers();
  void add_flows(UnitId root, std::span<const std::uint32_t> number, KernelGraph& graph) const;

  std::shared_ptr<const analysis::Layers> network_;
  Operators operators_;
  std::vector<const Operator*> ops_;     // by layer
  std::vector<std::uint32_t> block_of_;  // by layer
  std::vector<bool> dissolved_;          // by layer
  std::vector<Block> blocks_;
  std::unordered_map<const Graph*, Scope> scopes_;
  const Graph* latest_ = nullptr;  // that scope_of was asked for
  Scope* latest_scope_ = nullptr;
  std::vector<std::uint32_t> layers_;
  std::vector<TensorId> inputs_;
  std::vector<UnitId> producers_;  // parallel to inputs_
  std::vector<UnitId> consumers_;
};

/// Error: conditions have no such attribute.
void check_condition(const Condition& condition);
/// Does the unit fulfil the condition?
bool holds(const Condition& condition, const Units& units, UnitId id);

}  // namespace foretime
