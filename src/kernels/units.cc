#include "kernels/units.h"

#include <algorithm>
#include <utility>

#include "kernels/configure.h"

namespace foretime {

Units::Units(std::shared_ptr<const analysis::Layers> network, const Words& words)
    : network_(std::move(network)), operators_(words) {
  const std::size_t count = network_->list.size();
  ops_.reserve(count);
  block_of_.assign(count, kNoBlock);
  dissolved_.assign(count, false);
  for (std::uint32_t layer = 0; layer < count; ++layer) {
    const analysis::LayerNode& at = network_->list[layer];
    ops_.push_back(&operators_.of(*at.node));
    scope_of(at.graph).layer_of[index(node_id(layer))] = layer;
  }
}

Units::Scope& Units::scope_of(const Graph* graph) {
  if (graph == latest_) return *latest_scope_;
  const auto [at, fresh] = scopes_.try_emplace(graph);
  if (fresh) {
    at->second.layer_of.resize(graph->nodes().size());
    at->second.producer_of.resize(graph->tensors().size(), kNoUnit);
    at->second.read_by.resize(graph->tensors().size(), kNoUnit);
  }
  latest_ = graph;
  return *(latest_scope_ = &at->second);
}

NodeId Units::node_id(std::uint32_t layer) const {
  const analysis::LayerNode& at = network_->list[layer];
  return static_cast<NodeId>(at.node - at.graph->nodes().data());
}

void Units::make_block(std::string_view name, const std::vector<NodeId>& nodes, std::uint32_t layer) {
  const Scope& scope = scope_of(network_->list[layer].graph);
  Block block{name, {}};
  for (const NodeId node : nodes) {
    const std::uint32_t member = scope.layer_of[index(node)];
    if (in_block(member)) return;
    block.layers.push_back(member);
  }
  for (const std::uint32_t member : block.layers)
    block_of_[member] = static_cast<std::uint32_t>(blocks_.size());
  blocks_.push_back(std::move(block));
}

void Units::make_integer(std::uint32_t layer, const std::vector<std::uint32_t>& around) {
  Block block{{}, {layer}};
  block.layers.insert(block.layers.end(), around.begin(), around.end());
  for (const std::uint32_t member : block.layers)
    block_of_[member] = static_cast<std::uint32_t>(blocks_.size());
  blocks_.push_back(std::move(block));
}

void Units::add_unit(std::uint32_t layer) {
  Unit unit;
  unit.layers.begin = static_cast<std::uint32_t>(layers_.size());
  if (in_block(layer)) {
    const Block& block = blocks_[block_of_[layer]];
    if (block.layers.back() != layer) return;
    layers_.insert(layers_.end(), block.layers.begin(), block.layers.end());
    unit.block = block.name;
    unit.integer = block.name.empty();
    const std::uint32_t first = block.layers[0];
    unit.kind = unit.integer ? kind_of(network_->list[first], op(first)) : block_info(block.name).kind;
  } else {
    layers_.push_back(layer);
    unit.kind =
        op(layer).word->removed || dissolved_[layer] ? Kind::none : kind_of(network_->list[layer], op(layer));
  }
  unit.layers.end = static_cast<std::uint32_t>(layers_.size());
  unit.op = ops_[layers_[unit.layers.begin]];
  list.push_back(unit);
}

void Units::find_producers(UnitId id) {
  Unit& unit = list[id];
  unit.inputs.begin = static_cast<std::uint32_t>(inputs_.size());
  // What is made inside is marked before anything is read.
  for (const std::uint32_t layer : layers(unit)) {
    const analysis::LayerNode& at = network_->list[layer];
    Scope& scope = scope_of(at.graph);
    for (const TensorId output : at.node->outputs) {
      if (output != kNoTensor) scope.producer_of[index(output)] = id;
    }
  }
  for (const std::uint32_t layer : layers(unit)) {
    const analysis::LayerNode& at = network_->list[layer];
    Scope& scope = scope_of(at.graph);
    const Tensor* tensors = at.graph->tensors().data();
    for (const TensorId input : at.node->inputs) {
      if (input == kNoTensor || tensors[index(input)].constant != nullptr) continue;
      const UnitId producer = scope.producer_of[index(input)];
      if (producer == id || scope.read_by[index(input)] == id) continue;
      scope.read_by[index(input)] = id;
      inputs_.push_back(input);
      producers_.push_back(producer);
    }
  }
  unit.inputs.end = static_cast<std::uint32_t>(inputs_.size());
  if (unit.kind != Kind::none || unit.inputs.empty()) return;
  for (const std::uint32_t layer : layers(unit)) {
    const analysis::LayerNode& at = network_->list[layer];
    Scope& scope = scope_of(at.graph);
    for (const TensorId output : at.node->outputs) {
      if (output != kNoTensor) scope.producer_of[index(output)] = producers_[unit.inputs.begin];
    }
  }
}

/// Every unit's consumers one after the other: counted first, then filled in.
void Units::find_consumers() {
  std::vector<UnitId> last(list.size(), kNoUnit);  // the latest consumer met
  const auto each_flow = [&](const auto& flow) {
    for (UnitId id = 0; id < list.size(); ++id) {
      if (list[id].kind == Kind::none) continue;
      for (const UnitId producer : producers(list[id])) {
        if (producer == kNoUnit || std::exchange(last[producer], id) == id) continue;
        flow(list[producer].consumers, id);
      }
    }
  };
  each_flow([](Unit::Part& consumers, UnitId) { ++consumers.end; });
  std::uint32_t all = 0;
  for (Unit& unit : list) {
    const std::uint32_t count = unit.consumers.end;
    unit.consumers = {all, all};
    all += count;
  }
  consumers_.resize(all);
  std::fill(last.begin(), last.end(), kNoUnit);
  each_flow([&](Unit::Part& consumers, UnitId id) { consumers_[consumers.end++] = id; });
}

void Units::connect() {
  const auto count = static_cast<std::uint32_t>(network_->list.size());
  list.reserve(count);
  layers_.reserve(count);
  for (std::uint32_t layer = 0; layer < count; ++layer) add_unit(layer);
  for (UnitId id = 0; id < list.size(); ++id) find_producers(id);
  find_consumers();
  for (const auto& [graph, scope] : scopes_) {
    for (const TensorId output : graph->outputs()) {
      const UnitId producer = scope.producer_of[index(output)];
      if (producer != kNoUnit) list[producer].is_output = true;
    }
  }
}

/// What the kernel of `root` reads of other kernels, each once, ascending.
void Units::add_flows(UnitId root, std::span<const std::uint32_t> number, KernelGraph& graph) const {
  const auto begin = static_cast<std::ptrdiff_t>(graph.flows.size());
  for (UnitId id = root; id != kNoUnit; id = list[id].next) {
    for (const UnitId producer : producers(list[id])) {
      if (producer == kNoUnit || list[producer].root == root) continue;
      graph.flows.push_back({number[list[producer].root], number[root]});
    }
  }
  const auto first = graph.flows.begin() + begin;
  std::sort(first, graph.flows.end(), [](const Flow& a, const Flow& b) { return a.from < b.from; });
  graph.flows.erase(std::unique(first, graph.flows.end()), graph.flows.end());
}

KernelGraph Units::kernels() const {
  KernelGraph graph;
  graph.network = network_;
  std::vector<std::uint32_t> number(list.size());  // of a root's kernel
  std::uint32_t count = 0;
  for (UnitId id = 0; id < list.size(); ++id) {
    if (list[id].root == id) number[id] = count++;
  }
  graph.kernels.reserve(count);
  graph.layers.reserve(network_->list.size());
  graph.reads.reserve(inputs_.size());
  graph.flows.reserve(inputs_.size());
  Configurator configurator(*this, graph);
  for (UnitId id = 0; id < list.size(); ++id) {
    if (list[id].root != id) continue;
    configurator.add(id);
    if (list[id].kind != Kind::none) add_flows(id, number, graph);
  }
  return graph;
}

}  // namespace foretime
