// A CPU with wide vectors under a runtime that multiplies in blocks of its vectors and copies no windows
// (ONNX Runtime, OpenVINO and XNNPACK alike), for every kind of kernel there is. What "cpu" says of
// convolutions on a phone's core is another set of columns, so that profiles fitted with it stay as they are.

#include <algorithm>
#include <array>

#include "kernels/operators.h"
#include "kernels/physics.h"
#include "kernels/quantities.h"

namespace foretime {
namespace {

constexpr double kVector = 16;    // numbers in a vector
constexpr double kLaunch = 2000;  // numbers moved

double one(Config) {
  return 1;
}
/// All threads work at the same time.
double shared(Config c, double work) {
  return work / c.threads;
}
/// Of a window's taps, those that fall on the image.
double inside(Config c) {
  return covered_rows(c) * covered_columns(c);
}
/// Runtimes that keep images in blocks of channels do so where whole blocks can be made: ONNX Runtime with
/// AVX2 in eights.
constexpr int kBlock = 8;
bool is_blocked(Config c) {
  if (c.channels / c.groups % kBlock != 0 && c.kind != Kind::depthwise_conv) return false;
  const int in = c.in_channels / c.groups;
  return c.kind == Kind::conv ? in % kBlock == 0 || (c.groups == 1 && in < kBlock) : c.channels % kBlock == 0;
}
/// Multiply-accumulates with the output channels of each group rounded up to vectors.
double padded_macs(Config c) {
  const double channels = tiles(static_cast<double>(c.channels) / c.groups, kVector) * kVector * c.groups;
  return shared(c, positions(c) * channels * depth(c) * window(c));
}
double inside_macs(Config c) {
  return padded_macs(c) * inside(c);
}
/// Of taps beside the image.
double beside_macs(Config c) {
  return padded_macs(c) * (1 - inside(c));
}
double depthwise_inside(Config c) {
  return shared(c, macs(c) * inside(c));
}
double depthwise_beside(Config c) {
  return shared(c, macs(c) * (1 - inside(c)));
}
double product_macs(Config c) {
  return shared(c, positions(c) * tiles(c.channels, kVector) * kVector * depth(c));
}
/// Weights that are no longer in a cache when the next run asks for them.
double cold_weights(Config c) {
  constexpr double kCache = 4096;  // KiB
  return weights(c) * c.run_kilobytes / (c.run_kilobytes + kCache);
}
/// One position: every weight is read for one multiplication.
bool is_vector(Config c) {
  return positions(c) <= 1;
}
double second(Config c) {
  return static_cast<double>(c.second_elements);
}
double transposed_macs(Config c) {
  return shared(c, in_elements(c) * c.channels * window(c) / c.groups);
}
double recurrent_macs(Config c) {
  return out_elements(c) * (static_cast<double>(c.in_channels) + c.width) * 4;
}

constexpr PhysicsColumn kLaunched{"launch", 'M', kLaunch, one};
constexpr PhysicsColumn kIn{"in", 'M', 0.5, in_elements};
constexpr PhysicsColumn kOut{"out", 'M', 0.5, out_elements};
constexpr PhysicsColumn kWeights{"weights", 'M', 0.5, weights};
constexpr PhysicsColumn kColdWeights{"cold_weights", 'M', 0.5, cold_weights};

constexpr std::array kDense{kLaunched,
                            PhysicsColumn{"macs", 'W', 1, inside_macs},
                            PhysicsColumn{"beside", 'W', 0.3, beside_macs},
                            kIn,
                            kOut,
                            kWeights,
                            kColdWeights};
constexpr std::array kDepthwise{kLaunched, PhysicsColumn{"macs", 'W', 3, depthwise_inside},
                                PhysicsColumn{"beside", 'W', 1, depthwise_beside}, kIn, kOut};
constexpr std::array kTransposed{kLaunched, PhysicsColumn{"macs", 'W', 1, transposed_macs}, kIn, kOut};
constexpr std::array kProduct{kLaunched,   PhysicsColumn{"macs", 'W', 1, product_macs}, kIn, kOut, kWeights,
                              kColdWeights};
constexpr std::array kVectorProduct{kLaunched, kWeights, kColdWeights};
constexpr std::array kPool{kLaunched, PhysicsColumn{"macs", 'W', 2, macs}, kIn};
constexpr std::array kMoves{kLaunched, PhysicsColumn{"out", 'M', 1, out_elements}};
constexpr std::array kTranspose{
    kLaunched, PhysicsColumn{"rows", 'M', 1, [](Config c) { return c.keeps_inner ? out_elements(c) : 0; }},
    PhysicsColumn{"elements", 'M', 4, [](Config c) { return c.keeps_inner ? 0 : out_elements(c); }}};
constexpr std::array kReshape{PhysicsColumn{"launch", 'M', 600, one},
                              PhysicsColumn{"in", 'M', 0.1, in_elements}};
constexpr std::array kElementwise{
    kLaunched, kOut, PhysicsColumn{"second", 'M', 0.5, second},
    PhysicsColumn{"swish", 'M', 0.5, [](Config c) { return c.activations > kRelu ? out_elements(c) : 0; }}};
constexpr std::array kCurves{kLaunched, PhysicsColumn{"out", 'M', 3, out_elements}};
constexpr std::array kRows{kLaunched, PhysicsColumn{"in", 'M', 2, in_elements}};
constexpr std::array kRecurrent{
    kLaunched, PhysicsColumn{"macs", 'W', 1, recurrent_macs},
    PhysicsColumn{"steps", 'M', 4000, [](Config c) { return static_cast<double>(c.batch); }}};
constexpr std::array kAny{kLaunched, PhysicsColumn{"in", 'M', 1, in_elements},
                          PhysicsColumn{"out", 'M', 2, out_elements}};

template <Kind kind>
bool is(Config c) {
  return c.kind == kind;
}
template <Kind kind>
bool blocked(Config c) {
  return c.kind == kind && is_blocked(c);
}
template <Kind kind>
bool plain(Config c) {
  return c.kind == kind && !is_blocked(c);
}
/// By channel, not along the last axis.
bool is_batch_norm(Config c) {
  static const std::uint8_t number = operation_of("BatchNormalization");
  return c.kind == Kind::normalization && c.operation == number;
}

constexpr std::array kGroups{
    PhysicsGroup{"conv", [](Config c) { return c.kind == Kind::conv && !is_vector(c) && is_blocked(c); },
                 kDense},
    PhysicsGroup{"conv_plain",
                 [](Config c) { return c.kind == Kind::conv && !is_vector(c) && !is_blocked(c); }, kDense},
    PhysicsGroup{"conv_vector", [](Config c) { return c.kind == Kind::conv && is_vector(c); },
                 kVectorProduct},
    PhysicsGroup{"depthwise_conv", blocked<Kind::depthwise_conv>, kDepthwise},
    PhysicsGroup{"depthwise_conv_plain", plain<Kind::depthwise_conv>, kDepthwise},
    PhysicsGroup{"conv_transpose", is<Kind::conv_transpose>, kTransposed},
    PhysicsGroup{"gemm", [](Config c) { return c.kind == Kind::gemm && !is_vector(c); }, kProduct},
    PhysicsGroup{"gemm_vector", [](Config c) { return c.kind == Kind::gemm && is_vector(c); },
                 kVectorProduct},
    PhysicsGroup{"matmul", is<Kind::matmul>, kProduct},
    PhysicsGroup{"max_pool", blocked<Kind::max_pool>, kPool},
    PhysicsGroup{"max_pool_plain", plain<Kind::max_pool>, kPool},
    PhysicsGroup{"average_pool", blocked<Kind::average_pool>, kPool},
    PhysicsGroup{"average_pool_plain", plain<Kind::average_pool>, kPool},
    PhysicsGroup{"global_pool", is<Kind::global_pool>, kRows},
    PhysicsGroup{"concat", is<Kind::concat>, kMoves},
    PhysicsGroup{"split", is<Kind::split>, kMoves},
    PhysicsGroup{"transpose", is<Kind::transpose>, kTranspose},
    PhysicsGroup{"reshape", is<Kind::reshape>, kReshape},
    PhysicsGroup{"elementwise", is<Kind::elementwise>, kElementwise},
    PhysicsGroup{"broadcast", is<Kind::broadcast>, kElementwise},
    PhysicsGroup{"normalization", [](Config c) { return c.kind == Kind::normalization && !is_batch_norm(c); },
                 kRows},
    PhysicsGroup{"batch_norm", is_batch_norm, kMoves},
    PhysicsGroup{"softmax", is<Kind::softmax>, kCurves},
    PhysicsGroup{"reduce", is<Kind::reduce>, kRows},
    PhysicsGroup{"recurrent", is<Kind::recurrent>, kRecurrent},
    PhysicsGroup{"transcendental", is<Kind::transcendental>, kCurves},
    PhysicsGroup{"data_movement", is<Kind::data_movement>, kTranspose},
    PhysicsGroup{"other", is<Kind::other>, kAny},
};

/// What a run of the network touches decides what of it the next run finds in the caches.
void arrange(KernelGraph& graph, int threads) {
  double bytes = 0;
  for (const Kernel& kernel : graph.kernels) {
    if (kernel.kind() == Kind::none) continue;
    bytes += (weights(kernel.config) + out_elements(kernel.config)) * kernel.config.element_bytes;
  }
  const double kilobytes = std::min(bytes / 1024, static_cast<double>(INT32_MAX));
  for (Kernel& kernel : graph.kernels) {
    kernel.config.run_kilobytes = static_cast<std::int32_t>(kilobytes);
    kernel.config.threads = threads;
  }
}

}  // namespace

const Physics kSimdPhysics = {"simd", "a CPU with wide vectors, every kind of kernel", 2, 4, kGroups,
                              arrange};

}  // namespace foretime
