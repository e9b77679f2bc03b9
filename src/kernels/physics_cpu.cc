// A CPU core that multiplies matrices in panels of 8×8 (TFLite's Ruy and Eigen paths, XNNPACK, MLAS alike):
// convolutions other than 1×1 first copy their windows into a matrix ("im2col"). Memory is counted in numbers
// moved, and a launch costs about what moving 2,000 numbers does.

#include <algorithm>
#include <array>

#include "kernels/physics.h"
#include "kernels/quantities.h"

namespace foretime {
namespace {

constexpr double kPanel = 8;
constexpr double kLaunch = 2000;  // numbers moved

double one(Config) {
  return 1;
}
/// Multiply-accumulates with both sides of the product rounded up to whole panels.
double padded_macs(Config c) {
  const double rows = tiles(positions(c), kPanel) * kPanel;
  const double columns = tiles(static_cast<double>(c.channels) / c.groups, kPanel) * kPanel * c.groups;
  return rows * columns * depth(c) * window(c);
}
double im2col(Config c) {
  return positions(c) * c.in_channels * window(c);
}
bool is_pointwise(Config c) {
  return c.kernel_height == 1 && c.kernel_width == 1 && c.stride == 1;
}

constexpr std::array kConv1x1{
    PhysicsColumn{"launch", 'M', kLaunch, one}, PhysicsColumn{"macs", 'W', 1, padded_macs},
    PhysicsColumn{"in", 'M', 1, in_elements}, PhysicsColumn{"out", 'M', 0.5, out_elements},
    PhysicsColumn{"weights", 'M', 0.5, weights}};
constexpr std::array kConv{
    PhysicsColumn{"launch", 'M', kLaunch, one},  PhysicsColumn{"macs", 'W', 1, padded_macs},
    PhysicsColumn{"im2col", 'M', 1, im2col},     PhysicsColumn{"out", 'M', 0.5, out_elements},
    PhysicsColumn{"weights", 'M', 0.5, weights}, PhysicsColumn{"in", 'M', 0.5, in_elements}};
constexpr std::array kPoint{PhysicsColumn{"launch", 'M', kLaunch, one},
                            PhysicsColumn{"weights", 'M', 0.5, weights}};
constexpr std::array kDepthwise{
    PhysicsColumn{"launch", 'M', kLaunch, one},
    PhysicsColumn{"macs", 'W', 3.6, macs},
    PhysicsColumn{"out", 'M', 0.5, out_elements},
    PhysicsColumn{"in", 'M', 0.5, in_elements},
    PhysicsColumn{"windows", 'M', 5, [](Config c) { return positions(c) * window(c); }},
    PhysicsColumn{"strided", 'W', 0.3, [](Config c) { return c.stride > 1 ? macs(c) : 0; }}};
constexpr std::array kGemm{
    PhysicsColumn{"launch", 'M', kLaunch, one}, PhysicsColumn{"weights", 'M', 0.35, weights},
    PhysicsColumn{"macs", 'W', 1, [](Config c) { return c.matrix_rows > 1 ? padded_macs(c) : 0; }}};
constexpr std::array kPool{PhysicsColumn{"launch", 'M', kLaunch, one}, PhysicsColumn{"macs", 'W', 3, macs},
                           PhysicsColumn{"in", 'M', 1, in_elements}};
constexpr std::array kGlobalPool{PhysicsColumn{"launch", 'M', kLaunch, one},
                                 PhysicsColumn{"in", 'M', 3, in_elements}};
constexpr std::array kConcat{PhysicsColumn{"launch", 'M', kLaunch, one},
                             PhysicsColumn{"out", 'M', 1, out_elements}};
constexpr std::array kMoves{PhysicsColumn{"launch", 'M', kLaunch, one},
                            PhysicsColumn{"out", 'M', 2, out_elements}};
constexpr std::array kReshape{PhysicsColumn{"launch", 'M', 600, one},
                              PhysicsColumn{"in", 'M', 0.3, in_elements}};
constexpr std::array kElementwise{
    PhysicsColumn{"launch", 'M', kLaunch, one}, PhysicsColumn{"out", 'M', 0.3, out_elements},
    PhysicsColumn{"second", 'M', 0.4, [](Config c) { return c.inputs > 1 ? out_elements(c) : 0; }},
    PhysicsColumn{"swish", 'M', 0.3, [](Config c) { return c.activations > kRelu ? out_elements(c) : 0; }}};
// A batch normalisation alone is a product and a sum with vectors.
double passes(Config c) {
  return c.kind == Kind::normalization ? 2 : 1;
}
constexpr std::array kBroadcast{
    PhysicsColumn{"launch", 'M', kLaunch, passes},
    PhysicsColumn{"out", 'M', 1, [](Config c) { return passes(c) * out_elements(c); }}};

constexpr std::array kGroups{
    PhysicsGroup{"conv_1x1", [](Config c) { return c.kind == Kind::conv && is_pointwise(c) && !is_point(c); },
                 kConv1x1},
    PhysicsGroup{"conv", [](Config c) { return c.kind == Kind::conv && !is_pointwise(c) && !is_point(c); },
                 kConv},
    PhysicsGroup{"conv_point", [](Config c) { return c.kind == Kind::conv && is_point(c); }, kPoint},
    PhysicsGroup{"depthwise_conv", [](Config c) { return c.kind == Kind::depthwise_conv; }, kDepthwise},
    PhysicsGroup{"gemm", [](Config c) { return c.kind == Kind::gemm; }, kGemm},
    PhysicsGroup{"max_pool", [](Config c) { return c.kind == Kind::max_pool; }, kPool},
    PhysicsGroup{"average_pool", [](Config c) { return c.kind == Kind::average_pool; }, kPool},
    PhysicsGroup{"global_pool", [](Config c) { return c.kind == Kind::global_pool; }, kGlobalPool},
    PhysicsGroup{"concat", [](Config c) { return c.kind == Kind::concat; }, kConcat},
    PhysicsGroup{"split", [](Config c) { return c.kind == Kind::split; }, kMoves},
    PhysicsGroup{"transpose", [](Config c) { return c.kind == Kind::transpose; }, kMoves},
    PhysicsGroup{"reshape", [](Config c) { return c.kind == Kind::reshape; }, kReshape},
    PhysicsGroup{"elementwise", [](Config c) { return c.kind == Kind::elementwise; }, kElementwise},
    PhysicsGroup{"broadcast",
                 [](Config c) { return c.kind == Kind::broadcast || c.kind == Kind::normalization; },
                 kBroadcast},
};

}  // namespace

const Physics kCpuPhysics = {"cpu", "a CPU core that multiplies matrices in panels", 2, 4, kGroups};

}  // namespace foretime
