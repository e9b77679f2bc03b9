#include "kernels/kernel_graph.h"

#include <array>

#include "base/checked.h"

namespace foretime {
namespace {

void add_elements(const TensorType& type, std::int64_t& floats, std::int64_t& other_bytes) {
  if (!type.shape) return;
  const std::int64_t elements = elements_of(*type.shape);
  if (elements == kSaturated) return;
  if (is_float(type.dtype)) {
    floats = saturating_add(floats, elements);
  } else {
    other_bytes = saturating_add(other_bytes, bytes_of(type.dtype, elements));
  }
}

std::optional<ops::Work> arithmetic_of(const KernelGraph& graph, const Kernel& kernel) {
  ops::Work sum;
  for (const std::uint32_t layer : graph.layers_of(kernel)) {
    const analysis::LayerNode& at = graph.network->list[layer];
    const ops::OpSpec* spec = ops::find_spec(at.node->domain, at.node->op);
    const auto work = spec == nullptr ? std::nullopt : spec->work(*at.graph, *at.node);
    if (!work) return std::nullopt;
    sum.macs += work->macs * at.repetitions;
    sum.flops += work->flops * at.repetitions;
  }
  return sum;
}

}  // namespace

/// What enters from other kernels, what leaves, and the constants of all layers.
KernelWork work_of(const KernelGraph& graph, const Kernel& kernel) {
  KernelWork work;
  if (kernel.kind() == Kind::none) return work;
  work.arithmetic = arithmetic_of(graph, kernel);
  const std::vector<analysis::LayerNode>& layers = graph.network->list;
  const Graph& in = *layers[kernel.anchor].graph;
  const auto add = [&](TensorId id, std::int64_t& floats) {
    if (id != kNoTensor) add_elements(in[id].type, floats, work.other_bytes);
  };
  for (const TensorId read : graph.reads_of(kernel)) add(read, work.activation_elements);
  const Node& anchor = *layers[kernel.anchor].node;
  const ops::OpSpec* spec = ops::find_spec(anchor.domain, anchor.op);
  const bool gathers = spec != nullptr && spec->traffic == ops::Traffic::gathers && !anchor.outputs.empty();
  for (const std::uint32_t layer : graph.layers_of(kernel)) {
    const Node& node = *layers[layer].node;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if (node.inputs[i] == kNoTensor || in[node.inputs[i]].constant == nullptr) continue;
      add(gathers && i == 0 && !node.outputs.empty() ? node.outputs[0] : node.inputs[i],
          work.weight_elements);
    }
  }
  for (const TensorId output : layers[graph.layers_of(kernel).back()].node->outputs) {
    add(output, work.activation_elements);
  }
  for (std::int64_t* amount : {&work.activation_elements, &work.weight_elements, &work.other_bytes}) {
    *amount = saturating_mul(*amount, kernel.repetitions);
  }
  return work;
}

std::size_t KernelConfigHash::operator()(const KernelConfig& config) const {
  // Four independent chains, so that one multiplication need not wait for the other.
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15U;
  constexpr std::size_t kChains = 4;
  constexpr std::size_t kRounds = (sizeof config / sizeof(std::uint64_t) + kChains - 1) / kChains;
  std::array<std::uint64_t, kRounds * kChains> words{};
  std::memcpy(words.data(), &config, sizeof config);
  std::array<std::uint64_t, kChains> chains = {1, 2, 3, 4};
  for (std::size_t i = 0; i < words.size(); i += kChains) {
#pragma GCC unroll 4
    for (std::size_t j = 0; j < kChains; ++j) chains[j] = (chains[j] ^ words[i + j]) * kOdd;
  }
  // Products carry upwards only: what the upper halves know is brought down.
  std::uint64_t hash = 0;
  for (const std::uint64_t chain : chains) {
    hash = (hash ^ chain ^ (chain >> 32)) * kOdd;
    hash ^= hash >> 32;
  }
  return hash;
}

}  // namespace foretime
