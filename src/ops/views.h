#pragma once

// Views: how everybody downstream looks at a node. They read a graph whose types are inferred, take named
// sizes at their upper bound, and hide where an operator keeps its axes, so that costs and kernels never look
// at raw layouts.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>

#include "base/small_vector.h"
#include "base/units.h"
#include "graph/graph.h"

namespace foretime::ops {

/// Sizes of a tensor, hardly ever more than six.
using Sizes = SmallVector<std::int64_t, 6>;

/// Product of sizes; saturates.
std::int64_t product(std::span<const std::int64_t> sizes);
inline std::int64_t product(std::initializer_list<std::int64_t> sizes) {
  return product(std::span(sizes.begin(), sizes.size()));
}

/// Sizes of the node's input or output, names at their upper bound; absent when unknown or without bound.
std::optional<Sizes> input_sizes(const Graph& graph, const Node& node, std::size_t input);
std::optional<Sizes> output_sizes(const Graph& graph, const Node& node, std::size_t output);
/// Number of elements; absent when unknown or without bound.
std::optional<std::int64_t> input_elements(const Graph& graph, const Node& node, std::size_t input);
std::optional<std::int64_t> output_elements(const Graph& graph, const Node& node, std::size_t output);

bool has_input(const Node& node, std::size_t input);

/// A convolution of any number of spatial dimensions, plain or transposed. Sizes run over spatial dimensions.
struct ConvView {
  bool transposed = false;
  std::int64_t batch = 1;
  std::int64_t in_channels = 1;
  std::int64_t out_channels = 1;
  std::int64_t groups = 1;
  Sizes input;
  Sizes output;
  Sizes kernel;
  Sizes strides;
  Sizes dilations;
  bool bias = false;

  /// batch · ∏output · out_channels · in_channels/groups · ∏kernel; transposed: the input's positions
  /// instead.
  Macs macs() const;
  bool depthwise() const { return groups > 1 && groups == in_channels; }
};
/// By its operator alone.
bool is_conv(const Node& node);
/// Absent when the node is no convolution, or its sizes are not known.
std::optional<ConvView> conv_view(const Graph& graph, const Node& node);

/// Pooling over windows (or, with an empty kernel, over everything).
struct PoolView {
  std::int64_t batch = 1;
  std::int64_t channels = 1;
  Sizes input;
  Sizes output;
  Sizes kernel;
  Sizes strides;
};
std::optional<PoolView> pool_view(const Graph& graph, const Node& node);

/// batch products of an m×k by a k×n matrix.
struct GemmView {
  std::int64_t batch = 1;
  std::int64_t m = 1;
  std::int64_t k = 1;
  std::int64_t n = 1;
  bool bias = false;

  Macs macs() const;
};
/// By its operator alone.
bool is_gemm(const Node& node);
/// MatMul, Gemm and their fused and quantised forms.
std::optional<GemmView> gemm_view(const Graph& graph, const Node& node);

}  // namespace foretime::ops
