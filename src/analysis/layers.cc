#include "analysis/layers.h"

#include <algorithm>
#include <map>
#include <utility>

#include "analysis/walk.h"
#include "ops/control_flow.h"
#include "ops/op_spec.h"

namespace foretime::analysis {
namespace {

Scope inside(const Scope& scope, const Subgraph& subgraph) {
  return {&subgraph.body, &scope, &subgraph};
}

ops::Repetitions repetitions_of(const Scope& scope, const Node& node) {
  const bool limited = !node.inputs.empty() && node.inputs[0] != kNoTensor;
  return ops::repetitions(*scope.graph, node, limited ? &resolved(&scope, node.inputs[0]).tensor() : nullptr);
}

class Walk {
 public:
  Walk(Diagnostics& diagnostics, const Visit& each) : diagnostics_(diagnostics), each_(each) {}

  void graph(const Scope& scope, std::uint32_t within, std::int64_t repetitions) {
    for (const Node& node : scope.graph->nodes()) {
      each_(scope, {scope.graph, &node, within, repetitions});
      const std::uint32_t layer = layers_++;
      if (!node.subgraphs.empty()) bodies(scope, node, layer, repetitions);
    }
  }

 private:
  void bodies(const Scope& scope, const Node& node, std::uint32_t layer, std::int64_t repetitions);
  std::pair<Macs, Flops> work_of_body(const Scope& body);
  const Subgraph& dearest(const Scope& scope, const Node& node);

  Diagnostics& diagnostics_;
  const Visit& each_;
  std::uint32_t layers_ = 0;  // visited so far
  std::map<const Graph*, std::pair<Macs, Flops>> bodies_;
};

/// MACs and FLOPs of a body that runs once; remembered, since nested bodies are asked for at every level.
std::pair<Macs, Flops> Walk::work_of_body(const Scope& scope) {
  const Graph& body = *scope.graph;
  if (const auto known = bodies_.find(&body); known != bodies_.end()) return known->second;
  std::pair<Macs, Flops> sum;
  const auto add = [&](Macs macs, Flops flops, std::int64_t times) {
    sum.first += macs * times;
    sum.second += flops * times;
  };
  for (const Node& node : body.nodes()) {
    const ops::OpSpec* spec = ops::find_spec(node.domain, node.op);
    const auto work = spec == nullptr ? std::nullopt : spec->work(body, node);
    if (work) add(work->macs, work->flops, 1);
    if (node.subgraphs.empty()) continue;
    const auto [macs, flops] = work_of_body(inside(scope, dearest(scope, node)));
    add(macs, flops, repetitions_of(scope, node).count);
  }
  return bodies_[&body] = sum;
}

/// The body whose layers count: of several branches the one with the most MACs, then FLOPs.
const Subgraph& Walk::dearest(const Scope& scope, const Node& node) {
  return *std::max_element(node.subgraphs.begin(), node.subgraphs.end(),
                           [&](const Subgraph& a, const Subgraph& b) {
                             return work_of_body(inside(scope, a)) < work_of_body(inside(scope, b));
                           });
}

void Walk::bodies(const Scope& scope, const Node& node, std::uint32_t layer, std::int64_t repetitions) {
  const Subgraph* body = &dearest(scope, node);
  if (node.op == "If") {
    diagnostics_.push_back(
        {Severity::info, "branch-assumed",
         "which branch runs is known only while running; costs are those of the dearer one, " +
             body->attribute,
         node.name});
  }
  const ops::Repetitions times = repetitions_of(scope, node);
  if (node.op != "If") {
    diagnostics_.push_back({Severity::info, times.assumed ? "iterations-assumed" : "iterations-known",
                            times.assumed
                                ? "how often the body runs is known only while running; it is counted once"
                                : "the body is counted " + std::to_string(times.count) + " times",
                            node.name});
  }
  graph(inside(scope, *body), layer, saturating_mul(repetitions, times.count));
}

}  // namespace

Place resolved(const Scope* scope, TensorId id) {
  while (scope->outer != nullptr) {
    const auto captures = scope->graph->captures();
    const auto found = std::find(captures.begin(), captures.end(), id);
    if (found == captures.end()) break;
    id = scope->via->captures[static_cast<std::size_t>(found - captures.begin())];
    scope = scope->outer;
  }
  return {scope, id};
}

void walk(const Graph& graph, Diagnostics& diagnostics, const Visit& each) {
  Walk(diagnostics, each).graph({&graph}, LayerNode::kNoLayer, 1);
}

std::shared_ptr<const Layers> layers(const Graph& graph) {
  const auto layers = std::make_shared<Layers>();
  layers->network = graph;
  layers->list.reserve(graph.nodes().size());
  walk(layers->network, layers->diagnostics,
       [&](const Scope&, const LayerNode& layer) { layers->list.push_back(layer); });
  return layers;
}

std::string Layers::name(std::size_t layer) const {
  const LayerNode& at = list[layer];
  return at.within == LayerNode::kNoLayer ? at.node->name : name(at.within) + "/" + at.node->name;
}

}  // namespace foretime::analysis
