#pragma once

// Counts of a kernel that physics and features share. Doubles: amounts are weighted and never compared.

#include <cmath>

#include "kernels/kernel_graph.h"

namespace foretime {

using Config = const KernelConfig&;

inline double tiles(double size, double tile) {
  return std::ceil(size / tile);
}
inline double in_positions(Config c) {
  return static_cast<double>(c.in_height) * c.in_width * c.batch;
}
inline double positions(Config c) {
  return static_cast<double>(c.height) * c.width * c.batch;
}
inline double window(Config c) {
  return static_cast<double>(c.kernel_height) * c.kernel_width;
}
inline double in_elements(Config c) {
  return in_positions(c) * c.in_channels;
}
inline double out_elements(Config c) {
  return positions(c) * c.channels;
}
/// Input channels that one output channel sees.
inline double depth(Config c) {
  return static_cast<double>(c.in_channels) / c.groups;
}
/// Four channels make a slice: what a GPU moves and multiplies at once.
inline double in_slices(Config c) {
  return tiles(c.in_channels, 4);
}
inline double out_slices(Config c) {
  return tiles(c.channels, 4);
}
inline bool is_dense(Config c) {
  return c.kind == Kind::conv || c.kind == Kind::gemm || c.kind == Kind::matmul;
}
inline bool is_windowed(Config c) {
  return c.kind == Kind::depthwise_conv || c.kind == Kind::max_pool || c.kind == Kind::average_pool;
}
/// A 1×1 image in and out: a matrix-vector product.
inline bool is_point(Config c) {
  return c.in_height == 1 && c.in_width == 1 && c.height == 1 && c.width == 1;
}
/// Weights of a dense kernel, or of a depthwise convolution.
inline double weights(Config c) {
  if (is_dense(c)) return static_cast<double>(c.channels) * depth(c) * window(c);
  return c.kind == Kind::depthwise_conv ? c.channels * window(c) : 0;
}
/// Multiply-accumulates; of kernels that have none, elements made.
inline double macs(Config c) {
  if (is_dense(c)) return positions(c) * weights(c);
  return out_elements(c) * (is_windowed(c) ? window(c) : 1);
}

}  // namespace foretime
