#include "predictors/annette/layer_model.h"

#include <utility>

#include "base/error.h"

namespace foretime::annette {

LayerModel::LayerModel(std::string name, std::vector<LayerEntry> entries)
    : name_(std::move(name)), entries_(std::move(entries)) {
  for (std::size_t i = 0; i < entries_.size(); ++i) places_[entries_[i].layer_type] = i;
  const auto base = places_.find("Base");
  if (base == places_.end())
    throw Error(name_, "has no entry 'Base', which prices all types without an entry");
  base_ = base->second;
}

const LayerEntry& LayerModel::entry_for(std::string_view type) const {
  const auto found = places_.find(std::string(type));
  return entries_[found == places_.end() ? base_ : found->second];
}

}  // namespace foretime::annette
