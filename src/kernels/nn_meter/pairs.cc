#include "kernels/nn_meter/pairs.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/error.h"

namespace foretime::nn_meter {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

/// Nodes in the order of their first mention, when each key and then its inbounds are read, and for each node
/// its consumers in the order in which they were read; parallel edges count once.
struct Digraph {
  std::vector<std::size_t> order;
  std::vector<std::vector<std::size_t>> successors;
  std::vector<std::size_t> open_inbounds;
};

Digraph digraph_of(const LoadedGraph& graph) {
  Digraph digraph;
  const std::size_t count = graph.nodes.size();
  digraph.successors.resize(count);
  digraph.open_inbounds.resize(count);
  std::vector<bool> mentioned(count);
  const auto mention = [&](std::size_t node) {
    if (!mentioned[node]) digraph.order.push_back(node);
    mentioned[node] = true;
  };
  for (std::size_t node = 0; node < count; ++node) {
    if (graph.nodes[node].gone) continue;
    mention(node);
    for (const std::size_t producer : graph.nodes[node].inbounds) {
      mention(producer);
      auto& successors = digraph.successors[producer];
      if (!successors.empty() && successors.back() == node) continue;  // they come node by node
      successors.push_back(node);
      ++digraph.open_inbounds[node];
    }
  }
  return digraph;
}

using Pairs = std::set<std::pair<std::string, std::string>>;

Pairs pairs_of(const RuleSet& rules) {
  Pairs pairs;
  for (const Fuse* fuse : all<Fuse>(rules)) {
    for (const std::string& producer : words_of(rules, fuse->producer)) {
      for (const std::string& consumer : words_of(rules, fuse->consumer)) pairs.emplace(producer, consumer);
    }
  }
  return pairs;
}

class Fusion {
 public:
  Fusion(const LoadedGraph& graph, const RuleSet& rules)
      : graph_(graph),
        pairs_(pairs_of(rules)),
        many_(default_consumers(rules) == Consumers::all),
        order_(topological_order(graph)),
        root_(graph.nodes.size(), kNone) {}

  Groups run() {
    for (const std::size_t node : order_) {
      if (root_[node] == kNone) absorb(node);
    }
    Groups groups;
    groups.group_of.resize(graph_.nodes.size());
    for (const std::size_t node : order_) {
      if (root_[node] == node) {
        groups.group_of[node] = groups.groups.size();
        groups.groups.emplace_back();
      }
      groups.group_of[node] = groups.group_of[root_[node]];
      groups.groups[groups.group_of[node]].members.push_back(node);
    }
    return groups;
  }

 private:
  /// Without the fusion of several consumers there is at most one to look at. With it, one is absorbed in
  /// each round and the consumers of it join the candidates, so that in the end every one that a rule fits,
  /// directly or through others, is absorbed.
  void absorb(std::size_t root) {
    root_[root] = root;
    std::vector<std::size_t> open = {root};
    while (!open.empty()) {
      const std::size_t node = open.back();
      open.pop_back();
      const std::vector<std::size_t> consumers = distinct(graph_.nodes[node].outbounds);
      if (!many_ && consumers.size() > 1) return;
      for (const std::size_t consumer : consumers) {
        if (root_[consumer] != kNone || !is_pair(root, consumer)) continue;
        root_[consumer] = root;
        open.push_back(consumer);
      }
    }
  }

  bool is_pair(std::size_t producer, std::size_t consumer) const {
    return pairs_.contains({graph_.nodes[producer].type, graph_.nodes[consumer].type});
  }

  static std::vector<std::size_t> distinct(std::vector<std::size_t> nodes) {
    std::sort(nodes.begin(), nodes.end());
    nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
    return nodes;
  }

  const LoadedGraph& graph_;
  const Pairs pairs_;
  const bool many_;
  const std::vector<std::size_t> order_;
  std::vector<std::size_t> root_;
};

}  // namespace

std::vector<std::size_t> topological_order(const LoadedGraph& graph) {
  Digraph digraph = digraph_of(graph);
  std::vector<std::size_t> order;
  for (const std::size_t node : digraph.order) {
    if (digraph.open_inbounds[node] == 0) order.push_back(node);
  }
  // A queue is what going level by level comes to: a level ends before what it frees begins.
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (const std::size_t next : digraph.successors[order[i]]) {
      if (--digraph.open_inbounds[next] == 0) order.push_back(next);
    }
  }
  if (order.size() == digraph.order.size()) return order;
  const auto stuck = std::find_if(digraph.order.begin(), digraph.order.end(),
                                  [&](std::size_t node) { return digraph.open_inbounds[node] > 0; });
  throw Error(graph.nodes[*stuck].members.front(), "lies on a cycle, or behind one");
}

Groups fuse_pairs(const LoadedGraph& graph, const RuleSet& rules) {
  return Fusion(graph, rules).run();
}

}  // namespace foretime::nn_meter
