#include "device/device_profile.h"

#include <algorithm>
#include <array>

namespace foretime {
namespace {

constexpr std::array kClasses{
    KernelClass{"conv", "convolution over all input channels, with whatever is fused into it"},
    KernelClass{"depthwise_conv", "convolution of each channel by itself"},
    KernelClass{"conv_transpose", "transposed convolution"},
    KernelClass{"gemm", "fully connected layer or matrix product"},
    KernelClass{"recurrent", "LSTM, GRU, RNN"},
    KernelClass{"pool",
                "pooling over a window or over the whole image; one operation per element of a window"},
    KernelClass{"reduce", "sum, mean, maximum over axes"},
    KernelClass{"normalization", "batch, layer, instance or group normalisation that runs by itself"},
    KernelClass{"softmax", "softmax and log-softmax"},
    KernelClass{"elementwise", "a few cheap operations per element: addition, product, ReLU, clipping"},
    KernelClass{"transcendental", "exp, log, tanh, sigmoid, erf of each element"},
    KernelClass{"data_movement", "moves or copies elements: concatenation, transposition, padding, resizing"},
    KernelClass{"other", "anything else"},
};

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

std::span<const KernelClass> kernel_classes() {
  return kClasses;
}

KernelRates rates_of(const Roofline& roofline, std::string_view kernel_class) {
  KernelRates rates{roofline.peak_ops_per_s, roofline.peak_bytes_per_s, roofline.kernel_overhead_ms};
  const auto found = roofline.classes.find(kernel_class);
  if (found == roofline.classes.end()) return rates;
  rates.ops_per_s = found->second.ops_per_s.value_or(rates.ops_per_s);
  rates.bytes_per_s = found->second.bytes_per_s.value_or(rates.bytes_per_s);
  rates.overhead_ms = found->second.overhead_ms.value_or(rates.overhead_ms);
  return rates;
}

bool is_profile_id(std::string_view id) {
  constexpr std::size_t kLongest = 64;
  if (id.empty() || id.size() > kLongest || !is_alphanumeric(id[0])) return false;
  return std::all_of(id.begin(), id.end(),
                     [](char c) { return is_alphanumeric(c) || c == '.' || c == '_' || c == '-'; });
}

}  // namespace foretime
