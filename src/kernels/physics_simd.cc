// A CPU with wide vectors under a runtime that multiplies in blocks of its vectors where it can
// (ONNX Runtime, OpenVINO and XNNPACK alike), for every kind of kernel there is. What "cpu" says of
// convolutions on a phone's core is another set of columns, so that profiles fitted with it stay as they are.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <string_view>
#include <tuple>

#include "kernels/blocks.h"
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
/// Channels, filled up to whole blocks.
double filled(Config c, double channels) {
  return c.block > 0 ? tiles(channels, c.block) * c.block : channels;
}
double filled_in(Config c) {
  return in_positions(c) * (c.in_channels < c.block ? c.in_channels : filled(c, c.in_channels));
}
double filled_out(Config c) {
  return positions(c) * filled(c, c.channels);
}
/// Multiply-accumulates, with channels filled up to whole blocks.
double padded_macs(Config c) {
  const double in = depth(c) < c.block ? depth(c) : filled(c, depth(c));
  const double out = filled(c, static_cast<double>(c.channels) / c.groups) * c.groups;
  return shared(c, positions(c) * out * in * window(c));
}
double inside_macs(Config c) {
  return padded_macs(c) * inside(c);
}
/// Of taps beside the image.
double beside_macs(Config c) {
  return padded_macs(c) * (1 - inside(c));
}
double depthwise_inside(Config c) {
  return shared(c, filled_out(c) * window(c) * inside(c));
}
double depthwise_beside(Config c) {
  return shared(c, filled_out(c) * window(c) * (1 - inside(c)));
}
/// Windows that runtimes have no kernels of their own for, as XNNPACK has for 3×3 and 5×5.
double depthwise_odd(Config c) {
  const bool usual = c.kernel_height == c.kernel_width && (c.kernel_height == 3 || c.kernel_height == 5);
  return usual ? 0 : depthwise_inside(c);
}
/// Channels that are left over when vectors have taken eight at a time, one by one.
double depthwise_singles(Config c) {
  constexpr int kAtOnce = 8;
  return shared(c, positions(c) * window(c) * (c.channels % kAtOnce));
}
double product_macs(Config c) {
  return shared(c, positions(c) * tiles(c.channels, kVector) * kVector * depth(c));
}
/// How far the caches have lost, when the next run asks for it, what this one reads. On a shared machine it
/// is neighbours that drive it out, the more the longer a run takes: matrices of 0.5 to 80 MB were read at 80
/// GB/s in runs of 0.15 ms, at 40 in runs of 0.6 ms and at 20 in runs of 4 ms and more, whatever else the run
/// read.
double cooled_after(double microseconds) {
  return -std::expm1(-microseconds / 1500);
}
double cooled(Config c) {
  return cooled_after(c.run_microseconds);
}
/// The same of what is small and near: a runtime's own notes on a kernel.
double colder(Config c) {
  return -std::expm1(-c.run_microseconds / 10e3);
}
double cold_weights(Config c) {
  return weights(c) * cooled(c);
}
double second(Config c) {
  return static_cast<double>(c.second_elements);
}
/// What the cache next to the core (1 MB, for what is read and what is made) does not hold of a result, where
/// neighbours empty the next one.
double spilled(Config c) {
  constexpr double kHeld = 1 << 17;
  return std::max(0.0, out_elements(c) - kHeld) * cooled(c);
}
double rows(Config c) {
  return in_elements(c) / std::max(1, c.inner);
}
/// Blocks of channels meet a number for each channel as a convolution does; beside channels that lie together
/// it is one pixel after the other.
double spans(Config c) {
  if (c.block > 1 || c.spans <= 1) return 0;
  return c.block == 1 ? positions(c) : static_cast<double>(c.spans);
}
/// How far the caches have lost what computes it, since it last did.
double forgotten(Config c) {
  return -std::expm1(-std::exp2(c.idle_octaves) / 1500);
}
/// One position: every weight is read for one multiplication.
bool is_vector(Config c) {
  return positions(c) <= 1;
}
double curve(Config c) {
  return (c.activations & (kTranscendental | kHardSigmoid)) != 0 ? filled_out(c) : 0;
}
double swish(Config c) {
  return (c.activations & kHardSwish) != 0 ? filled_out(c) : 0;
}
double cuts(Config c) {
  return filled_out(c) * c.fused_cuts;
}
double adds(Config c) {
  return filled_out(c) * c.fused_adds;
}
double transposed_macs(Config c) {
  return shared(c, in_elements(c) * c.channels * window(c) / c.groups);
}
/// What becomes a matrix before it is multiplied ("im2col").
double copied_windows(Config c) {
  return window(c) > 1 || c.stride > 1 ? positions(c) * c.in_channels * window(c) : 0;
}
double groups(Config c) {
  return c.groups;
}
/// Every group's own matrix, row by row.
double group_rows(Config c) {
  return c.groups > 1 ? positions(c) * c.groups : 0;
}
/// What a matrix product makes before it is added up, window by window.
double transposed_windows(Config c) {
  return in_positions(c) * c.channels * window(c);
}
/// Of a batch, such as the heads of an attention.
double products(Config c) {
  return std::max(1.0, second(c) / std::max(1.0, weights(c)));
}
// A recurrent layer's states: batch is its steps, channels its directions, height its sequences, width one
// state.
double gates(Config c) {
  static const std::uint8_t gru = operation_of("GRU");
  static const std::uint8_t rnn = operation_of("RNN");
  return c.operation == gru ? 3 : c.operation == rnn ? 1 : 4;
}
double recurrent_macs(Config c) {
  return out_elements(c) * (static_cast<double>(c.in_channels) + c.width) * gates(c);
}
double steps(Config c) {
  return static_cast<double>(c.batch) * c.channels;
}
/// Every step reads what turns one state into the next, for all sequences at once.
double step_weights(Config c) {
  return steps(c) * gates(c) * c.width * c.width;
}

bool is_cubic(Config c) {
  return c.kernel_height > 1;
}

constexpr PhysicsColumn kLaunched{"launch", 'M', kLaunch, one};
constexpr PhysicsColumn kIn{"in", 'M', 0.5, filled_in};
constexpr PhysicsColumn kOut{"out", 'M', 0.5, filled_out};
constexpr PhysicsColumn kWeights{"weights", 'M', 0.5, weights};
constexpr PhysicsColumn kColdWeights{"cold_weights", 'M', 0.5, cold_weights};
/// The first lines come one by one, before anybody foresees the next.
constexpr PhysicsColumn kColdLaunch{"cold_launch", 'M', kLaunch, cooled};

constexpr std::array kDense{kLaunched,
                            PhysicsColumn{"macs", 'W', 1, inside_macs},
                            PhysicsColumn{"beside", 'W', 0.3, beside_macs},
                            kIn,
                            kOut,
                            kWeights,
                            kColdWeights,
                            kColdLaunch};
/// What convolutions outside of blocks take besides.
constexpr std::array kCopied{PhysicsColumn{"windows", 'M', 0.5, copied_windows},
                             PhysicsColumn{"groups", 'M', 500, groups},
                             PhysicsColumn{"group_rows", 'M', 5, group_rows}};
/// What is joined to a convolution.
constexpr std::array kJoined{PhysicsColumn{"cuts", 'M', 0.5, cuts}, PhysicsColumn{"curve", 'M', 0.5, curve},
                             PhysicsColumn{"swish", 'M', 0.5, swish}, PhysicsColumn{"adds", 'M', 0.5, adds}};
constexpr std::array kDepthwise{kLaunched,
                                PhysicsColumn{"macs", 'W', 3, depthwise_inside},
                                PhysicsColumn{"beside", 'W', 1, depthwise_beside},
                                kIn,
                                kOut,
                                kColdLaunch,
                                PhysicsColumn{"odd", 'W', 1, depthwise_odd}};
constexpr std::array kDepthwiseIntegers{PhysicsColumn{"singles", 'W', 20, depthwise_singles},
                                        PhysicsColumn{"pixels", 'M', 50, positions}};
constexpr std::array kTransposed{kLaunched,
                                 PhysicsColumn{"macs", 'W', 1, transposed_macs},
                                 kIn,
                                 kOut,
                                 kWeights,
                                 kColdWeights,
                                 PhysicsColumn{"windows", 'M', 1, transposed_windows},
                                 PhysicsColumn{"groups", 'M', 500, groups}};
/// Of narrow matrices, rows take longer than their numbers.
constexpr PhysicsColumn kProductRows{"rows", 'M', 20, positions};
constexpr std::array kProduct{kLaunched, kIn, kOut, kWeights, kColdWeights, kColdLaunch, kProductRows};
/// Recurrent layers multiply matrices as others do; how many sequences they multiply at once they seldom
/// tell.
constexpr std::array kMultiplied{PhysicsColumn{"macs", 'W', 1, [](Config c) {
                                                 return c.kind == Kind::recurrent ? recurrent_macs(c)
                                                                                  : product_macs(c);
                                               }}};
/// Of two activations.
constexpr std::array kMatmul{
    kLaunched, PhysicsColumn{"macs", 'W', 1, product_macs}, kIn,
    kOut,      PhysicsColumn{"second", 'M', 0.5, second},   PhysicsColumn{"products", 'M', 500, products}};
constexpr std::array kVectorProduct{kLaunched, kWeights, kColdWeights, kColdLaunch};
constexpr std::array kPool{kLaunched, PhysicsColumn{"macs", 'W', 2, macs}, kIn};
/// One tap after the other.
constexpr std::array kPoolIntegers{kLaunched, PhysicsColumn{"macs", 'W', 60, macs}, kIn};
constexpr std::array kAverages{kLaunched, PhysicsColumn{"macs", 'W', 2, macs}, kIn,
                               PhysicsColumn{"out", 'M', 2, out_elements}};
constexpr std::array kMoves{kLaunched, PhysicsColumn{"out", 'M', 1, out_elements}};
constexpr std::array kTranspose{
    kLaunched, PhysicsColumn{"rows", 'M', 1, [](Config c) { return c.keeps_inner ? out_elements(c) : 0; }},
    PhysicsColumn{"elements", 'M', 4, [](Config c) { return c.keeps_inner ? 0 : out_elements(c); }}};
/// What stays together is copied as a piece.
constexpr std::array kPieces{PhysicsColumn{
    "pieces", 'M', 20, [](Config c) { return c.keeps_inner ? out_elements(c) / std::max(1, c.inner) : 0; }}};
/// Runtimes turn matrices over in blocks, but nothing with more axes.
constexpr std::array kOneByOne{
    PhysicsColumn{"one_by_one", 'M', 40, [](Config c) { return c.scattered ? out_elements(c) : 0; }}};
constexpr std::array kCopies{
    PhysicsColumn{"pieces", 'M', 20, [](Config c) { return out_elements(c) / std::max(1, c.inner); }}};
/// A call for each piece, be it a single number.
constexpr std::array kFetched{PhysicsColumn{
    "pieces", 'M', 10, [](Config c) { return out_elements(c) / std::max(1, c.inner); }}};
constexpr std::array kScattered{PhysicsColumn{"pieces", 'M', 75, second}};
/// Outside of blocks every number asks for its neighbours, unless pixels are only repeated; those of 4×4, one
/// by one.
constexpr std::array kResampled{
    PhysicsColumn{"numbers", 'M', 15, out_elements}};
constexpr std::array kResampledCubic{PhysicsColumn{"numbers", 'M', 1000, out_elements}};
/// A coordinate on each axis for every number that may not be zero.
constexpr std::array kSearched{PhysicsColumn{"coordinates", 'M', 150, out_elements}};
constexpr std::array kReshape{PhysicsColumn{"launch", 'M', 600, one},
                              PhysicsColumn{"in", 'M', 0.1, in_elements}};
constexpr std::array kElementwise{
    kLaunched, kOut, PhysicsColumn{"second", 'M', 0.5, second}, PhysicsColumn{"spans", 'M', 200, spans},
    PhysicsColumn{"swish", 'M', 0.5, [](Config c) { return c.activations > kRelu ? out_elements(c) : 0; }}};
constexpr std::array kCurves{kLaunched, PhysicsColumn{"out", 'M', 3, out_elements}};
constexpr std::array kRows{kLaunched, PhysicsColumn{"in", 'M', 2, in_elements}};
/// Along the last axis numbers lie side by side.
constexpr std::array kReduced{
    kLaunched, PhysicsColumn{"in", 'M', 2, [](Config c) { return c.keeps_inner ? 0 : in_elements(c); }},
    PhysicsColumn{"across", 'M', 20, [](Config c) { return c.keeps_inner ? in_elements(c) : 0; }}};
constexpr std::array kNormalized{kLaunched, PhysicsColumn{"in", 'M', 2, in_elements},
                                 PhysicsColumn{"rows", 'M', 20, rows}};
/// A sum is normalised number by number.
constexpr std::array kNormalizedSum{kLaunched, PhysicsColumn{"in", 'M', 40, in_elements},
                                    PhysicsColumn{"rows", 'M', 20, rows}};
constexpr std::array kSoftmax{
    kLaunched, PhysicsColumn{"rows", 'M', 20, rows},
    PhysicsColumn{"out", 'M', 3, [](Config c) { return c.keeps_inner ? out_elements(c) : 0; }},
    PhysicsColumn{"across", 'M', 100, [](Config c) { return c.keeps_inner ? 0 : out_elements(c); }}};
constexpr std::array kRecurrent{kLaunched, PhysicsColumn{"step_weights", 'M', 0.25, step_weights},
                                PhysicsColumn{"steps", 'M', 2000, steps}};
constexpr std::array kReordered{
    kLaunched, PhysicsColumn{"numbers", 'M', 1, [](Config c) { return static_cast<double>(c.reordered); }}};
constexpr std::array kAny{kLaunched, PhysicsColumn{"in", 'M', 1, in_elements},
                          PhysicsColumn{"out", 'M', 2, out_elements}};

constexpr std::array kForgotten{PhysicsColumn{"launch", 'M', kLaunch, forgotten}};
/// What a runtime keeps of each kernel, which every run asks for once.
constexpr std::array kColder{PhysicsColumn{"colder_launch", 'M', 10 * kLaunch, colder}};
constexpr std::array kSpilled{PhysicsColumn{"numbers", 'M', 0.5, spilled}};

/// What an operator takes beyond what the simplest of its kind take.
constexpr std::array kBeyond{PhysicsColumn{"beyond", 'M', 0.2, filled_out}};

struct Name {
  template <std::size_t length>
  constexpr Name(const char (&text)[length]) {  // NOLINT(google-explicit-constructor): a literal is one
    std::copy_n(text, length, letters.begin());
  }
  constexpr std::string_view view() const { return letters.data(); }

  std::array<char, 32> letters{};
};
template <Name name>
bool runs(Config c) {
  static const std::uint8_t number = operation_of(name.view());
  return c.operation == number;
}
template <Name name>
constexpr PhysicsGroup kSlower{name.view(), runs<name>, kBeyond};

bool is_resize(Config c) {
  return runs<"Resize">(c) || runs<"Upsample">(c);
}
bool resamples(Config c) {
  const bool repeats = c.kind == Kind::data_movement && resizes_evenly(c);
  return is_resize(c) && !is_cubic(c) && c.block == 0 && !repeats;
}

template <Kind kind>
bool is(Config c) {
  return c.kind == kind;
}
template <Kind kind>
bool blocked(Config c) {
  return c.kind == kind && c.block > 0 && c.element_bytes > 1;
}
template <Kind kind>
bool plain(Config c) {
  return c.kind == kind && c.block == 0;
}
/// All channels of a pixel lie together.
template <Kind kind>
bool together(Config c) {
  return c.kind == kind && c.block == 1;
}
bool is_blocked_conv(Config c) {
  return blocked<Kind::conv>(c) && !is_vector(c) && depth(c) >= c.block;
}
/// Reads an image that is not in blocks.
bool is_first_conv(Config c) {
  return blocked<Kind::conv>(c) && !is_vector(c) && depth(c) < c.block;
}
bool runs_at_all(Config c) {
  return c.kind != Kind::none;
}
bool is_plain_conv(Config c) {
  return plain<Kind::conv>(c) && !is_vector(c);
}
bool is_matrix_conv(Config c) {
  return c.kind == Kind::conv && !is_vector(c);
}
/// Other code computes what is no whole number of vectors.
bool is_depthwise_of_vectors(Config c) {
  return c.kind == Kind::depthwise_conv && c.channels % static_cast<int>(kVector) == 0;
}
bool is_uneven_depthwise(Config c) {
  return c.kind == Kind::depthwise_conv && !is_depthwise_of_vectors(c);
}
bool is_matrix_gemm(Config c) {
  return c.kind == Kind::gemm && !is_vector(c);
}
bool multiplies(Config c) {
  return c.kind == Kind::recurrent || is_matrix_gemm(c);
}
/// Between DequantizeLinear and QuantizeLinear other code computes.
template <bool (*kernels)(Config)>
bool of_reals(Config c) {
  return c.element_bytes > 1 && kernels(c);
}
template <bool (*kernels)(Config)>
bool of_integers(Config c) {
  return c.element_bytes == 1 && kernels(c);
}
/// By channel, not along the last axis.
bool is_batch_norm(Config c) {
  static const std::uint8_t number = operation_of("BatchNormalization");
  return c.kind == Kind::normalization && c.operation == number;
}

bool is_layer_norm(Config c) {
  return c.kind == Kind::normalization && c.fused_norms == 0 && !is_batch_norm(c);
}
bool is_skip_layer_norm(Config c) {
  return c.kind == Kind::normalization && c.fused_norms > 0;
}

template <Kind kind, Name name>
constexpr PhysicsGroup kNoted{name.view(), is<kind>, kColder};

constexpr std::array kGroups{
    PhysicsGroup{"conv", is_blocked_conv, kDense},
    PhysicsGroup{"conv", is_blocked_conv, kJoined},
    PhysicsGroup{"conv_first", is_first_conv, kDense},
    PhysicsGroup{"conv_first", is_first_conv, kJoined},
    PhysicsGroup{"conv_plain", of_reals<is_plain_conv>, kDense},
    PhysicsGroup{"conv_plain", of_reals<is_plain_conv>, kJoined},
    PhysicsGroup{"conv_plain", of_reals<is_plain_conv>, kCopied},
    PhysicsGroup{"conv_integer", of_integers<is_matrix_conv>, kDense},
    PhysicsGroup{"conv_integer", of_integers<is_matrix_conv>, kCopied},
    PhysicsGroup{"conv_vector", [](Config c) { return c.kind == Kind::conv && is_vector(c); },
                 kVectorProduct},
    PhysicsGroup{"depthwise_conv", blocked<Kind::depthwise_conv>, kDepthwise},
    PhysicsGroup{"depthwise_conv", blocked<Kind::depthwise_conv>, kJoined},
    PhysicsGroup{"depthwise_conv_plain", of_reals<plain<Kind::depthwise_conv>>, kDepthwise},
    PhysicsGroup{"depthwise_conv_plain", of_reals<plain<Kind::depthwise_conv>>, kJoined},
    PhysicsGroup{"depthwise_conv_integer", of_integers<is_depthwise_of_vectors>, kDepthwise},
    PhysicsGroup{"depthwise_conv_uneven", of_integers<is_uneven_depthwise>, kDepthwise},
    PhysicsGroup{"depthwise_conv_uneven", of_integers<is_uneven_depthwise>, kDepthwiseIntegers},
    PhysicsGroup{"conv_transpose", is<Kind::conv_transpose>, kTransposed},
    PhysicsGroup{"product", of_reals<multiplies>, kMultiplied},
    PhysicsGroup{"gemm", of_reals<is_matrix_gemm>, kProduct},
    PhysicsGroup{"gemm_integer", of_integers<is_matrix_gemm>, kMultiplied},
    PhysicsGroup{"gemm_integer", of_integers<is_matrix_gemm>, kProduct},
    PhysicsGroup{"gemm_vector", [](Config c) { return c.kind == Kind::gemm && is_vector(c); },
                 kVectorProduct},
    PhysicsGroup{"matmul", of_reals<is<Kind::matmul>>, kMatmul},
    PhysicsGroup{"matmul_integer", of_integers<is<Kind::matmul>>, kMatmul},
    PhysicsGroup{"max_pool", blocked<Kind::max_pool>, kPool},
    PhysicsGroup{"max_pool_plain", of_reals<plain<Kind::max_pool>>, kPool},
    PhysicsGroup{"max_pool_integer", of_integers<plain<Kind::max_pool>>, kPoolIntegers},
    PhysicsGroup{"max_pool_channels", of_integers<together<Kind::max_pool>>, kPool},
    PhysicsGroup{"average_pool", blocked<Kind::average_pool>, kPool},
    PhysicsGroup{"average_pool_plain", of_reals<plain<Kind::average_pool>>, kPool},
    PhysicsGroup{"average_pool_integer", of_integers<plain<Kind::average_pool>>, kAverages},
    PhysicsGroup{"average_pool_channels", of_integers<together<Kind::average_pool>>, kAverages},
    PhysicsGroup{"global_pool", of_reals<is<Kind::global_pool>>, kRows},
    PhysicsGroup{"global_pool_integer", of_integers<is<Kind::global_pool>>, kRows},
    PhysicsGroup{"concat", is<Kind::concat>, kMoves},
    PhysicsGroup{"concat", is<Kind::concat>, kCopies},
    PhysicsGroup{"split", is<Kind::split>, kMoves},
    PhysicsGroup{"split", is<Kind::split>, kCopies},
    PhysicsGroup{"transpose", is<Kind::transpose>, kTranspose},
    PhysicsGroup{"transpose", is<Kind::transpose>, kPieces},
    PhysicsGroup{"transpose", is<Kind::transpose>, kOneByOne},
    PhysicsGroup{"reshape", is<Kind::reshape>, kReshape},
    PhysicsGroup{"elementwise", of_reals<is<Kind::elementwise>>, kElementwise},
    PhysicsGroup{"elementwise_integer", of_integers<is<Kind::elementwise>>, kElementwise},
    PhysicsGroup{"broadcast", of_reals<is<Kind::broadcast>>, kElementwise},
    PhysicsGroup{"broadcast_integer", of_integers<is<Kind::broadcast>>, kElementwise},
    PhysicsGroup{"normalization", is_layer_norm, kNormalized},
    PhysicsGroup{"skip_layer_norm", is_skip_layer_norm, kNormalizedSum},
    PhysicsGroup{"batch_norm", is_batch_norm, kMoves},
    PhysicsGroup{"softmax", of_reals<is<Kind::softmax>>, kSoftmax},
    PhysicsGroup{"softmax_integer", of_integers<is<Kind::softmax>>, kSoftmax},
    PhysicsGroup{"reduce", is<Kind::reduce>, kReduced},
    PhysicsGroup{"recurrent", is<Kind::recurrent>, kRecurrent},
    PhysicsGroup{"transcendental", of_reals<is<Kind::transcendental>>, kCurves},
    PhysicsGroup{"transcendental_integer", of_integers<is<Kind::transcendental>>, kCurves},
    PhysicsGroup{"data_movement", is<Kind::data_movement>, kTranspose},
    PhysicsGroup{"data_movement", is<Kind::data_movement>, kPieces},
    PhysicsGroup{"Gather", runs<"Gather">, kFetched},
    PhysicsGroup{"ScatterND", runs<"ScatterND">, kScattered},
    PhysicsGroup{"other", is<Kind::other>, kAny},
    PhysicsGroup{"resampled", resamples, kResampled},
    PhysicsGroup{"resampled_cubic", [](Config c) { return is_resize(c) && is_cubic(c); }, kResampledCubic},
    PhysicsGroup{"NonZero", runs<"NonZero">, kSearched},
    kSlower<"PRelu">,
    kSlower<"LeakyRelu">,
    kSlower<"Clip">,
    kSlower<"HardSigmoid">,
    kSlower<"HardSwish">,
    kSlower<"hard_swish">,
    kSlower<"Div">,
    kSlower<"Pow">,
    kSlower<"Sqrt">,
    kSlower<"Where">,
    kSlower<"Cast">,
    kSlower<"Erf">,
    kSlower<"Exp">,
    kSlower<"Gelu">,
    kSlower<"gelu">,
    kSlower<"gelu_steps">,
    kSlower<"Softplus">,
    kSlower<"Mish">,
    kSlower<"Elu">,
    kSlower<"mish">,
    kSlower<"hard_gate">,
    kSlower<"LayerNormalization">,
    kSlower<"layer_norm">,
    kSlower<"rms_norm">,
    kSlower<"rms_norm_steps">,
    kSlower<"InstanceNormalization">,
    kSlower<"GroupNormalization">,
    kSlower<"LpNormalization">,
    kSlower<"SimplifiedLayerNormalization">,
    kSlower<"Gather">,
    kSlower<"Pad">,
    kSlower<"Expand">,
    kSlower<"Tile">,
    kSlower<"DepthToSpace">,
    kSlower<"Resize">,
    kSlower<"Einsum">,
    kSlower<"QuantizeLinear">,
    kSlower<"DequantizeLinear">,
    kSlower<"Upsample">,
    PhysicsGroup{"reorder", [](Config c) { return c.reordered > 0; }, kReordered},
    PhysicsGroup{"forgotten", runs_at_all, kForgotten},
    kNoted<Kind::conv, "conv">,
    kNoted<Kind::depthwise_conv, "depthwise_conv">,
    kNoted<Kind::gemm, "gemm">,
    kNoted<Kind::matmul, "matmul">,
    kNoted<Kind::max_pool, "max_pool">,
    kNoted<Kind::average_pool, "average_pool">,
    kNoted<Kind::global_pool, "global_pool">,
    kNoted<Kind::concat, "concat">,
    kNoted<Kind::split, "split">,
    kNoted<Kind::transpose, "transpose">,
    kNoted<Kind::reshape, "reshape">,
    kNoted<Kind::elementwise, "elementwise">,
    kNoted<Kind::broadcast, "broadcast">,
    kNoted<Kind::normalization, "normalization">,
    kNoted<Kind::softmax, "softmax">,
    kNoted<Kind::reduce, "reduce">,
    kNoted<Kind::transcendental, "transcendental">,
    kNoted<Kind::data_movement, "data_movement">,
    kNoted<Kind::other, "other">,
    PhysicsGroup{"spilled", runs_at_all, kSpilled},
};

/// About what a kernel takes on a processor of our days, microseconds, in a run after which caches have lost
/// so much of its weights: only how long runs compare matters.
double about(Config c, double lost) {
  constexpr double kMacs = 50e3;
  constexpr double kBytes = 12e3;
  constexpr double kHeld = 90e3;
  constexpr double kLost = 20e3;
  const double work = c.kind == Kind::recurrent ? recurrent_macs(c) : macs(c);
  const double moved = (in_elements(c) + out_elements(c)) * c.element_bytes;
  return shared(c, work) / kMacs + moved / kBytes + 1 +
         weights(c) * c.element_bytes * (lost / kLost + (1 - lost) / kHeld);
}

/// Kernels that the same code computes.
using Sort = std::tuple<Kind, std::uint8_t, bool>;
Sort sort_of(Config c) {
  return {c.kind, c.operation, c.block > 0};
}

/// How long a run takes decides what the next one finds in the caches, and that, how long it takes.
double about_run(const KernelGraph& graph) {
  constexpr int kRounds = 5;
  double microseconds = INT32_MAX;
  for (int round = 0; round < kRounds; ++round) {
    const double lost = cooled_after(microseconds);
    microseconds = 0;
    for (const Kernel& kernel : graph.kernels) {
      if (kernel.kind() != Kind::none)
        microseconds += about(kernel.config, lost) * static_cast<double>(kernel.repetitions);
    }
  }
  return std::min(microseconds, double{INT32_MAX});
}

template <int block>
void arrange(KernelGraph& graph, int threads) {
  arrange_blocks(graph, block);
  for (Kernel& kernel : graph.kernels)
    kernel.config.threads = static_cast<std::int16_t>(std::min<int>(threads, INT16_MAX));
  const double whole = about_run(graph);
  const double lost = cooled_after(whole);
  double now = -whole;
  std::map<Sort, double> last;  // ends
  for (const bool before : {true, false}) {
    for (Kernel& kernel : graph.kernels) {
      kernel.config.run_microseconds = static_cast<std::int32_t>(whole);
      if (kernel.kind() == Kind::none) continue;
      double& end = last[sort_of(kernel.config)];
      if (!before)
        kernel.config.idle_octaves = static_cast<std::int16_t>(std::lround(std::log2(now - end + 1)));
      now += about(kernel.config, lost) * static_cast<double>(kernel.repetitions);
      end = now;
    }
  }
}

}  // namespace

const Physics kSimdPhysics = {
    "simd", "a CPU with vectors of 256 bits, every kind of kernel", 2, 4, kGroups, arrange<8>};
const Physics kWideSimdPhysics = {"simd512", "the same with vectors of 512 bits", 2, 4, kGroups, arrange<16>};

}  // namespace foretime
