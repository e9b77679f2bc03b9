#pragma once

#include <array>
#include <optional>
#include <vector>

#include "kernels/annette/network.h"
#include "predictors/annette/layer_model.h"

namespace foretime::annette {

/// What ANNETTE says of one layer.
struct LayerEstimate {
  const MappedLayer* layer = nullptr;  // of the network
  Counts counts;
  double time_ms = 0;
  double data_bytes = 0;
  double op_roof_s = 0;
  double data_roof_s = 0;
  // By Dimension, and their product; absent: the layer's entry does not refine. They count where the layer is
  // bound by operations.
  std::optional<std::array<double, kDimensions>> efficiencies;
  double efficiency = 1;
  bool by_base = false;  // no entry for its type: priced by its traffic alone
};

struct NetworkEstimate {
  std::vector<LayerEstimate> layers;  // in the order of evaluation
  double total_ms = 0;
};

/// One layer, counted by this formula and priced by this entry. Error: as for estimate().
LayerEstimate estimate_layer(const Network& network, const MappedLayer& layer, Formula formula,
                             const LayerEntry& entry);

/// In ANNETTE's order of operations, so that results are equal to the last bit.
/// Error, with where = the layer: a size that is needed is missing or a name; a division by zero.
NetworkEstimate estimate(const Network& network, const LayerModel& model);

}  // namespace foretime::annette
