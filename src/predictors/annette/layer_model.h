#pragma once

// ANNETTE's layer models: what a layer costs by its type. docs/annette.md says where they go wrong.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/annette/counts.h"

namespace foretime::annette {

/// Along one dimension the device computes `par` elements at once; `alpha` says how much of the loss shows.
struct Parallelism {
  std::optional<double> par;    // elements
  std::optional<double> alpha;  // 0 … 1
};

enum class Dimension : std::uint8_t { h, w, c, f };  // height, width, channels in, filters (channels out)
constexpr std::size_t kDimensions = 4;

/// The regressor of an entry of est_type statistical or mixed, a pickle of scikit-learn.
struct EstimatorEntry {
  /// One number it reads: a quantity by name (num_ops, h_mod, …), an element of an attribute, or a constant.
  struct Input {
    std::string name;  // empty: a constant
    std::optional<std::int64_t> index;
    double minus = 0;
    double constant = 0;
  };

  std::string file;  // est_model
  std::vector<Input> inputs;
  bool mixed = false;
  bool seconds_per_op = false;  // y_val "s/ops", in ns; else "ops/s"
};

/// How layers of one type are priced.
struct LayerEntry {
  std::string layer_type;
  double ops_per_s = 0;    // operations per second; a multiply-accumulate is two
  double bytes_per_s = 0;  // bytes per second
  double bit_act = 8;      // bits of an activation, and of a weight
  double bit_weights = 8;
  bool refined = false;
  std::array<Parallelism, kDimensions> parallelism;        // by Dimension
  std::optional<EstimatorEntry> estimator = std::nullopt;  // before the roofline
};

/// A layer model: entries by type, and one for all others.
class LayerModel {
 public:
  /// Of two entries of one type the last counts. Error, with where = `name`: there is no entry "Base".
  LayerModel(std::string name, std::vector<LayerEntry> entries);

  const std::string& name() const { return name_; }
  /// The entry of that type, or else Base.
  const LayerEntry& entry_for(std::string_view type) const;

 private:
  const LayerEntry* find(std::string_view type) const;

  std::string name_;
  std::vector<LayerEntry> entries_;  // a dozen: looked through
  std::size_t base_ = 0;
};

/// Names of the layer models that are built in.
std::vector<std::string> layer_models();
/// Error: none of that name; one that needs estimators that were never published.
LayerModel layer_model_for(std::string_view name);

/// What a layer model in ANNETTE's JSON holds, in its order.
struct LayerEntries {
  std::string name;
  std::vector<LayerEntry> entries;
};
/// The text is a JSON object that may be a layer model: it has an entry "Base".
bool is_layer_model(std::string_view text);
/// Error, with where = "origin" or "origin: ENTRY": the text is no layer model.
LayerEntries layer_entries_of_json(std::string_view text, const std::string& origin);

/// The same, to estimate with. Error: as above; an entry asks an estimator (`statistical`, `mixed`), which is
/// a pickle of scikit-learn.
LayerModel layer_model_of_json(std::string_view text, const std::string& origin);

}  // namespace foretime::annette
