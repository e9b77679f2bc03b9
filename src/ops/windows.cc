#include "ops/windows.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace foretime::ops {
namespace {

// Larger windows exist in no network; the bound keeps the arithmetic below from overflowing.
constexpr std::int64_t kLargest = 1 << 24;

std::vector<std::int64_t> checked(const Attributes& attributes, const char* name, std::size_t length,
                                  std::int64_t otherwise, std::int64_t smallest) {
  std::vector<std::int64_t> values = attributes.integers(name);
  if (values.empty()) return std::vector<std::int64_t>(length, otherwise);
  if (values.size() != length) {
    throw Error("attribute " + std::string(name), "has " + std::to_string(values.size()) + " values",
                std::to_string(length));
  }
  for (const std::int64_t value : values) {
    if (value < smallest || value > kLargest) {
      throw Error("attribute " + std::string(name), "has the value " + std::to_string(value),
                  std::to_string(smallest) + " to " + std::to_string(kLargest));
    }
  }
  return values;
}

}  // namespace

Windows Windows::read(const Attributes& attributes, std::vector<std::int64_t> kernel, std::size_t rank) {
  Windows windows;
  windows.kernel = checked(attributes, "kernel_shape", rank, 1, 1);
  if (!attributes.has("kernel_shape") && !kernel.empty()) windows.kernel = std::move(kernel);
  for (std::int64_t& size : windows.kernel) size = std::clamp<std::int64_t>(size, 0, kLargest);
  windows.strides = checked(attributes, "strides", rank, 1, 1);
  windows.dilations = checked(attributes, "dilations", rank, 1, 1);
  windows.pads = checked(attributes, "pads", 2 * rank, 0, -kLargest);
  windows.auto_pad = attributes.text("auto_pad", "NOTSET");
  return windows;
}

Dim Windows::count(const Dim& size, std::size_t axis) const {
  const std::int64_t stride = strides[axis];
  if (auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER") return floor_div(size + Dim(stride - 1), stride);
  const std::int64_t padding = auto_pad == "VALID" ? 0 : pads[axis] + pads[axis + kernel.size()];
  const Dim room = size + Dim(padding - extent(axis));
  if (room.upper() < 0) {
    throw Error("", "a window of " + std::to_string(extent(axis)) + " does not fit into " + to_string(size) +
                        " padded by " + std::to_string(padding));
  }
  return max(floor_div(room, stride) + 1, 0);
}

}  // namespace foretime::ops
