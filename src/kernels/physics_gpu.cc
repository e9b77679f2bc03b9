// A mobile GPU under TFLite's OpenCL delegate: images of four-channel slices; a convolution computes tiles of
// 2×2 positions × 2 slices, each in as many steps as there are input slices and window positions. Work is
// counted in such steps over all tiles, memory in slices moved; a launch costs about 14 sequential steps.

#include <algorithm>
#include <array>

#include "kernels/physics.h"
#include "kernels/quantities.h"

namespace foretime {
namespace {

constexpr double kLaunch = 14;  // sequential steps
/// Weights of a convolution that fit the constant memory of the delegate's small kernel, bytes of fp16.
constexpr double kConstantBytes = 3584;

double one(Config) {
  return 1;
}
double in_slices_moved(Config c) {
  return in_positions(c) * in_slices(c);
}
double out_slices_moved(Config c) {
  return positions(c) * out_slices(c);
}
double steps(Config c) {
  return tiles(depth(c), 4) * window(c);
}
double work(Config c) {
  return tiles(c.height, 2) * tiles(c.width, 2) * c.batch * tiles(out_slices(c), 2) * steps(c);
}
double weight_slices(Config c) {
  return in_slices(c) * out_slices(c) * window(c) / c.groups;
}
bool is_small(Config c) {
  return c.in_channels * out_slices(c) * 4 * window(c) * 2 <= kConstantBytes && out_slices(c) <= 8;
}
bool is_image_conv(Config c) {
  return (c.kind == Kind::conv && !is_point(c)) || (c.kind == Kind::gemm && c.matrix_rows > 1);
}
/// The matrix-vector products of squeeze and excitation, behind a pooling of the whole image, or their
/// successors.
bool is_excitation(Config c) {
  return c.kind == Kind::conv && is_point(c);
}

constexpr std::array kConv{
    PhysicsColumn{"launch", 'S', kLaunch, one},     PhysicsColumn{"work", 'W', 1, work},
    PhysicsColumn{"steps", 'S', 1, steps},          PhysicsColumn{"in", 'M', 1, in_slices_moved},
    PhysicsColumn{"out", 'M', 1, out_slices_moved}, PhysicsColumn{"weights", 'M', 20, weight_slices}};
constexpr std::array kSmallConv{
    PhysicsColumn{"launch", 'S', kLaunch, one},
    PhysicsColumn{"work", 'W', 1.0 / 32, [](Config c) { return out_slices_moved(c) * depth(c) * window(c); }},
    PhysicsColumn{"out", 'M', 1, out_slices_moved}, PhysicsColumn{"in", 'M', 1, in_slices_moved}};
constexpr std::array kFusedAdds{
    PhysicsColumn{"out", 'M', 1.5, [](Config c) { return out_slices_moved(c) * c.fused_adds; }}};
constexpr std::array kDepthwise{
    PhysicsColumn{"launch", 'S', kLaunch, one},
    PhysicsColumn{"work", 'W', 1.0 / 8, [](Config c) { return out_slices_moved(c) * window(c); }},
    PhysicsColumn{"out", 'M', 1, out_slices_moved}, PhysicsColumn{"in", 'M', 1, in_slices_moved},
    PhysicsColumn{"steps", 'S', 1, window}};
constexpr std::array kExcitation{PhysicsColumn{"launch", 'S', kLaunch, one},
                                 PhysicsColumn{"weights", 'M', 20, weight_slices},
                                 PhysicsColumn{"steps", 'S', 0.25, in_slices}};
constexpr std::array kGemm{PhysicsColumn{"weights", 'M', 0.05, weight_slices}};
constexpr std::array kPool{
    PhysicsColumn{"launch", 'S', kLaunch, one},
    PhysicsColumn{"work", 'W', 1.0 / 12, [](Config c) { return out_slices_moved(c) * window(c); }},
    PhysicsColumn{"in", 'M', 1, in_slices_moved}, PhysicsColumn{"steps", 'S', 1, window}};
constexpr std::array kGlobalPool{PhysicsColumn{"launch", 'S', kLaunch, one},
                                 PhysicsColumn{"steps", 'S', 0.6, in_positions}};
constexpr std::array kConcat{
    PhysicsColumn{"launch", 'S', kLaunch, one}, PhysicsColumn{"out", 'M', 1, out_slices_moved},
    PhysicsColumn{"unaligned", 'M', 0.5, [](Config c) { return c.slices_whole ? 0 : out_slices_moved(c); }}};
constexpr std::array kElementwise{
    PhysicsColumn{"launch", 'S', kLaunch, one}, PhysicsColumn{"out", 'M', 1, out_slices_moved},
    PhysicsColumn{"others", 'M', 1,
                  [](Config c) { return out_slices_moved(c) * std::max(0, c.inputs - 1 + c.fused_adds); }}};

constexpr std::array kGroups{
    PhysicsGroup{"conv_1x1", [](Config c) { return is_image_conv(c) && window(c) == 1 && !is_small(c); },
                 kConv},
    PhysicsGroup{"conv", [](Config c) { return is_image_conv(c) && window(c) > 1 && !is_small(c); }, kConv},
    PhysicsGroup{"conv_small", [](Config c) { return is_image_conv(c) && is_small(c); }, kSmallConv},
    PhysicsGroup{"fused_add", [](Config c) { return is_image_conv(c) || c.kind == Kind::depthwise_conv; },
                 kFusedAdds},
    PhysicsGroup{"depthwise_conv", [](Config c) { return c.kind == Kind::depthwise_conv; }, kDepthwise},
    PhysicsGroup{"conv_point", is_excitation, kExcitation},
    // The classifier's matrix-vector product; of several rows a matrix product is a convolution.
    PhysicsGroup{"gemm", [](Config c) { return c.kind == Kind::gemm && c.matrix_rows == 1; }, kGemm},
    PhysicsGroup{"pool", [](Config c) { return c.kind == Kind::max_pool || c.kind == Kind::average_pool; },
                 kPool},
    PhysicsGroup{"global_pool", [](Config c) { return c.kind == Kind::global_pool; }, kGlobalPool},
    PhysicsGroup{"concat", [](Config c) { return c.kind == Kind::concat; }, kConcat},
    PhysicsGroup{"elementwise",
                 [](Config c) {
                   return c.kind == Kind::elementwise || c.kind == Kind::broadcast ||
                          c.kind == Kind::normalization || c.kind == Kind::transpose ||
                          c.kind == Kind::split || c.kind == Kind::reshape;
                 },
                 kElementwise},
};

}  // namespace

const Physics kGpuPhysics = {"gpu", "a mobile GPU that computes slices of four channels", 256, 8, kGroups};

}  // namespace foretime
