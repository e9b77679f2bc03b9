#pragma once

// Module calls: the layers of torch.nn under their names there, each a leaf of the module tree. Weights are
// named as in a state dictionary.

#include <cstdint>
#include <optional>
#include <string_view>

#include "zoo/functions.h"
#include "zoo/network.h"

namespace foretime::zoo {

/// Height and width of a kernel or a padding; a number stands for both.
struct Window {
  std::int64_t height = 0;
  std::int64_t width = 0;
  Window(std::int64_t both) : height(both), width(both) {}  // NOLINT: sizes are written as numbers
  Window(std::int64_t h, std::int64_t w) : height(h), width(w) {}
};

struct ConvOptions {
  std::int64_t out = 0;  // channels
  Window kernel = 1;
  std::int64_t stride = 1;
  std::optional<Window> pad = std::nullopt;  // on each side; absent: keeps the size at stride 1 (odd kernels)
  bool same_upper = false;  // TensorFlow's SAME: ceil(size / stride), the odd pixel at the end
  std::int64_t groups = 1;
  std::int64_t dilation = 1;
  bool bias = false;
  std::string_view leaf_class = "Conv2d";
};

/// x: N, C, H, W, or N, C, L with leaf_class Conv1d, where kernel.width counts.
Value conv(const Value& x, std::string_view name, const ConvOptions& options);
Value batch_norm(const Value& x, std::string_view name, float epsilon = 1e-5f,
                 std::string_view leaf_class = "BatchNorm2d");
/// Under torch's name for it, or under another.
Value activation(const Value& x, std::string_view name, Activation which, std::string_view leaf_class = {});
Value relu(const Value& x, std::string_view name);

struct LinearOptions {
  bool bias = true;
  std::string_view leaf_class = "Linear";  // empty: a functional call
};
/// Over the last axis: Gemm for two axes, MatMul and Add for more.
Value linear(const Value& x, std::string_view name, std::int64_t out, const LinearOptions& options = {});

struct PoolOptions {
  Window kernel = 2;
  std::int64_t stride = 0;  // 0: as wide as the kernel
  std::int64_t pad = 0;
  bool ceil_mode = false;   // a last window may hang over the edge
  bool same_upper = false;  // as of a convolution; pad is not looked at
};
Value max_pool(const Value& x, std::string_view name, const PoolOptions& options);
/// A functional call.
Value max_pool(const Value& x, const PoolOptions& options);
Value avg_pool(const Value& x, std::string_view name, const PoolOptions& options);
/// A functional call; padding counts as zeros.
Value avg_pool(const Value& x, const PoolOptions& options);
/// Error: no pooling with one kernel and one stride gives that size.
Value adaptive_avg_pool(const Value& x, std::string_view name, std::int64_t size);

Value dropout(const Value& x, std::string_view name);
/// A module that does nothing at inference time.
Value identity(const Value& x, std::string_view name, std::string_view leaf_class = "Identity");
Value permute(const Value& x, std::string_view name, const std::vector<std::int64_t>& order);
Value flatten(const Value& x, std::string_view name);

/// Over the last axis.
Value layer_norm(const Value& x, std::string_view name, float epsilon);
/// Over the channels of an image.
Value layer_norm_2d(const Value& x, std::string_view name, float epsilon);
Value embedding(const Value& ids, std::string_view name, std::int64_t rows, std::int64_t width);

}  // namespace foretime::zoo
