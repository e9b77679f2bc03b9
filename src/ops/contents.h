#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "graph/graph.h"
#include "ops/value.h"

namespace foretime::ops {

/// What is known of the contents of a graph's tensors. Those of a constant are read when somebody asks for
/// them, and kept: most constants are weights, into which nobody looks. REQUIRES: the tensors live as long;
/// one thread at a time asks.
class Contents {
 public:
  Contents() = default;
  explicit Contents(std::span<const Tensor> tensors) : tensors_(tensors), values_(tensors.size()) {}

  /// Null: not known, or more than kMostElements.
  const ValuePtr& operator[](std::size_t tensor) const;
  void set(std::size_t tensor, ValuePtr value) { values_[tensor] = std::move(value); }

 private:
  std::span<const Tensor> tensors_;
  mutable std::vector<ValuePtr> values_;
};

}  // namespace foretime::ops
