#include "predictors/annette/estimate.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/error.h"

namespace foretime::annette {
namespace {

double divided(double number, double by, const MappedLayer& layer) {
  if (by == 0) throw Error(std::string(layer.name), "ANNETTE divides by zero for this layer");
  return number / by;
}

/// How much of the device works along a dimension of that size. `replicates`: a small size is computed
/// several times side by side, so that nothing is lost.
double efficiency(const Parallelism& along, std::int64_t size, bool replicates, const MappedLayer& layer) {
  if (!along.par) return 1;
  const double par = *along.par;
  const auto x = static_cast<double>(size);
  double part = 1;
  if (par >= 1 && !(x < par && replicates)) part = divided(x, std::ceil(x / par) * par, layer);
  if (!along.alpha) return part;
  return divided(1, (1 - *along.alpha) + divided(1, part, layer) * *along.alpha, layer);
}

/// The sizes that count, by Dimension; height and width change places between conv and convpool.
std::array<std::int64_t, kDimensions> sizes_for(Formula formula, const MappedLayer& layer) {
  const auto out = [&](std::size_t place) { return size_at(layer, layer.output_shape, place); };
  const auto in = [&](std::size_t place) { return size_at(layer, layer.input_shape, place); };
  const auto kernel = [&](std::size_t place) { return size_at(layer, layer.kernel_shape, place); };
  switch (formula) {
    case Formula::conv:
      return {out(2), out(1), kernel(2), kernel(3)};
    case Formula::conv_pool:
      return {out(1), out(2), kernel(2), kernel(3)};
    case Formula::pool:
      return {out(2), out(1), in(3), out(3)};
    default:
      return {1, 1, in(1), out(1)};
  }
}

bool refines(Formula formula) {
  return formula == Formula::conv || formula == Formula::conv_pool || formula == Formula::pool ||
         formula == Formula::fully_connected;
}

void refine(Formula formula, const LayerEntry& entry, LayerEstimate& estimate) {
  const MappedLayer& layer = *estimate.layer;
  const std::array<std::int64_t, kDimensions> sizes = sizes_for(formula, layer);
  const std::size_t first = formula == Formula::fully_connected ? 2 : 0;
  std::array<double, kDimensions> all = {1, 1, 1, 1};
  for (std::size_t i = first; i < kDimensions; ++i) {
    all[i] = efficiency(entry.parallelism[i], sizes[i], formula != Formula::conv_pool, layer);
  }
  estimate.efficiencies = all;
  estimate.efficiency = all[0] * all[1] * all[2] * all[3];
  if (estimate.op_roof_s > estimate.data_roof_s) {
    estimate.time_ms = divided(estimate.time_ms, estimate.efficiency, layer);
  }
}

}  // namespace

LayerEstimate estimate_layer(const Network& network, const MappedLayer& layer, Formula formula,
                             const LayerEntry& entry) {
  LayerEstimate estimate;
  estimate.layer = &layer;
  estimate.by_base = entry.layer_type != layer.type;
  estimate.counts = counts_of(formula, network, layer);
  const Counts& counts = estimate.counts;
  const double activations = static_cast<double>(counts.num_outputs) + static_cast<double>(counts.num_inputs);
  estimate.data_bytes =
      (activations * entry.bit_act + static_cast<double>(counts.num_weights) * entry.bit_weights) / 8;
  estimate.data_roof_s = divided(estimate.data_bytes, entry.bytes_per_s, layer);
  estimate.op_roof_s = divided(static_cast<double>(counts.num_ops), entry.ops_per_s, layer);
  estimate.time_ms = std::max(estimate.op_roof_s, estimate.data_roof_s) * 1000;
  if (entry.refined && refines(formula)) refine(formula, entry, estimate);
  return estimate;
}

NetworkEstimate estimate(const Network& network, const LayerModel& model) {
  // A network has a dozen types: what prices each is looked up once.
  struct Priced {
    std::string_view type;
    const LayerEntry* entry;
    Formula formula;
  };
  std::vector<Priced> types;
  NetworkEstimate result;
  result.layers.reserve(network.order.size());
  for (const std::size_t place : network.order) {
    const MappedLayer& layer = network.layers[place];
    auto priced =
        std::find_if(types.begin(), types.end(), [&](const Priced& each) { return each.type == layer.type; });
    if (priced == types.end()) {
      const LayerEntry& entry = model.entry_for(layer.type);
      types.push_back({layer.type, &entry, formula_of(entry.layer_type)});
      priced = types.end() - 1;
    }
    result.layers.push_back(estimate_layer(network, layer, priced->formula, *priced->entry));
    result.total_ms += result.layers.back().time_ms;
  }
  return result;
}

}  // namespace foretime::annette
