#include "kernels/nn_meter/loaded_graph.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace foretime::nn_meter {
namespace {

using Names = std::unordered_map<std::string_view, std::size_t>;

std::optional<Attribute> find(const Attributes& attributes, std::string_view name) {
  const Attribute* found = attributes.find(name);
  return found == nullptr ? std::nullopt : std::optional(*found);
}

const std::vector<std::int64_t>* integers(const std::optional<Attribute>& attribute) {
  return attribute ? std::get_if<std::vector<std::int64_t>>(&*attribute) : nullptr;
}

/// A convolution whose `group` equals the last size of its first input. (So one of one channel is depthwise,
/// and one of several groups of channels is not.)
bool is_depthwise(const nnmeter::RawNode& node) {
  const Attribute* group = node.attributes.find("group");
  const auto* count = group == nullptr ? nullptr : std::get_if<std::int64_t>(group);
  return count != nullptr && !node.input_shapes.empty() && !node.input_shapes[0].empty() &&
         node.input_shapes[0].back() == *count;
}

void set_kernel_size(const Attributes& attributes, LoadedNode& node) {
  node.ks = find(attributes, "ks");
  if (const auto shape = find(attributes, "kernel_shape")) node.ks = shape;
  const auto weights = find(attributes, "weight_shape");
  if (const auto* sizes = integers(weights); sizes != nullptr) {
    node.ks = std::vector(sizes->begin(), sizes->begin() + std::min<std::ptrdiff_t>(2, std::ssize(*sizes)));
  }
  if (const auto size = find(attributes, "ksize")) node.ks = size;
}

/// Of two operands, one a scalar, all get the shape of the other; of two tensors, that of the first.
void broadcast(std::vector<RawShape>& shapes) {
  if (shapes.empty()) return;
  const RawShape shape = shapes[0].empty() && shapes.size() > 1 ? shapes[1] : shapes[0];
  for (RawShape& each : shapes) each = shape;
}

void set_attributes(const nnmeter::RawNode& raw, LoadedNode& node) {
  set_kernel_size(raw.attributes, node);
  node.strides = find(raw.attributes, "strides");
  node.split_dim = find(raw.attributes, "split_dim");
  if (const auto axis = find(raw.attributes, "axis"); axis && node.type == "split") node.split_dim = axis;
  if (node.type == "add" || node.type == "mul" || node.type == "div" || node.type == "sub") {
    broadcast(node.input_shapes);
  }
}

Names names_of(const RawGraph& raw) {
  Names names;
  names.reserve(raw.nodes.size());
  for (const nnmeter::RawNode& node : raw.nodes) names.emplace(node.name, names.size());
  return names;
}

/// The nodes that have an edge, numbered without gaps. A graph of one node keeps it.
std::vector<bool> connected(const RawGraph& raw, const Names& names) {
  std::vector<bool> kept(raw.nodes.size(), raw.nodes.size() == 1);
  for (std::size_t i = 0; i < raw.nodes.size(); ++i) {
    for (const std::string& name : raw.nodes[i].inbounds) {
      const auto producer = names.find(name);
      if (producer != names.end()) kept[i] = kept[producer->second] = true;
    }
  }
  return kept;
}

std::string canonical(const nnmeter::RawNode& node,
                      const std::unordered_map<std::string_view, std::string_view>& aliases) {
  const auto alias = aliases.find(node.type);
  std::string type(alias == aliases.end() ? std::string_view(node.type) : alias->second);
  return type == "conv" && is_depthwise(node) ? "dwconv" : type;
}

}  // namespace

LoadedGraph load(const RawGraph& raw, const RuleSet& rules) {
  std::unordered_map<std::string_view, std::string_view> aliases;
  for (const Alias* alias : all<Alias>(rules)) {
    for (const std::string& word : alias->words) aliases.emplace(word, alias->name);
  }
  const Names names = names_of(raw);
  const std::vector<bool> kept = connected(raw, names);
  std::vector<std::size_t> places(raw.nodes.size());
  for (std::size_t i = 1; i < places.size(); ++i) places[i] = places[i - 1] + (kept[i - 1] ? 1 : 0);

  LoadedGraph graph;
  for (std::size_t i = 0; i < raw.nodes.size(); ++i) {
    if (!kept[i]) continue;
    LoadedNode& node = graph.nodes.emplace_back();
    node.type = canonical(raw.nodes[i], aliases);
    node.members = {raw.nodes[i].name};
    node.input_shapes = raw.nodes[i].input_shapes;
    node.output_shapes = raw.nodes[i].output_shapes;
    set_attributes(raw.nodes[i], node);
    for (const std::string& name : raw.nodes[i].inbounds) {
      const auto producer = names.find(name);
      if (producer != names.end()) node.inbounds.push_back(places[producer->second]);
    }
  }
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const std::size_t producer : graph.nodes[i].inbounds) graph.nodes[producer].outbounds.push_back(i);
  }
  return graph;
}

}  // namespace foretime::nn_meter
