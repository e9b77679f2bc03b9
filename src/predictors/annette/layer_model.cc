#include "predictors/annette/layer_model.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace foretime::annette {

LayerModel::LayerModel(std::string name, std::vector<LayerEntry> entries)
    : name_(std::move(name)), entries_(std::move(entries)) {
  const LayerEntry* base = find("Base");
  if (base == nullptr) throw Error(name_, "has no entry 'Base', which prices all types without an entry");
  base_ = static_cast<std::size_t>(base - entries_.data());
}

const LayerEntry* LayerModel::find(std::string_view type) const {
  const auto found = std::find_if(entries_.rbegin(), entries_.rend(),
                                  [&](const LayerEntry& entry) { return entry.layer_type == type; });
  return found == entries_.rend() ? nullptr : &*found;
}

const LayerEntry& LayerModel::entry_for(std::string_view type) const {
  const LayerEntry* found = find(type);
  return found == nullptr ? entries_[base_] : *found;
}

}  // namespace foretime::annette
