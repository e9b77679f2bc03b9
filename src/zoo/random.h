#pragma once

// Random but realistic networks, to measure a device with: blocks of the families that real networks are made
// of, in the spellings that exporters leave, at random sizes. The same seed always gives the same network.

#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>
#include <string_view>

#include "zoo/layers.h"
#include "zoo/request.h"

namespace foretime::zoo {

/// Random choices that are the same on every machine (the distributions of the standard library are not).
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}

  /// From 0 to below 1.
  double unit() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  bool chance(double probability) { return unit() < probability; }
  /// From `low` to `high`, both included; of `log_between` every factor is as likely.
  std::int64_t between(std::int64_t low, std::int64_t high);
  std::int64_t log_between(std::int64_t low, std::int64_t high);
  template <typename T>
  T one_of(std::initializer_list<T> all) {
    return all.begin()[between(0, static_cast<std::int64_t>(all.size()) - 1)];
  }

 private:
  std::mt19937_64 engine_;
};

/// How an activation is written down.
enum class Spelling : std::uint8_t {
  relu,
  relu6,
  leaky_relu,
  prelu,
  hardswish,       // one operator
  hardswish_gate,  // x · hardsigmoid(x)
  hardswish_cut,   // x · relu6(x + 3) / 6
  silu,            // x · sigmoid(x)
  gelu,            // one operator
  gelu_erf,        // x · (1 + erf(x / √2)) / 2
  gelu_half,       // x · (½ · (1 + erf(x / √2))), as torch.export writes it
  gelu_tanh,       // … with tanh and a cube
  mish,            // x · tanh(softplus(x))
  elu,
  sigmoid,
  tanh,
};
Value activate(const Value& x, Spelling spelling);

/// What a network's blocks have in common.
struct Style {
  Spelling activation = Spelling::relu;
  Spelling gate = Spelling::sigmoid;  // of squeeze-and-excite
  bool folded = true;                 // normalisations are part of the convolutions, as exporters leave them
  bool layer_norm_op = true;          // one operator, else nine
  bool group_norm = false;            // instead of batch normalisations that are not folded
  bool padded = false;                // images are padded before they are halved, as TensorFlow's exports do
  std::int64_t multiple = 8;          // of channels
};

/// A network in the making. Every block is a module of its own, numbered.
struct Draft {
  Dice dice;
  Style style;
  std::int64_t batch = 1;
  int blocks = 0;

  explicit Draft(const Request& request);
  std::string next() { return "block" + std::to_string(blocks++); }
  /// About so many, in the network's multiples.
  std::int64_t channels(double about) const;
};

/// Convolution, normalisation, activation (Style).
struct Unit {
  std::int64_t out = 0;
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  std::int64_t groups = 1;
  std::int64_t dilation = 1;
  bool active = true;
};
Value unit(Draft& draft, const Value& x, std::string_view name, const Unit& options);

/// One more block of an image, of any sort that fits it.
Value image_block(Draft& draft, const Value& x);
/// The same sort of block `count` times, the first one at half the size: a stage of a network.
Value image_stage(Draft& draft, Value x, std::int64_t out, std::int64_t count, std::int64_t sort);
std::int64_t image_sorts();

/// Blocks of tokens: N, L, C.
Value token_block(Draft& draft, const Value& x, bool causal);
/// What a network ends with: classes, boxes, or nothing.
Value image_head(Draft& draft, const Value& x);
/// N, C, H, W to N, H · W, C, and back.
Value tokens_of(const Value& image);
Value image_of(const Value& tokens, std::int64_t height, std::int64_t width);
Value layer_norm(Draft& draft, const Value& x, std::string_view name);

}  // namespace foretime::zoo
