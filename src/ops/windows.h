#pragma once

// Arithmetic of sliding windows, shared by convolution and pooling.

#include <cstdint>
#include <string_view>
#include <vector>

#include "graph/attribute.h"
#include "graph/dim.h"

namespace foretime::ops {

/// How windows lie over `rank` spatial axes, from a node's attributes. Error: lists of the wrong length, or
/// values no window can have.
struct Windows {
  std::vector<std::int64_t> kernel;
  std::vector<std::int64_t> strides;
  std::vector<std::int64_t> dilations;
  std::vector<std::int64_t> pads;  // all begins, then all ends
  std::string auto_pad;            // NOTSET, SAME_UPPER, SAME_LOWER or VALID

  /// `kernel_shape` of the attributes wins over `kernel`.
  static Windows read(const Attributes& attributes, std::vector<std::int64_t> kernel, std::size_t rank);

  /// Extent of the dilated kernel along an axis.
  std::int64_t extent(std::size_t axis) const { return (kernel[axis] - 1) * dilations[axis] + 1; }
  /// Number of windows along an axis of this size: ⌊(size + pads − extent)/stride⌋ + 1, or ⌈size/stride⌉ for
  /// SAME.
  Dim count(const Dim& size, std::size_t axis) const;
};

}  // namespace foretime::ops
