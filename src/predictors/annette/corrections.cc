#include "predictors/annette/corrections.h"

#include <algorithm>
#include <map>

#include "base/checked.h"
#include "base/error.h"

namespace foretime::annette {
namespace {

/// One sort of mistake, over all layers.
struct Sort {
  std::size_t layers = 0;
  double effect_ms = 0;
  std::string_view first;
};

class Corrector {
 public:
  Corrector(const Network& network, const NetworkEstimate& estimate, const LayerModel& model)
      : network_(network), estimate_(estimate), model_(model) {}

  std::vector<Correction> run() {
    find_lost();
    for (const LayerEstimate& layer : estimate_.layers) look_at(layer);
    for (const auto& [what, sort] : sorts_) {
      found_.push_back({what.first, std::to_string(sort.layers) + " layers: " + what.second,
                        std::string(sort.first), sort.effect_ms});
    }
    return std::move(found_);
  }

 private:
  void find_lost() {
    std::vector<int> times(network_.layers.size());
    for (const std::size_t place : network_.order) ++times[place];
    for (std::size_t i = 0; i < times.size(); ++i) {
      const MappedLayer& layer = network_.layers[i];
      if (layer.gone || times[i] == 1) continue;
      const double time =
          time_of(layer, formula_of(model_.entry_for(layer.type).layer_type), model_.entry_for(layer.type));
      if (times[i] == 0) {
        found_.push_back({"annette-dropped",
                          "ANNETTE does not reach this layer, as no other lists it as a child",
                          std::string(layer.name), time});
      } else {
        found_.push_back({"annette-counted-twice",
                          "ANNETTE counts this layer " + std::to_string(times[i]) + " times",
                          std::string(layer.name), -time * (times[i] - 1)});
      }
    }
  }

  /// 0 where its sizes are not known.
  double time_of(const MappedLayer& layer, Formula formula, const LayerEntry& entry) const {
    try {
      return estimate_layer(network_, layer, formula, entry).time_ms;
    } catch (const Error&) {
      return 0;
    }
  }

  void note(const char* code, const std::string& what, const MappedLayer& layer, double effect_ms) {
    Sort& sort = sorts_[{code, what}];
    if (sort.layers++ == 0) sort.first = layer.name;
    sort.effect_ms += effect_ms;
  }

  void look_at(const LayerEstimate& estimate) {
    const MappedLayer& layer = *estimate.layer;
    const Formula formula = formula_of(layer.type);
    if (estimate.data_bytes < 0) {
      note("annette-negative", "sizes that are not known (-1) make negative counts", layer, 0);
    } else if (estimate.by_base && formula != Formula::base && formula != Formula::input) {
      note("annette-unmodelled",
           model_.name() + " has no entry for " + std::string(layer.type) +
               ", so that its operations cost nothing",
           layer, whole_time(layer, formula) - estimate.time_ms);
    } else if (layer.type == "Concat") {
      look_at_concat(estimate);
    } else if (layer.type == "ConvTranspose" && !estimate.by_base) {
      look_at_transposed(estimate);
    }
  }

  /// Priced as a convolution, and the pooling as one; other types by their own formula at the base's rates.
  double whole_time(const MappedLayer& layer, Formula formula) const {
    if (formula != Formula::conv_pool)
      return time_of(layer, formula, model_.entry_for(formula == Formula::conv ? "Conv" : layer.type));
    const MappedLayer* pool = network_.fused(layer, "Pool");
    const double pooled = pool == nullptr ? 0 : time_of(*pool, Formula::pool, model_.entry_for("Pool"));
    return time_of(layer, Formula::conv, model_.entry_for("Conv")) + pooled;
  }

  /// Only the first input's bytes are counted.
  void look_at_concat(const LayerEstimate& estimate) {
    const auto place = static_cast<std::size_t>(estimate.layer - network_.layers.data());
    double read = 0;
    for (const std::uint32_t parent : network_.edges.parents[place]) {
      if (parent == kNoLayer) return;
      const auto* sizes = network_.layers[parent].output_shape == nullptr
                              ? nullptr
                              : network_.layers[parent].output_shape->as<Integers>();
      if (sizes == nullptr || sizes->size() < 2) return;
      std::int64_t elements = 1;
      for (std::size_t i = 1; i < sizes->size(); ++i) elements = saturating_mul(elements, (*sizes)[i]);
      read += static_cast<double>(elements);
    }
    const LayerEntry& entry = model_.entry_for(estimate.layer->type);
    const double more = read - static_cast<double>(estimate.counts.num_inputs);
    if (more <= 0 || entry.bytes_per_s <= 0) return;
    note("annette-concat", "only the first input of a Concat is read", *estimate.layer,
         more * entry.bit_act / 8 / entry.bytes_per_s * 1000);
  }

  /// Operations are counted for each output, as if strides were 1.
  void look_at_transposed(const LayerEstimate& estimate) {
    const auto* in =
        estimate.layer->input_shape == nullptr ? nullptr : estimate.layer->input_shape->as<Integers>();
    const auto* out =
        estimate.layer->output_shape == nullptr ? nullptr : estimate.layer->output_shape->as<Integers>();
    if (in == nullptr || out == nullptr || in->size() != 4 || out->size() != 4) return;
    const double before = static_cast<double>((*out)[1]) * static_cast<double>((*out)[2]);
    const double after = static_cast<double>((*in)[1]) * static_cast<double>((*in)[2]);
    if (before <= 0 || after <= 0) return;
    const double time = std::max(estimate.op_roof_s * after / before, estimate.data_roof_s) * 1000;
    note("annette-transposed", "operations of a ConvTranspose are counted by its output", *estimate.layer,
         time - estimate.time_ms);
  }

  const Network& network_;
  const NetworkEstimate& estimate_;
  const LayerModel& model_;
  std::vector<Correction> found_;
  std::map<std::pair<std::string, std::string>, Sort> sorts_;  // by code and message
};

}  // namespace

std::vector<Correction> corrections(const Network& network, const NetworkEstimate& estimate,
                                    const LayerModel& model) {
  return Corrector(network, estimate, model).run();
}

}  // namespace foretime::annette
