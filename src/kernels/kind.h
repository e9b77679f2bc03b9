#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace foretime {

/// What a kernel does, as far as its price is concerned. The numbers are a feature of learnt models: new
/// kinds go to the end.
enum class Kind : std::uint8_t {
  none,  // costs nothing
  conv,
  depthwise_conv,
  conv_transpose,
  gemm,    // a weight matrix times activations
  matmul,  // activations times activations
  max_pool,
  average_pool,
  global_pool,
  concat,
  split,
  transpose,
  reshape,
  elementwise,
  broadcast,  // an elementwise operator whose operands differ in size
  normalization,
  softmax,
  reduce,
  recurrent,
  transcendental,
  data_movement,
  other,
};

struct KindInfo {
  Kind kind;
  std::string_view name;
  std::string_view kernel_class;  // of device/device_profile.h
};

/// All of them, in the order of their numbers.
std::span<const KindInfo> kinds();
const KindInfo& info(Kind kind);

/// Arithmetic fused into a kernel, or its own if it is elementwise; bits.
enum Activation : std::uint8_t {
  kRelu = 1,  // and what is as cheap: clipping, PRelu, LeakyRelu
  kHardSwish = 2,
  kHardSigmoid = 4,
  kTranscendental = 8,  // sigmoid, tanh, SiLU, GELU, …
};

}  // namespace foretime
