#pragma once

// Counts of a kernel that physics and features share. Doubles: amounts are weighted and never compared.

#include <algorithm>
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
/// Of `kernel` taps along an axis, the share that falls on the image and not beside it, over all positions.
inline double covered(double in, double out, double kernel, double stride, double dilation) {
  constexpr double kMostTaps = 256;  // of more, so many are looked at
  const double reach = dilation * (kernel - 1) + 1;
  const double before = std::floor(std::max(0.0, (out - 1) * stride + reach - in) / 2);
  const double step = std::ceil(kernel / kMostTaps);
  double taps = 0;
  double inside = 0;
  for (double tap = 0; tap < kernel; tap += step) {
    const double shift = before - tap * dilation;  // positions o with 0 ≤ o · stride − shift < in
    const double first = std::max(0.0, std::ceil(shift / stride));
    const double last = std::min(out - 1, std::ceil((in + shift) / stride) - 1);
    inside += std::max(0.0, last - first + 1);
    taps += out;
  }
  return taps > 0 ? inside / taps : 1;
}
inline double covered_rows(Config c) {
  return covered(c.in_height, c.height, c.kernel_height, c.stride, c.dilation);
}
inline double covered_columns(Config c) {
  return covered(c.in_width, c.width, c.kernel_width, c.stride, c.dilation);
}
/// Multiply-accumulates; of kernels that have none, elements made.
inline double macs(Config c) {
  if (is_dense(c)) return positions(c) * weights(c);
  return out_elements(c) * (is_windowed(c) ? window(c) : 1);
}

/// To a whole number of times its size.
inline bool resizes_evenly(Config c) {
  return c.in_height > 0 && c.in_width > 0 && c.height % c.in_height == 0 && c.width % c.in_width == 0;
}

}  // namespace foretime
