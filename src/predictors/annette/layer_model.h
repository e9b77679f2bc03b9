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

/// How layers of one type are priced.
struct LayerEntry {
  std::string layer_type;
  double ops_per_s = 0;    // operations per second; a multiply-accumulate is two
  double bytes_per_s = 0;  // bytes per second
  double bit_act = 8;      // bits of an activation, and of a weight
  double bit_weights = 8;
  bool refined = false;
  std::array<Parallelism, kDimensions> parallelism;  // by Dimension
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

/// A layer model as ANNETTE's JSON has it. Error, with where = "origin" or "origin: ENTRY": the text is none,
/// or needs an estimator (`statistical`, `mixed`), which is a pickle of scikit-learn.
LayerModel layer_model_of_json(std::string_view text, const std::string& origin);

}  // namespace foretime::annette
