#pragma once

// Functional calls: what a forward method does outside of its modules. Each appends ONNX nodes to the network
// of its first argument. Axes may be negative, counted from the end.

#include <cstdint>
#include <string_view>
#include <vector>

#include "zoo/network.h"

namespace foretime::zoo {

enum class Activation : std::uint8_t {
  none,
  relu,
  relu6,
  leaky_relu,  // slope 0.1, darknet's
  hardswish,
  hardsigmoid,
  sigmoid,
  silu,
  gelu,
  gelu_tanh,
  tanh,
};

/// `none` returns its argument.
Value activate(const Value& x, Activation activation);

// With broadcasting.
Value add(const Value& a, const Value& b);
Value mul(const Value& a, const Value& b);
Value div(const Value& a, const Value& b);
Value where(const Value& condition, const Value& a, const Value& b);

Value matmul(const Value& a, const Value& b);
Value softmax(const Value& x, int axis);

Value concat(const std::vector<Value>& parts, int axis);
/// Parts of these sizes along the axis.
std::vector<Value> split(const Value& x, int axis, const std::vector<std::int64_t>& parts);
std::vector<Value> halves(const Value& x, int axis);
Value slice(const Value& x, int axis, std::int64_t start, std::int64_t end, std::int64_t step = 1);
/// Cyclic shift by `by` places towards the end.
Value roll(const Value& x, int axis, std::int64_t by);
/// Rows of `table` by index; the index's sizes replace the table's first.
Value gather(const Value& table, const Value& index);
/// Element `index` of the axis, which goes away.
Value pick(const Value& x, int axis, std::int64_t index);

Value reshape(const Value& x, Sizes sizes);
Value transpose(const Value& x, const std::vector<std::int64_t>& order);
Value expand(const Value& x, Sizes sizes);
/// Keeps the first axis and joins the others.
Value flatten(const Value& x);

/// Mean over the last two axes, which go away.
Value spatial_mean(const Value& x);
Value global_average_pool(const Value& x);
/// Zeros around an axis.
Value pad(const Value& x, int axis, std::int64_t before, std::int64_t after);
/// Bilinear, or cubic, corners not aligned.
Value resize(const Value& x, std::int64_t height, std::int64_t width, const std::string& mode = "linear");
/// Every pixel repeated.
Value upsample(const Value& x, std::int64_t factor);
/// Every pixel divided by the length of its vector of channels.
Value normalize_channels(const Value& x);

}  // namespace foretime::zoo
