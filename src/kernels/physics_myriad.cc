// An Intel Myriad X under OpenVINO: a convolution engine that runs tiles (kernels/myriad/tiles.h), 16 vector
// processors (SHAVEs) that run all else as *stages*, and a DMA engine that moves tensors of 2-byte numbers to
// and from on-chip memory. Work is counted in cycles of the engine, memory in numbers moved by DMA, software
// steps in numbers read and written by a stage. A block of several layers runs as that many stages.
//
// Ratios are round figures: what streams costs 1 per number, an operand that is no stream 2, what changes
// place
// 4. They were rounded with a look at prices fitted on networks of all families, so scores of a family that
// was left out flatter where its kinds occur nowhere else (channel shuffle, split, hard swish, lone
// normalisations).

#include <algorithm>
#include <array>

#include "kernels/myriad/engine.h"
#include "kernels/myriad/injection.h"
#include "kernels/physics.h"
#include "kernels/quantities.h"

namespace foretime {
namespace {

using myriad::tiling_of;

constexpr double kLaunch = 50'000;       // numbers moved by DMA
constexpr double kStageLaunch = 25'000;  // numbers of a stage

double one(Config) {
  return 1;
}
/// All that a kernel reads, weights left out.
double read_elements(Config c) {
  return in_elements(c) + static_cast<double>(c.kind == Kind::concat ? 0 : c.second_elements);
}
double cycles(Config c) {
  return tiling_of(c).cycles;
}
double descriptors(Config c) {
  return tiling_of(c).descriptors;
}
double accumulated(Config c) {
  return tiling_of(c).accumulated;
}
double misaligned(Config c) {
  return tiling_of(c).misaligned;
}
double engine_reads(Config c) {
  return tiling_of(c).read;
}
double tiled_weights(Config c) {
  const myriad::Tiling& t = tiling_of(c);
  return weights(c) * static_cast<double>(std::max<std::int64_t>(1, t.across * t.down));
}
/// A depthwise convolution runs as small dense ones whose weights are mostly zeros.
double slice_weights(Config c) {
  return tiled_weights(c) * static_cast<double>(tiling_of(c).slice);
}
/// Slices are gathered into one result.
double gathered(Config c) {
  const double slice = static_cast<double>(tiling_of(c).slice);
  return slice > 0 ? c.channels * tiles(c.channels, slice) : 0;
}
/// Measured: with a stride, time grows by the square of the channels, whatever the window and the image.
double strided(Config c) {
  return c.stride > 1 ? static_cast<double>(c.channels) * c.channels : 0;
}
double padded(Config c) {
  return myriad::is_padded_oddly(c) ? in_elements(c) : 0;
}
/// Results that go into a larger tensor leave with gaps between them.
double scattered(Config c) {
  return c.concat_consumers > 0 ? out_elements(c) : 0;
}
/// What the engine refuses, vector processors compute.
double refused(Config c) {
  return tiling_of(c).possible ? 0 : macs(c);
}
bool pools_alone(Config c) {
  return c.fused_pool && !tiling_of(c).pooled;
}
/// Layers of one kernel that each run as a stage of their own.
double stages(Config c) {
  if ((c.activations & kHardSwish) != 0) return 4;
  return (c.activations & kHardSigmoid) != 0 ? 3 : 1;
}
double stage_elements(Config c) {
  return stages(c) * (read_elements(c) + out_elements(c));
}
double moved_inputs(Config c) {
  return c.moved_inputs;
}
/// Read and written.
double moved_elements(Config c) {
  return 2.0 * positions(c) * c.moved_channels;
}

constexpr std::array kConv{PhysicsColumn{"launch", 'M', kLaunch, one},
                           PhysicsColumn{"cycles", 'W', 1, cycles},
                           PhysicsColumn{"in", 'M', 1, in_elements},
                           PhysicsColumn{"out", 'M', 2, out_elements},
                           PhysicsColumn{"weights", 'M', 0.2, weights},
                           PhysicsColumn{"descriptors", 'M', 1000, descriptors},
                           PhysicsColumn{"reads", 'M', 0.25, engine_reads},
                           PhysicsColumn{"tiled", 'M', 0.8, tiled_weights},
                           PhysicsColumn{"accumulated", 'S', 2.5, accumulated},
                           PhysicsColumn{"misaligned", 'S', 0.8, misaligned},
                           PhysicsColumn{"padded", 'S', 0.7, padded},
                           PhysicsColumn{"scattered", 'M', 0.1, scattered},
                           PhysicsColumn{"refused", 'S', 0.1, refused}};
/// A depthwise convolution uses the engine badly and reads each slice of its input from afar.
constexpr std::array kDepthwise{
    PhysicsColumn{"launch", 'M', kLaunch, one},        PhysicsColumn{"cycles", 'W', 1.6, cycles},
    PhysicsColumn{"in", 'M', 3, in_elements},          PhysicsColumn{"out", 'M', 2, out_elements},
    PhysicsColumn{"weights", 'M', 0.8, slice_weights}, PhysicsColumn{"descriptors", 'M', 1500, descriptors},
    PhysicsColumn{"reads", 'M', 0.1, engine_reads},    PhysicsColumn{"gathered", 'M', 20, gathered},
    PhysicsColumn{"strided", 'M', 10, strided},        PhysicsColumn{"accumulated", 'S', 2.5, accumulated},
    PhysicsColumn{"misaligned", 'S', 0.8, misaligned}, PhysicsColumn{"padded", 'S', 0.7, padded},
    PhysicsColumn{"scattered", 'M', 0.1, scattered},   PhysicsColumn{"refused", 'S', 0.1, refused}};
constexpr std::array kGemm{
    PhysicsColumn{"launch", 'M', kLaunch, one},  PhysicsColumn{"cycles", 'W', 1, cycles},
    PhysicsColumn{"in", 'M', 1, in_elements},    PhysicsColumn{"out", 'M', 1, out_elements},
    PhysicsColumn{"weights", 'M', 0.8, weights}, PhysicsColumn{"descriptors", 'M', 1000, descriptors}};
constexpr std::array kPool{
    PhysicsColumn{"launch", 'M', kLaunch, one}, PhysicsColumn{"cycles", 'W', 1, cycles},
    PhysicsColumn{"in", 'M', 0.5, in_elements}, PhysicsColumn{"out", 'M', 1, out_elements},
    PhysicsColumn{"padded", 'S', 0.7, padded},  PhysicsColumn{"descriptors", 'M', 1000, descriptors}};
constexpr std::array kPoolBehind{PhysicsColumn{"launch", 'M', kLaunch, one},
                                 PhysicsColumn{"in", 'M', 1.25, out_elements}};
constexpr std::array kStage{PhysicsColumn{"launch", 'S', kStageLaunch, stages},
                            PhysicsColumn{"elements", 'S', 1, stage_elements}};
/// An operand that is a constant or smaller than the result is no stream.
constexpr std::array kBroadcast{PhysicsColumn{"launch", 'S', kStageLaunch, stages},
                                PhysicsColumn{"elements", 'S', 2, stage_elements}};
/// Of the stages of a block, half have such an operand.
constexpr std::array kHard{PhysicsColumn{"launch", 'S', kStageLaunch, stages},
                           PhysicsColumn{"elements", 'S', 1.5, stage_elements}};
/// Elements that change places are moved one by one.
constexpr std::array kMove{PhysicsColumn{"launch", 'S', 3 * kStageLaunch, one},
                           PhysicsColumn{"elements", 'S', 4, stage_elements}};
constexpr std::array kGlobalPool{PhysicsColumn{"launch", 'S', 2 * kStageLaunch, one},
                                 PhysicsColumn{"in", 'S', 1.5, in_elements}};
/// A concatenation is made where its inputs are written; only what was moved anyway is copied.
constexpr std::array kConcat{PhysicsColumn{"launch", 'M', kLaunch / 100, one},
                             PhysicsColumn{"copies", 'S', 3 * kStageLaunch, moved_inputs},
                             PhysicsColumn{"copied", 'S', 4, moved_elements}};
constexpr std::array kHosted{PhysicsColumn{"launch", 'S', kStageLaunch / 10, one},
                             PhysicsColumn{"elements", 'S', 0.4, stage_elements}};

template <Kind K>
bool is(Config c) {
  return c.kind == K;
}
template <Kind K>
bool is_stage(Config c) {
  return c.kind == K && !c.hosted;
}
bool is_activation(Config c) {
  return is_stage<Kind::elementwise>(c) && c.inputs == 1 && stages(c) == 1;
}
bool is_sum(Config c) {
  return is_stage<Kind::elementwise>(c) && c.inputs > 1;
}
bool is_hard(Config c) {
  return is_stage<Kind::elementwise>(c) && stages(c) > 1;
}

constexpr std::array kGroups{
    PhysicsGroup{"conv", is<Kind::conv>, kConv},
    PhysicsGroup{"depthwise_conv", is<Kind::depthwise_conv>, kDepthwise},
    PhysicsGroup{"gemm", is<Kind::gemm>, kGemm},
    PhysicsGroup{"max_pool", is<Kind::max_pool>, kPool},
    PhysicsGroup{"average_pool", is<Kind::average_pool>, kPool},
    PhysicsGroup{"pool_behind", pools_alone, kPoolBehind},
    PhysicsGroup{"global_pool", is<Kind::global_pool>, kGlobalPool},
    PhysicsGroup{"concat", is<Kind::concat>, kConcat},
    PhysicsGroup{"activation", is_activation, kStage},
    PhysicsGroup{"sum", is_sum, kStage},
    PhysicsGroup{"hard", is_hard, kHard},
    PhysicsGroup{"broadcast", is_stage<Kind::broadcast>, kBroadcast},
    PhysicsGroup{"normalization", is_stage<Kind::normalization>, kStage},
    PhysicsGroup{"transpose", is_stage<Kind::transpose>, kMove},
    PhysicsGroup{"split", is_stage<Kind::split>, kMove},
    PhysicsGroup{"hosted", [](Config c) { return c.hosted; }, kHosted},
};

}  // namespace

const Physics kMyriadPhysics = {"myriad", "an Intel Myriad X: a convolution engine and vector processors",
                                512,      2,
                                kGroups,  myriad::host_software,
                                true};

}  // namespace foretime
