#include "analysis/memory.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

#include "ops/op_spec.h"

namespace foretime::analysis {
namespace {

/// Lifetime of a buffer, in steps; `last` < `first`: never alive.
struct Lifetime {
  std::ptrdiff_t first = 0;
  std::ptrdiff_t last = -1;
};

/// For every tensor, the tensor whose buffer it lives in.
std::vector<TensorId> buffers(const Graph& graph, bool alias) {
  std::vector<TensorId> owner;
  for (std::size_t i = 0; i < graph.tensors().size(); ++i)
    owner.push_back(TensorId{static_cast<std::uint32_t>(i)});
  if (!alias) return owner;
  for (const Node& node : graph.nodes()) {
    const ops::OpSpec* spec = ops::find_spec(node.domain, node.op);
    if (spec == nullptr || spec->traffic != ops::Traffic::view) continue;
    if (node.inputs.empty() || node.outputs.empty() || node.inputs[0] == kNoTensor ||
        node.outputs[0] == kNoTensor)
      continue;
    if (graph[node.inputs[0]].constant != nullptr) continue;
    owner[index(node.outputs[0])] = owner[index(node.inputs[0])];
  }
  return owner;
}

std::vector<Lifetime> lifetimes(const Graph& graph, const std::vector<TensorId>& owner) {
  const auto end = static_cast<std::ptrdiff_t>(graph.nodes().size()) - 1;
  std::vector<Lifetime> lives(graph.tensors().size());
  for (std::size_t i = 0; i < lives.size(); ++i) {
    const Tensor& tensor = graph.tensors()[i];
    const TensorId id{static_cast<std::uint32_t>(i)};
    if (tensor.constant != nullptr) continue;
    Lifetime& life = lives[index(owner[i])];
    std::ptrdiff_t last = -1;
    if (tensor.producer != kNoNode) {
      last = static_cast<std::ptrdiff_t>(index(tensor.producer));
      if (owner[i] == id) life.first = last;
    }
    const auto consumers = graph.consumers(id);
    if (!consumers.empty()) last = std::max(last, static_cast<std::ptrdiff_t>(index(consumers.back())));
    life.last = std::max(life.last, last);
  }
  for (const TensorId output : graph.outputs()) {
    if (graph[output].constant == nullptr) lives[index(owner[index(output)])].last = end;
  }
  return lives;
}

Bytes body_peak(const Node& node, bool alias, bool& complete) {
  Bytes most;
  for (const Subgraph& subgraph : node.subgraphs) {
    const Peak peak = peak_memory(subgraph.body, alias);
    most = std::max(most, peak.bytes);
    complete = complete && peak.complete;
  }
  return most;
}

}  // namespace

Peak peak_memory(const Graph& graph, bool alias) {
  Peak peak;
  const std::vector<TensorId> owner = buffers(graph, alias);
  std::vector<Lifetime> lives = lifetimes(graph, owner);
  for (const TensorId capture : graph.captures())
    lives[index(capture)].last = -1;  // counted where it is defined

  std::vector<std::int64_t> change(graph.nodes().size() + 1, 0);
  for (std::size_t i = 0; i < lives.size(); ++i) {
    const Tensor& tensor = graph.tensors()[i];
    if (lives[i].last < lives[i].first || tensor.constant != nullptr) continue;
    const auto bytes = bytes_of(tensor.type);
    if (!bytes) peak.complete = false;
    const auto first = static_cast<std::size_t>(lives[i].first);
    const auto past = static_cast<std::size_t>(lives[i].last) + 1;
    change[first] = saturating_add(change[first], bytes.value_or(0));
    change[past] = saturating_add(change[past], -bytes.value_or(0));
  }
  std::int64_t alive = 0;
  for (std::size_t step = 0; step < graph.nodes().size(); ++step) {
    alive = saturating_add(alive, change[step]);
    const Bytes now = Bytes{alive} + body_peak(graph.nodes()[step], alias, peak.complete);
    if (peak.at && now <= peak.bytes) continue;
    peak.bytes = now;
    peak.at = NodeId{static_cast<std::uint32_t>(step)};
  }
  if (!peak.at) return peak;
  const auto at = static_cast<std::ptrdiff_t>(index(*peak.at));
  for (std::size_t i = 0; i < lives.size(); ++i) {
    if (graph.tensors()[i].constant == nullptr && lives[i].first <= at && at <= lives[i].last) {
      peak.alive.push_back(TensorId{static_cast<std::uint32_t>(i)});
    }
  }
  std::stable_sort(peak.alive.begin(), peak.alive.end(), [&](TensorId a, TensorId b) {
    return bytes_of(graph[a].type).value_or(0) > bytes_of(graph[b].type).value_or(0);
  });
  return peak;
}

}  // namespace foretime::analysis
