#include "kernels/nn_meter/blocks.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <unordered_map>
#include <unordered_set>

#include "base/error.h"
#include "kernels/nn_meter/pattern.h"

namespace foretime::nn_meter {
namespace {

/// Work done for one graph before it is refused, in nodes and edges looked at: about a second. Networks in
/// use need a few for each node and pattern; wide layers that are all joined with all would need powers of
/// their width.
class Steps {
 public:
  void spend(std::size_t count, const std::string& block) {
    left_ -= static_cast<std::int64_t>(count);
    if (left_ < 0) throw Error("block " + block, "matches too many parts of the graph in too many ways");
  }

 private:
  std::int64_t left_ = 20'000'000;
};

/// Finds the matches of one pattern that share no node (dummies aside), by depth-first search.
class Matcher {
 public:
  Matcher(const LoadedGraph& graph, const Pattern& pattern, Steps& steps)
      : graph_(graph), pattern_(pattern), steps_(steps), taken_(graph.nodes.size()) {
    for (std::size_t to = 0; to < graph.nodes.size(); ++to) {
      if (graph.nodes[to].gone) continue;
      for (const std::size_t from : graph.nodes[to].inbounds) ++edges_[key(from, to)];
    }
  }

  /// For each match the nodes of the graph, in the order of the pattern's nodes.
  std::vector<std::vector<std::size_t>> matches() {
    std::vector<std::vector<std::size_t>> found;
    for (std::size_t first = 0; first < graph_.nodes.size(); ++first) {
      chosen_.clear();
      if (!fits(first) || !extend(first)) continue;
      for (std::size_t i = 0; i < chosen_.size(); ++i) {
        if (!pattern_.nodes[i].dummy) taken_[chosen_[i]] = true;
      }
      found.push_back(chosen_);
    }
    return found;
  }

 private:
  static std::uint64_t key(std::size_t from, std::size_t to) {
    return (static_cast<std::uint64_t>(from) << 32) | to;
  }

  int edges(std::size_t from, std::size_t to) const {
    const auto found = edges_.find(key(from, to));
    return found == edges_.end() ? 0 : found->second;
  }

  bool extend(std::size_t node) {
    chosen_.push_back(node);
    if (chosen_.size() == pattern_.nodes.size()) return true;
    const std::vector<std::size_t> nodes = candidates();
    steps_.spend(nodes.size(), pattern_.name);
    for (const std::size_t next : nodes) {
      if (fits(next) && extend(next)) return true;
    }
    chosen_.pop_back();
    return false;
  }

  /// Nodes that the next node of the pattern can be.
  std::vector<std::size_t> candidates() const {
    const PatternNode& next = pattern_.nodes[chosen_.size()];
    if (!next.from.empty()) return distinct(graph_.nodes[chosen_[next.from[0].first]].outbounds);
    if (!next.to.empty()) return distinct(graph_.nodes[chosen_[next.to[0].first]].inbounds);
    std::vector<std::size_t> all(graph_.nodes.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return all;
  }

  static std::vector<std::size_t> distinct(std::vector<std::size_t> nodes) {
    std::sort(nodes.begin(), nodes.end());
    nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
    return nodes;
  }

  bool fits(std::size_t node) {
    steps_.spend(1, pattern_.name);
    const PatternNode& wanted = pattern_.nodes[chosen_.size()];
    if (graph_.nodes[node].gone || edges(node, node) > 0) return false;
    if (!wanted.dummy && (taken_[node] || !wanted.types.contains(graph_.nodes[node].type))) return false;
    std::size_t edges_of_pattern = 0;
    const auto exact = [&](const auto& list, auto count) {
      edges_of_pattern += list.size();
      return std::all_of(list.begin(), list.end(),
                         [&](auto edge) { return count(edge.first) == edge.second; });
    };
    if (!exact(wanted.from, [&](std::size_t i) { return edges(chosen_[i], node); })) return false;
    if (!exact(wanted.to, [&](std::size_t i) { return edges(node, chosen_[i]); })) return false;
    std::size_t edges_of_graph = 0;  // pairs of nodes that have edges, not edges
    for (const std::size_t other : chosen_) {
      if (other == node) return false;
      edges_of_graph += (edges(other, node) > 0 ? 1U : 0U) + (edges(node, other) > 0 ? 1U : 0U);
    }
    return edges_of_graph == edges_of_pattern;
  }

  const LoadedGraph& graph_;
  const Pattern& pattern_;
  Steps& steps_;
  std::vector<bool> taken_;
  std::unordered_map<std::uint64_t, int> edges_;
  std::vector<std::size_t> chosen_;
};

/// From any member against the edges, always along the first inbound that is a member.
std::size_t root_of(const LoadedGraph& graph, const std::vector<std::size_t>& members) {
  std::size_t root = members.front();
  for (;;) {
    const auto& inbounds = graph.nodes[root].inbounds;
    const auto inside = std::find_if(inbounds.begin(), inbounds.end(), [&](std::size_t node) {
      return std::find(members.begin(), members.end(), node) != members.end();
    });
    if (inside == inbounds.end()) return root;
    root = *inside;
  }
}

void redirect(std::vector<std::size_t>& edges, const std::vector<std::size_t>& members, std::size_t block) {
  std::erase_if(edges, [&](std::size_t node) {
    return std::find(members.begin(), members.end(), node) != members.end();
  });
  edges.push_back(block);
}

/// Makes one node of the members and leads edges from and to the outside there. Outside neighbours lose their
/// edges to members and get the block at the end, once.
void fuse(LoadedGraph& graph, const std::vector<std::size_t>& members, const std::string& name,
          Steps& steps) {
  const LoadedNode& root = graph.nodes[root_of(graph, members)];
  const std::size_t id = graph.nodes.size();
  LoadedNode block = root;
  block.type = name;
  block.members.clear();
  block.inbounds.clear();
  block.outbounds.clear();
  std::unordered_set<std::size_t> before(members.begin(), members.end());
  std::unordered_set<std::size_t> after = before;
  for (const std::size_t member : members) {
    LoadedNode& node = graph.nodes[member];
    block.members.insert(block.members.end(), node.members.begin(), node.members.end());
    for (const std::size_t outside : node.inbounds) {
      if (before.insert(outside).second) block.inbounds.push_back(outside);
    }
    for (const std::size_t outside : node.outbounds) {
      if (after.insert(outside).second) block.outbounds.push_back(outside);
    }
    node.gone = true;
  }
  const auto lead = [&](std::vector<std::size_t>& edges) {
    steps.spend(edges.size(), name);
    redirect(edges, members, id);
  };
  for (const std::size_t outside : block.inbounds) lead(graph.nodes[outside].outbounds);
  for (const std::size_t outside : block.outbounds) lead(graph.nodes[outside].inbounds);
  graph.nodes.push_back(std::move(block));
}

}  // namespace

void fuse_blocks(LoadedGraph& graph, const RuleSet& rules) {
  Steps steps;
  for (const Block* block : all<Block>(rules)) {
    const Pattern pattern = pattern_of(*block, rules);
    for (const std::vector<std::size_t>& match : Matcher(graph, pattern, steps).matches()) {
      std::vector<std::size_t> members;
      for (const std::size_t place : pattern.execution_order) members.push_back(match[place]);
      fuse(graph, members, pattern.name, steps);
    }
  }
}

}  // namespace foretime::nn_meter
