#include "kernels/units.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "graph/each_once.h"
#include "kernels/configure.h"

namespace foretime {

Units::Units(const analysis::Costs& costs) : costs_(costs) {
  list.resize(costs.layers.size());
  unit_of_.resize(costs.layers.size());
  for (std::uint32_t layer = 0; layer < costs.layers.size(); ++layer) {
    list[layer].layers = {layer};
    list[layer].kind = kind_of(costs.layers[layer]);
    unit_of_[layer] = layer;
    Scope& scope = scopes_[costs.layers[layer].graph];
    if (scope.layer_of.empty()) {
      scope.layer_of.resize(costs.layers[layer].graph->nodes().size(), kNoUnit);
      scope.producer_of.resize(costs.layers[layer].graph->tensors().size(), kNoUnit);
    }
    scope.layer_of[index(node_id(layer))] = layer;
  }
}

NodeId Units::node_id(std::uint32_t layer) const {
  const analysis::Layer& at = costs_.layers[layer];
  return static_cast<NodeId>(at.node - at.graph->nodes().data());
}

Units::Scope& Units::scope_of(std::uint32_t layer) {
  return scopes_.find(costs_.layers[layer].graph)->second;
}

void Units::make_block(const std::string& name, const std::vector<NodeId>& nodes, std::uint32_t layer) {
  const Scope& scope = scope_of(layer);
  std::vector<std::uint32_t> layers;
  for (const NodeId node : nodes) {
    const std::uint32_t member = scope.layer_of[index(node)];
    if (member == kNoUnit || in_block(member)) return;
    layers.push_back(member);
  }
  Unit& unit = list[unit_of_[layer]];
  for (const std::uint32_t member : layers) {
    Unit& gone = list[unit_of_[member]];
    if (&gone != &unit) gone.layers.clear();
    unit_of_[member] = static_cast<UnitId>(&unit - list.data());
  }
  unit.block = name;
  unit.kind = kind_of_block(name);
  unit.layers = std::move(layers);
}

void Units::find_producers(UnitId id) {
  Unit& unit = list[id];
  EachOnce inputs;
  for (const std::uint32_t layer : unit.layers) {
    const analysis::Layer& at = costs_.layers[layer];
    Scope& scope = scope_of(layer);
    for (const TensorId input : at.node->inputs) {
      if (input == kNoTensor || (*at.graph)[input].constant != nullptr) continue;
      const NodeId made_by = (*at.graph)[input].producer;
      if (made_by != kNoNode && scope.layer_of[index(made_by)] != kNoUnit &&
          unit_of_[scope.layer_of[index(made_by)]] == id) {
        continue;
      }
      if (!inputs.first_time(input)) continue;
      unit.inputs.push_back(input);
      unit.producers.push_back(scope.producer_of[index(input)]);
    }
  }
  const bool through = unit.kind == Kind::none && !unit.producers.empty();
  for (const std::uint32_t layer : unit.layers) {
    Scope& scope = scope_of(layer);
    for (const TensorId output : costs_.layers[layer].node->outputs) {
      if (output != kNoTensor) scope.producer_of[index(output)] = through ? unit.producers[0] : id;
    }
  }
}

void Units::connect() {
  std::erase_if(list, [](const Unit& unit) { return unit.layers.empty(); });
  for (UnitId id = 0; id < list.size(); ++id) {
    for (const std::uint32_t layer : list[id].layers) unit_of_[layer] = id;
  }
  for (UnitId id = 0; id < list.size(); ++id) {
    find_producers(id);
    if (list[id].kind == Kind::none) continue;
    for (const UnitId producer : list[id].producers) {
      if (producer == kNoUnit) continue;
      std::vector<UnitId>& consumers = list[producer].consumers;
      if (consumers.empty() || consumers.back() != id) consumers.push_back(id);
    }
  }
  for (const auto& [graph, scope] : scopes_) {
    for (const TensorId output : graph->outputs()) {
      const UnitId producer = scope.producer_of[index(output)];
      if (producer != kNoUnit) list[producer].is_output = true;
    }
  }
}

KernelGraph Units::kernels() const {
  KernelGraph graph;
  std::vector<std::uint32_t> number(list.size());  // of a root's kernel
  for (UnitId id = 0; id < list.size(); ++id) {
    if (list[id].root != id) continue;
    number[id] = static_cast<std::uint32_t>(graph.kernels.size());
    graph.kernels.push_back(configure(*this, id));
  }
  for (const Unit& unit : list) {
    if (unit.kind == Kind::none) continue;
    for (const UnitId producer : unit.producers) {
      if (producer == kNoUnit || list[producer].root == unit.root) continue;
      graph.flows.push_back({number[list[producer].root], number[unit.root]});
    }
  }
  const auto key = [](const Flow& flow) { return std::pair(flow.to, flow.from); };
  std::sort(graph.flows.begin(), graph.flows.end(),
            [&](const Flow& a, const Flow& b) { return key(a) < key(b); });
  graph.flows.erase(std::unique(graph.flows.begin(), graph.flows.end()), graph.flows.end());
  return graph;
}

}  // namespace foretime
