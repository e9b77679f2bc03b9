#include "calibrate/observations.h"

#include <cstring>
#include <map>
#include <numeric>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "graph/structure_hash.h"
#include "kernels/common_rules.h"
#include "predictors/additive_parameters.h"

namespace foretime {

Observation observation_of(const MeasuredNetwork& network, const MeasuredLatency& latency) {
  return {network.id,
          network.family,
          structure_hash(network.graph),
          latency.latency.value,
          latency.deviation ? latency.deviation->value : 0,
          latency.threads};
}

Observations::Observations(const ModelDesign& design)
    : design_(design),
      detector_(with_common_rules(design.fusion_rules, "fusion rules")),
      physics_(physics_named(design.physics, "physics")),
      features_(features_named(design.features, "features")) {
  problem_.features = features_.size();
  problem_.ratios = column_ratios(physics_);
  problem_.resources = column_resources(physics_);
  problem_.columns = problem_.ratios.size();
}

std::uint32_t Observations::number_of(const RooflineKernel& kernel) {
  const auto [at, fresh] = met_.try_emplace(kernel, 0);
  if (fresh) at->second = number_of_new(kernel);
  return at->second;
}

std::uint32_t Observations::number_of_new(const RooflineKernel& kernel) {
  const bool additive = design_.kind == ModelKind::additive;
  std::vector<float> row;
  append_features(features_, kernel.config, row);
  std::vector<Amount> amounts;
  if (additive) append_amounts(physics_, kernel.config, amounts);
  std::string key(row.size() * sizeof(float), '\0');
  std::memcpy(key.data(), row.data(), key.size());
  const auto add_to_key = [&](const auto& number) {
    key.append(reinterpret_cast<const char*>(&number), sizeof number);
  };
  for (const Amount& amount : amounts) {
    add_to_key(amount.column);
    add_to_key(amount.value);
  }
  if (!additive) {
    for (const std::int32_t size : dimensions_of(kernel.config)) add_to_key(size);
    add_to_key(kernel.amounts.operations);
    add_to_key(kernel.amounts.bytes);
  }
  const auto next = static_cast<std::uint32_t>(problem_.physics.size());
  const auto [at, fresh] = numbers_.try_emplace(std::move(key), next);
  if (fresh) {
    problem_.rows.insert(problem_.rows.end(), row.begin(), row.end());
    for (const Amount& amount : amounts) problem_.physics.entries.push_back({amount.column, amount.value});
    problem_.physics.close();
    kinds_.push_back(kernel.config.kind);
    cells_.push_back(cell_of(kernel.config));
    if (!additive) kernels_.push_back(kernel);
  }
  return at->second;
}

namespace {

/// No runtime leaves it out.
bool multiplies(Kind kind) {
  switch (kind) {
    case Kind::conv:
    case Kind::depthwise_conv:
    case Kind::conv_transpose:
    case Kind::gemm:
    case Kind::matmul:
    case Kind::recurrent:
      return true;
    default:
      return false;
  }
}

/// Which of our kernels does each timed group of layers stand for? The two need not agree on what is fused:
/// kernels and groups that share layers, directly or through others, are one part. What has no layers (a
/// conversion that the runtime put in) is paid by what runs next. What multiplies but has no name among the
/// groups ran as a part of what reads it.
std::vector<Observations::Cut::Part> parts_of(const KernelGraph& graph,
                                              const std::vector<TimedLayers>& timed) {
  constexpr std::uint32_t kFree = UINT32_MAX;
  std::vector<std::uint32_t> place;  // by kernel: among those that cost anything
  std::unordered_map<std::string_view, std::uint32_t> kernel_of;
  std::vector<std::string> names;
  names.reserve(graph.layers.size());
  std::uint32_t costly = 0;
  for (std::uint32_t k = 0; k < graph.kernels.size(); ++k) {
    const Kernel& kernel = graph.kernels[k];
    place.push_back(kernel.kind() == Kind::none ? kFree : costly++);
    for (const std::uint32_t layer : graph.layers_of(kernel)) {
      names.push_back(graph.network->name(layer));
      kernel_of.emplace(names.back(), k);
    }
  }
  std::vector<std::uint32_t> leader(graph.kernels.size());
  std::iota(leader.begin(), leader.end(), 0U);
  const auto find = [&](std::uint32_t k) {
    while (leader[k] != k) k = leader[k] = leader[leader[k]];
    return k;
  };
  std::vector<double> time(graph.kernels.size());
  std::vector<bool> named(graph.kernels.size());
  double waiting = 0;
  std::uint32_t last = kFree;
  for (const TimedLayers& group : timed) {
    waiting += group.latency.value;
    std::uint32_t first = kFree;
    for (const std::string& layer : group.layers) {
      const auto found = kernel_of.find(layer);
      if (found == kernel_of.end() || place[found->second] == kFree) continue;
      named[found->second] = true;
      const std::uint32_t kernel = find(found->second);
      if (first == kFree) {
        first = kernel;
      } else if (kernel != first) {
        leader[kernel] = first;
        time[first] += std::exchange(time[kernel], 0);
      }
    }
    if (first == kFree) continue;
    time[first] += std::exchange(waiting, 0);
    last = first;
  }
  if (last != kFree) time[find(last)] += waiting;
  for (const Flow& flow : graph.flows) {
    if (named[flow.from] || !multiplies(graph.kernels[flow.from].kind()) || place[flow.to] == kFree) continue;
    named[flow.from] = true;
    leader[find(flow.from)] = find(flow.to);
  }
  std::map<std::uint32_t, Observations::Cut::Part> parts;
  for (std::uint32_t k = 0; k < graph.kernels.size(); ++k) {
    const std::uint32_t first = find(k);
    if (place[k] == kFree || time[first] <= 0) continue;
    Observations::Cut::Part& part = parts[first];
    const Kernel& kernel = graph.kernels[k];
    if (part.kernels.empty()) part.what = {graph.network->name(kernel.anchor), kernel.kind()};
    part.kernels.push_back(place[k]);
  }
  std::vector<Observations::Cut::Part> list;
  for (auto& [first, part] : parts) {
    part.latency = time[first];
    list.push_back(std::move(part));
  }
  return list;
}

}  // namespace

Observations::Cut Observations::cut(const MeasuredNetwork& network, const MeasuredLatency& latency) const {
  KernelGraph graph = detector_.detect(analysis::layers(network.graph));
  const bool additive = design_.kind == ModelKind::additive;
  if (additive && physics_.arrange != nullptr) physics_.arrange(graph, latency.threads);
  Cut cut;
  for (const Kernel& kernel : graph.kernels) {
    if (kernel.kind() == Kind::none) continue;
    if (!kernel.sized) {
      throw Error(network.where, "the sizes of '" + graph.network->name(kernel.anchor) + "' are not known",
                  "a network whose inputs have sizes");
    }
    // A roofline's amounts are those of all repetitions.
    cut.kernels.emplace_back(
        RooflineKernel{kernel.config,
                       additive ? RooflineAmounts{} : amounts_of(graph, kernel, design_.precision)},
        additive ? static_cast<float>(kernel.repetitions) : 1.0F);
  }
  if (!latency.kernels.empty()) cut.parts = parts_of(graph, latency.kernels);
  if (cut.kernels.empty()) throw Error(network.where, "no layer of '" + network.id + "' costs anything");
  cut.network = observation_of(network, latency);
  return cut;
}

void Observations::add(const Cut& cut) {
  std::map<std::uint32_t, float> counts;
  for (const auto& [kernel, count] : cut.kernels) counts[number_of(kernel)] += count;
  for (const auto& [kernel, count] : counts) problem_.networks.entries.push_back({kernel, count});
  problem_.networks.close();
  problem_.latencies.push_back(cut.network.latency);
  for (const Cut::Part& part : cut.parts) {
    std::map<std::uint32_t, float> in_part;
    for (const std::uint32_t place : part.kernels) {
      const auto& [kernel, count] = cut.kernels[place];
      in_part[number_of(kernel)] += count;
    }
    for (const auto& [kernel, count] : in_part) problem_.parts.entries.push_back({kernel, count});
    problem_.parts.close();
    problem_.part_latencies.push_back(part.latency);
    parts_.push_back(part.what);
    problem_.network_of.push_back(static_cast<std::uint32_t>(networks_.size()));
  }
  networks_.push_back(cut.network);
}

}  // namespace foretime
