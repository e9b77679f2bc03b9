// A CPU with wide vectors under a runtime that multiplies in blocks of its vectors and copies no windows
// (ONNX Runtime, OpenVINO and XNNPACK alike), for every kind of kernel there is. What "cpu" says of
// convolutions on a phone's core is another set of columns, so that profiles fitted with it stay as they are.

#include <algorithm>
#include <array>

#include "kernels/physics.h"
#include "kernels/quantities.h"

namespace foretime {
namespace {

constexpr double kVector = 16;    // numbers in a vector
constexpr double kLaunch = 2000;  // numbers moved

double one(Config) {
  return 1;
}
/// Multiply-accumulates with the output channels of each group rounded up to vectors.
double padded_macs(Config c) {
  const double channels = tiles(static_cast<double>(c.channels) / c.groups, kVector) * kVector * c.groups;
  return positions(c) * channels * depth(c) * window(c);
}
double product_macs(Config c) {
  return positions(c) * tiles(c.channels, kVector) * kVector * depth(c);
}
/// One position: every weight is read for one multiplication.
bool is_vector(Config c) {
  return positions(c) <= 1;
}
double second(Config c) {
  return static_cast<double>(c.second_elements);
}
double transposed_macs(Config c) {
  return in_elements(c) * c.channels * window(c) / c.groups;
}
double recurrent_macs(Config c) {
  return out_elements(c) * (static_cast<double>(c.in_channels) + c.width) * 4;
}

constexpr PhysicsColumn kLaunched{"launch", 'M', kLaunch, one};
constexpr PhysicsColumn kIn{"in", 'M', 0.5, in_elements};
constexpr PhysicsColumn kOut{"out", 'M', 0.5, out_elements};
constexpr PhysicsColumn kWeights{"weights", 'M', 0.5, weights};

constexpr std::array kDense{kLaunched, PhysicsColumn{"macs", 'W', 1, padded_macs}, kIn, kOut, kWeights};
constexpr std::array kDepthwise{kLaunched, PhysicsColumn{"macs", 'W', 3, macs}, kIn, kOut};
constexpr std::array kTransposed{kLaunched, PhysicsColumn{"macs", 'W', 1, transposed_macs}, kIn, kOut};
constexpr std::array kProduct{kLaunched, PhysicsColumn{"macs", 'W', 1, product_macs}, kIn, kOut, kWeights};
constexpr std::array kVectorProduct{kLaunched, kWeights};
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

constexpr std::array kGroups{
    PhysicsGroup{"conv", [](Config c) { return c.kind == Kind::conv && !is_vector(c); }, kDense},
    PhysicsGroup{"conv_vector", [](Config c) { return c.kind == Kind::conv && is_vector(c); },
                 kVectorProduct},
    PhysicsGroup{"depthwise_conv", is<Kind::depthwise_conv>, kDepthwise},
    PhysicsGroup{"conv_transpose", is<Kind::conv_transpose>, kTransposed},
    PhysicsGroup{"gemm", [](Config c) { return c.kind == Kind::gemm && !is_vector(c); }, kProduct},
    PhysicsGroup{"gemm_vector", [](Config c) { return c.kind == Kind::gemm && is_vector(c); },
                 kVectorProduct},
    PhysicsGroup{"matmul", is<Kind::matmul>, kProduct},
    PhysicsGroup{"max_pool", is<Kind::max_pool>, kPool},
    PhysicsGroup{"average_pool", is<Kind::average_pool>, kPool},
    PhysicsGroup{"global_pool", is<Kind::global_pool>, kRows},
    PhysicsGroup{"concat", is<Kind::concat>, kMoves},
    PhysicsGroup{"split", is<Kind::split>, kMoves},
    PhysicsGroup{"transpose", is<Kind::transpose>, kTranspose},
    PhysicsGroup{"reshape", is<Kind::reshape>, kReshape},
    PhysicsGroup{"elementwise", is<Kind::elementwise>, kElementwise},
    PhysicsGroup{"broadcast", is<Kind::broadcast>, kElementwise},
    PhysicsGroup{"normalization", is<Kind::normalization>, kRows},
    PhysicsGroup{"softmax", is<Kind::softmax>, kCurves},
    PhysicsGroup{"reduce", is<Kind::reduce>, kRows},
    PhysicsGroup{"recurrent", is<Kind::recurrent>, kRecurrent},
    PhysicsGroup{"transcendental", is<Kind::transcendental>, kCurves},
    PhysicsGroup{"data_movement", is<Kind::data_movement>, kMoves},
    PhysicsGroup{"other", is<Kind::other>, kAny},
};

}  // namespace

const Physics kSimdPhysics = {"simd", "a CPU with wide vectors, every kind of kernel", 2, 4, kGroups};

}  // namespace foretime
