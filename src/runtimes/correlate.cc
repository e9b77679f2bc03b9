#include "runtimes/correlate.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "base/mapped_file.h"
#include "formats/format.h"

namespace foretime {
namespace {

std::unordered_set<std::string> tensors_of(const Graph& graph) {
  std::unordered_set<std::string> names;
  for (const Tensor& tensor : graph.tensors()) names.insert(tensor.name);
  return names;
}

/// Tensors that a node reads, bodies of control flow included.
std::vector<TensorId> reads_of(const Node& node) {
  std::vector<TensorId> reads = node.inputs;
  for (const Subgraph& body : node.subgraphs)
    reads.insert(reads.end(), body.captures.begin(), body.captures.end());
  std::erase(reads, kNoTensor);
  return reads;
}

}  // namespace

Graph graph_of(const std::string& file, const std::string& model) {
  Diagnostics ignored;
  const auto mapped = MappedFile::open(file, model);
  return detect_format(*mapped).read(mapped, ignored);
}

std::vector<std::vector<std::string>> correlate(const Graph& original, const Graph& optimized) {
  const std::unordered_set<std::string> borders = tensors_of(optimized);
  std::unordered_map<std::string, std::size_t> by_name;
  for (std::size_t i = 0; i < original.nodes().size(); ++i) by_name.emplace(original.nodes()[i].name, i);
  std::vector<bool> taken(original.nodes().size(), false);
  std::vector<std::vector<std::string>> members(optimized.nodes().size());
  for (std::size_t k = 0; k < members.size(); ++k) {
    const Node& kernel = optimized.nodes()[k];
    std::vector<NodeId> open;
    for (const TensorId output : kernel.outputs) {
      if (output == kNoTensor) continue;
      if (const auto same = original.find_tensor(optimized[output].name))
        open.push_back(original[*same].producer);
    }
    if (const auto named = by_name.find(kernel.name); open.empty() && named != by_name.end()) {
      if (original.nodes()[named->second].op == kernel.op)
        open.push_back(NodeId{static_cast<std::uint32_t>(named->second)});
    }
    // A node made of another one is called after it: "…/MatMul/MatMulAddFusion".
    if (const std::size_t cut = kernel.name.rfind('/'); open.empty() && cut != std::string::npos) {
      if (const auto named = by_name.find(kernel.name.substr(0, cut)); named != by_name.end())
        open.push_back(NodeId{static_cast<std::uint32_t>(named->second)});
    }
    std::set<std::size_t> found;
    while (!open.empty()) {
      const NodeId node = open.back();
      open.pop_back();
      if (node == kNoNode || taken[index(node)] || !found.insert(index(node)).second) continue;
      for (const TensorId read : reads_of(original[node])) {
        if (!borders.contains(original[read].name)) open.push_back(original[read].producer);
      }
    }
    for (const std::size_t node : found) {
      taken[node] = true;
      members[k].push_back(original.nodes()[node].name);
    }
  }
  return members;
}

std::vector<std::vector<std::size_t>> correlate_by_name(const Graph& optimized,
                                                        const std::vector<std::string>& lowered,
                                                        const std::string& suffix) {
  std::unordered_map<std::string, std::size_t> nodes;    // in `lowered`, by name
  std::unordered_map<std::string, std::size_t> writers;  // in `lowered`, by the tensor their name tells of
  for (std::size_t i = 0; i < lowered.size(); ++i) {
    const std::string& name = lowered[i];
    nodes.emplace(name, i);
    if (suffix.empty() || !name.ends_with(suffix)) continue;
    const std::string tensor = name.substr(0, name.size() - suffix.size());
    writers.emplace(tensor, i);
    // A normalisation that stands alone becomes a convolution.
    if (constexpr std::string_view kNorm = "_bn"; tensor.ends_with(kNorm))
      writers.emplace(tensor.substr(0, tensor.size() - kNorm.size()), i);
  }
  constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);
  const auto place_of = [&](const Node& node) {
    for (const TensorId output : node.outputs) {
      if (output == kNoTensor) continue;
      if (const auto found = writers.find(optimized[output].name); found != writers.end())
        return found->second;
    }
    const auto found = nodes.find(node.name);
    return found == nodes.end() ? kNowhere : found->second;
  };
  std::vector<std::vector<std::size_t>> members(lowered.size());
  std::vector<std::size_t> home(optimized.nodes().size(), kNowhere);
  for (std::size_t i = 0; i < home.size(); ++i) {
    const Node& node = optimized.nodes()[i];
    home[i] = place_of(node);
    const bool gone = home[i] == kNowhere;
    for (const TensorId read : reads_of(node)) {
      const NodeId producer = gone ? optimized[read].producer : kNoNode;
      if (producer == kNoNode || home[index(producer)] == kNowhere) continue;
      home[i] = home[i] == kNowhere ? home[index(producer)] : std::max(home[i], home[index(producer)]);
    }
    if (home[i] != kNowhere) members[home[i]].push_back(i);
  }
  return members;
}

}  // namespace foretime
