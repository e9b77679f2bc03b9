#include "kernels/myriad/engine.h"

#include <algorithm>

namespace foretime::myriad {
namespace {

/// Zeros that a "same" padding adds along an axis, at both ends together.
std::int64_t padding_of(bool same, std::int64_t in, std::int64_t out, std::int64_t window,
                        std::int64_t stride) {
  return same ? std::max<std::int64_t>((out - 1) * stride + window - in, 0) : 0;
}

Axis width_of(const KernelConfig& c) {
  return {c.in_width, c.width, c.kernel_width, c.stride,
          padding_of(c.same, c.in_width, c.width, c.kernel_width, c.stride) / 2};
}
Axis height_of(const KernelConfig& c) {
  return {c.in_height, c.height, c.kernel_height, c.stride,
          padding_of(c.same, c.in_height, c.height, c.kernel_height, c.stride) / 2};
}

Tiling tile_groups(const KernelConfig& config) {
  Convolution layer{width_of(config), height_of(config), config.in_channels, config.channels, false};
  const std::int64_t groups = std::max(1, config.groups);
  layer.in_channels /= groups;
  layer.out_channels /= groups;
  layer.pooled = config.fused_pool && layer.height.out % 2 == 0 && layer.width.out % 2 == 0;
  Tiling tiling = tile_convolution(layer);
  if (!tiling.possible && layer.pooled) {  // then the pooling runs by itself
    layer.pooled = false;
    tiling = tile_convolution(layer);
  }
  for (double* sum : {&tiling.descriptors, &tiling.cycles, &tiling.read, &tiling.made, &tiling.accumulated,
                      &tiling.misaligned}) {
    *sum *= static_cast<double>(groups);
  }
  return tiling;
}

Tiling tile(const KernelConfig& config) {
  switch (config.kind) {
    case Kind::conv:
      return tile_groups(config);
    case Kind::depthwise_conv:
      return tile_depthwise(
          {width_of(config), height_of(config), config.in_channels, config.channels, false});
    case Kind::gemm:
      return tile_gemm(config.in_channels, config.channels);
    case Kind::max_pool:
    case Kind::average_pool:
      return tile_pooling(width_of(config), height_of(config), config.channels);
    default:
      return {};
  }
}

}  // namespace

bool is_engine_kind(Kind kind) {
  return kind == Kind::conv || kind == Kind::depthwise_conv || kind == Kind::max_pool ||
         kind == Kind::average_pool || kind == Kind::gemm;
}

const Tiling& tiling_of(const KernelConfig& config) {
  struct Last {
    KernelConfig config;
    Tiling tiling;
  };
  thread_local Last last;
  if (last.config != config) last = {config, tile(config)};
  return last.tiling;
}

bool is_padded_oddly(const KernelConfig& config) {
  const std::int64_t all =
      padding_of(config.same, config.in_height, config.height, config.kernel_height, config.stride);
  const auto odd = [&](std::int64_t zeros) { return zeros != 0 && zeros != config.kernel_height / 2; };
  return odd(all / 2) || odd(all - all / 2);
}

}  // namespace foretime::myriad
