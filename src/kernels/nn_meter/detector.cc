#include "kernels/nn_meter/detector.h"

#include <algorithm>

#include "base/error.h"
#include "kernels/nn_meter/blocks.h"
#include "kernels/nn_meter/loaded_graph.h"
#include "kernels/nn_meter/pairs.h"

namespace foretime::nn_meter {
namespace {

constexpr std::size_t kLargestPattern = 64;  // nodes; nn-Meter's own have up to ten

void refuse(const std::string& rule, const std::string& what) {
  throw Error(rule, "is nothing that nn-Meter's detector knows", what);
}

void check(const RuleSet& rules) {
  if (!all<Integer>(rules).empty()) refuse("integer", "set, alias, block, fuse, consumers");
  if (!all<Remove>(rules).empty()) refuse("remove", "set, alias, block, fuse, consumers");
  if (!all<Split>(rules).empty()) refuse("split", "set, alias, block, fuse, consumers");
  if (default_consumers(rules) == Consumers::first) refuse("consumers first", "consumers none or all");
  for (const Fuse* fuse : all<Fuse>(rules)) {
    if (!fuse->kind.empty() || fuse->consumers || !fuse->where.empty()) {
      refuse("fuse " + fuse->producer + " + " + fuse->consumer, "two types and nothing else");
    }
  }
  for (const Block* block : all<Block>(rules)) {
    const std::size_t size = block->pattern.nodes().size() + block->pattern.inputs().size();
    if (block->pattern.nodes().empty() || size > kLargestPattern) {
      refuse("block " + block->name, "patterns of 1 to 64 nodes");
    }
  }
}

/// Nodes that are no part of a kernel's kind, and make none alone.
bool is_silent(const std::string& type) {
  return type == "Const" || type == "Identity" || type == "Placeholder";
}

class Describer {
 public:
  Describer(const LoadedGraph& graph, const Groups& groups) : graph_(graph), groups_(groups) {
    for (std::size_t i = 0; i < groups.groups.size(); ++i) {
      kinds_.push_back(kind_of(groups.groups[i]));
      names_.push_back(kinds_.back() + "#" + std::to_string(i));
    }
  }

  std::vector<Kernel> kernels() const {
    std::vector<Kernel> kernels;
    for (std::size_t i = 0; i < groups_.groups.size(); ++i) {
      if (kinds_[i].empty()) continue;
      Kernel& kernel = kernels.emplace_back();
      kernel.kind = kinds_[i];
      kernel.config = config_of(graph_.nodes[groups_.groups[i].members.front()]);
      kernel.config.name = names_[i];
      kernel.config.inbounds = neighbours(i, &LoadedNode::inbounds);
      kernel.config.outbounds = neighbours(i, &LoadedNode::outbounds);
      for (const std::size_t member : groups_.groups[i].members) {
        const auto& names = graph_.nodes[member].members;
        kernel.members.insert(kernel.members.end(), names.begin(), names.end());
      }
    }
    return kernels;
  }

 private:
  std::string kind_of(const Group& group) const {
    std::string kind;
    for (const std::size_t member : group.members) {
      const std::string& type = graph_.nodes[member].type;
      if (!is_silent(type)) kind += (kind.empty() ? "" : "-") + type;
    }
    return kind;
  }

  static KernelConfig config_of(const LoadedNode& first) {
    KernelConfig config;
    config.input_tensors = first.input_shapes;
    if (first.type == "hswish" && config.input_tensors.size() > 1) config.input_tensors.resize(1);
    config.ks = first.ks;
    config.strides = first.strides;
    config.split_dim = first.split_dim;
    if (!first.input_shapes.empty() && !first.input_shapes[0].empty()) {
      const RawShape& input = first.input_shapes[0];
      if (input.size() == 4) config.inputh = input[1];
      if (input.size() == 4) config.inputw = input[2];
      config.cin = input.back();
    }
    if (first.output_shapes.size() != 1) {
      config.output_tensors = first.output_shapes;
    } else if (!first.output_shapes[0].empty()) {
      config.cout = first.output_shapes[0].back();
    }
    return config;
  }

  std::vector<std::string> neighbours(std::size_t group, std::vector<std::size_t> LoadedNode::*edges) const {
    std::vector<std::size_t> found;
    for (const std::size_t member : groups_.groups[group].members) {
      for (const std::size_t node : graph_.nodes[member].*edges) {
        const std::size_t other = groups_.group_of[node];
        if (other != group && !kinds_[other].empty()) found.push_back(other);
      }
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    std::vector<std::string> names;
    for (const std::size_t other : found) names.push_back(names_[other]);
    return names;
  }

  const LoadedGraph& graph_;
  const Groups& groups_;
  std::vector<std::string> kinds_;
  std::vector<std::string> names_;
};

}  // namespace

std::vector<Kernel> detect_kernels(const nnmeter::RawGraph& raw, const RuleSet& rules) {
  check(rules);
  LoadedGraph graph = load(raw, rules);
  fuse_blocks(graph, rules);
  const Groups groups = fuse_pairs(graph, rules);
  return Describer(graph, groups).kernels();
}

}  // namespace foretime::nn_meter
