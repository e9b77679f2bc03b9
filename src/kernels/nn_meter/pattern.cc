#include "kernels/nn_meter/pattern.h"

#include <map>

namespace foretime::nn_meter {
namespace {

/// Nodes of the pattern's graph, then its inputs that something reads, and the edges between them.
struct Edges {
  std::size_t nodes = 0;
  std::vector<TensorId> inputs;
  std::map<std::pair<std::size_t, std::size_t>, int> count;  // from, to
};

Edges edges_of(const Graph& graph) {
  Edges edges;
  edges.nodes = graph.nodes().size();
  std::map<TensorId, std::size_t> places;
  for (const TensorId id : graph.inputs()) {
    if (graph.consumers(id).empty()) continue;
    places[id] = edges.nodes + edges.inputs.size();
    edges.inputs.push_back(id);
  }
  for (std::size_t to = 0; to < edges.nodes; ++to) {
    for (const TensorId id : graph.nodes()[to].inputs) {
      if (id == kNoTensor || graph[id].constant) continue;
      const NodeId producer = graph[id].producer;
      ++edges.count[{producer == kNoNode ? places.at(id) : index(producer), to}];
    }
  }
  return edges;
}

/// Every node once, each after a neighbour where it has one among those before it or to come.
std::vector<std::size_t> connected_order(const Edges& edges) {
  const std::size_t all = edges.nodes + edges.inputs.size();
  std::vector<std::vector<std::size_t>> neighbours(all);
  for (const auto& [edge, count] : edges.count) {
    neighbours[edge.first].push_back(edge.second);
    neighbours[edge.second].push_back(edge.first);
  }
  std::vector<bool> seen(all);
  std::vector<std::size_t> order;
  for (std::size_t start = 0; start < all; ++start) {
    if (seen[start]) continue;
    seen[start] = true;
    order.push_back(start);
    for (std::size_t next = order.size() - 1; next < order.size(); ++next) {
      for (const std::size_t neighbour : neighbours[order[next]]) {
        if (!seen[neighbour]) order.push_back(neighbour);
        seen[neighbour] = true;
      }
    }
  }
  return order;
}

}  // namespace

Pattern pattern_of(const Block& block, const RuleSet& rules) {
  const Edges edges = edges_of(block.pattern);
  const std::vector<std::size_t> order = connected_order(edges);
  std::vector<std::size_t> place(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = i;

  Pattern pattern;
  pattern.name = block.name;
  pattern.nodes.resize(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    PatternNode& node = pattern.nodes[i];
    node.dummy = order[i] >= edges.nodes;
    if (node.dummy) continue;
    for (std::string& word : words_of(rules, block.pattern.nodes()[order[i]].op)) {
      node.types.insert(std::move(word));
    }
  }
  for (std::size_t i = 0; i < edges.nodes; ++i) pattern.execution_order.push_back(place[i]);
  for (const auto& [edge, count] : edges.count) {
    const std::size_t from = place[edge.first];
    const std::size_t to = place[edge.second];
    if (from < to) {
      pattern.nodes[to].from.emplace_back(from, count);
    } else {
      pattern.nodes[from].to.emplace_back(to, count);
    }
  }
  return pattern;
}

}  // namespace foretime::nn_meter
