#pragma once

#include <algorithm>
#include <set>
#include <vector>

#include "graph/tensor.h"

namespace foretime {

/// Tells which tensors come by for the first time: a scan of the few before, or a set where there are many,
/// so that a node of a hundred thousand inputs takes no quadratic time.
class EachOnce {
 public:
  bool first_time(TensorId id) {
    constexpr std::size_t kFew = 16;
    if (std::find(few_.begin(), few_.end(), id) != few_.end()) return false;
    if (few_.size() == kFew) return many_.insert(id).second;
    few_.push_back(id);
    return true;
  }

 private:
  std::vector<TensorId> few_;
  std::set<TensorId> many_;
};

}  // namespace foretime
