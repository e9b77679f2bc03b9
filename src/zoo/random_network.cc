#include <algorithm>
#include <cmath>

#include "zoo/families.h"
#include "zoo/random.h"

namespace foretime::zoo {
namespace {

/// Larger images get fewer channels: the product of all is what most blocks of real networks have, and what
/// the largest have.
constexpr double kMostElements = 800'000;
constexpr double kLargest = 3'300'000;

Style random_style(Dice& dice) {
  Style style;
  style.activation = dice.one_of({Spelling::relu, Spelling::relu, Spelling::relu, Spelling::relu,
                                  Spelling::relu6, Spelling::relu6, Spelling::leaky_relu, Spelling::prelu,
                                  Spelling::hardswish, Spelling::hardswish_gate, Spelling::hardswish_cut,
                                  Spelling::silu, Spelling::silu, Spelling::silu, Spelling::gelu_erf,
                                  Spelling::gelu_half, Spelling::sigmoid, Spelling::tanh, Spelling::mish,
                                  Spelling::elu});
  style.gate = dice.one_of({Spelling::sigmoid, Spelling::sigmoid, Spelling::hardswish_gate});
  style.folded = dice.chance(0.85);
  style.layer_norm_op = dice.chance(0.6);
  style.multiple = dice.one_of<std::int64_t>({8, 8, 8, 16, 16, 32, 4, 1});
  style.group_norm = dice.chance(0.25);
  style.padded = dice.chance(0.08);
  return style;
}

Value random_image(Draft& draft, Network& net) {
  Dice& dice = draft.dice;
  const std::int64_t side = dice.chance(0.5)
                                ? dice.one_of<std::int64_t>({7, 7, 14, 14, 14, 28, 28, 28, 56, 56, 112, 224})
                                : dice.log_between(4, 160);
  const double most =
      std::min(2048.0, (dice.chance(0.15) ? kLargest : kMostElements) / static_cast<double>(side * side));
  const std::int64_t channels = dice.chance(0.08) && side > 28
                                    ? 3
                                    : draft.channels(static_cast<double>(dice.log_between(
                                          8, static_cast<std::int64_t>(std::max(16.0, most)))));
  return net.input("input", {draft.batch, channels, side, side});
}

void image_blocks(Draft& draft, Network& net) {
  Value x = random_image(draft, net);
  const std::int64_t count = draft.dice.between(1, 4);
  for (std::int64_t i = 0; i < count; ++i) x = image_block(draft, x);
  net.output(draft.dice.chance(0.3) ? image_head(draft, x) : x);
}

Value random_tokens(Draft& draft, Network& net) {
  Dice& dice = draft.dice;
  const std::int64_t length =
      dice.chance(0.6) ? dice.one_of<std::int64_t>({1, 8, 16, 16, 32, 49, 50, 64, 77, 128, 128, 196, 197, 256, 384, 512, 784})
                       : dice.log_between(1, 600);
  const std::int64_t width = 32 * dice.log_between(2, length > 512 ? 6 : length > 256 ? 24 : 40);
  if (dice.chance(0.6)) return net.input("input", {draft.batch, length, width});
  const Value ids = net.input("input_ids", {draft.batch, length}, DataType::int64);
  const Value words = embedding(ids, "words", dice.one_of<std::int64_t>({1000, 8000, 30000}), width);
  return add(words, net.parameter("positions", {1, length, width}));
}

void token_blocks(Draft& draft, Network& net) {
  Value x = random_tokens(draft, net);
  const bool causal = draft.dice.chance(0.3);
  const std::int64_t count = draft.dice.between(1, 3);
  for (std::int64_t i = 0; i < count; ++i) {
    const Scope scope(net, draft.next());
    x = token_block(draft, x, causal);
  }
  if (draft.dice.chance(0.2)) {
    const Value first = pick(x, 1, 0);
    x = linear(first, "classifier", draft.dice.one_of<std::int64_t>({2, 10, 1000}));
  }
  net.output(x);
}

/// A stem, then stages of one sort of block each, ever smaller and wider.
void whole_image_network(Draft& draft, Network& net) {
  Dice& dice = draft.dice;
  const std::int64_t side = dice.one_of<std::int64_t>({96, 128, 160, 192, 224, 224, 224, 256, 256, 320});
  Value x = net.input("input", {draft.batch, 3, side, side});
  double width = static_cast<double>(dice.log_between(12, 96));
  const std::int64_t patch = dice.one_of<std::int64_t>({2, 2, 2, 2, 4, 4});
  const bool overlaps = patch == 2 || dice.chance(0.3);
  x = unit(draft, x, "stem",
           {.out = draft.channels(width),
            .kernel = overlaps ? dice.one_of<std::int64_t>({3, 3, 5, 7, 11}) : patch,
            .stride = patch});
  if (patch == 2 && dice.chance(0.5)) x = max_pool(x, PoolOptions{.kernel = 3, .stride = 2, .pad = 1});
  const std::int64_t stages = dice.between(3, 5);
  std::int64_t sort = dice.between(0, image_sorts() - 1);
  for (std::int64_t stage = 0; stage < stages && x.height() >= 4; ++stage) {
    width *= dice.one_of({1.3, 1.5, 2.0, 2.0, 2.0});
    const Scope scope(net, "stage" + std::to_string(stage));
    if (dice.chance(0.3)) sort = dice.between(0, image_sorts() - 1);
    x = image_stage(draft, x, draft.channels(width), dice.between(1, 5), sort);
  }
  net.output(image_head(draft, x));
}

void whole_token_network(Draft& draft, Network& net) {
  Value x;
  if (draft.dice.chance(0.5)) {  // a vision transformer
    const std::int64_t side = draft.dice.one_of<std::int64_t>({160, 192, 224, 224, 256});
    const Value image = net.input("input", {draft.batch, 3, side, side});
    const std::int64_t width = 64 * draft.dice.between(2, 14);
    const std::int64_t patch = draft.dice.one_of<std::int64_t>({16, 16, 32});
    x = tokens_of(
        conv(image, "patches", {.out = width, .kernel = patch, .stride = patch, .pad = 0, .bias = true}));
    x = add(x, net.parameter("positions", {1, x.sizes[1], width}));
  } else {
    x = random_tokens(draft, net);
  }
  const bool causal = draft.dice.chance(0.3);
  const std::int64_t count = draft.dice.between(3, 8);
  for (std::int64_t i = 0; i < count; ++i) {
    const Scope scope(net, draft.next());
    x = token_block(draft, x, causal);
  }
  x = layer_norm(draft, x, "norm");
  if (draft.dice.chance(0.2)) {  // the next word, for every token
    net.output(
        linear(x, "next_word", draft.dice.one_of<std::int64_t>({1000, 8000, 30000, 50000}), {.bias = false}));
  } else {
    net.output(linear(pick(x, 1, 0), "classifier", 1000));
  }
}

}  // namespace

std::int64_t Dice::between(std::int64_t low, std::int64_t high) {
  return low + static_cast<std::int64_t>(unit() * static_cast<double>(high - low + 1));
}

std::int64_t Dice::log_between(std::int64_t low, std::int64_t high) {
  const double from = std::log(static_cast<double>(low));
  const double to = std::log(static_cast<double>(high) + 1);
  return std::clamp(static_cast<std::int64_t>(std::exp(from + unit() * (to - from))), low, high);
}

Draft::Draft(const Request& request)
    : dice(static_cast<std::uint64_t>(request.seed)), style(random_style(dice)), batch(request.batch) {}

std::int64_t Draft::channels(double about) const {
  const std::int64_t rounded = std::llround(about / static_cast<double>(style.multiple)) * style.multiple;
  return std::max(style.multiple == 1 ? 4 : style.multiple, rounded);
}

Value activate(const Value& x, Spelling spelling) {
  Network& net = *x.net;
  switch (spelling) {
    case Spelling::relu:
      return activate(x, Activation::relu);
    case Spelling::relu6:
      return activate(x, Activation::relu6);
    case Spelling::leaky_relu:
      return activate(x, Activation::leaky_relu);
    case Spelling::prelu: {
      Sizes slopes(x.rank() - 1, 1);
      slopes[0] = x.sizes[1];
      return net.append({"PRelu", {x.id, net.parameter("slope" + std::to_string(slopes[0]), slopes).id}},
                        x.sizes);
    }
    case Spelling::hardswish:
      return activate(x, Activation::hardswish);
    case Spelling::hardswish_gate:
      return mul(x, activate(x, Activation::hardsigmoid));
    case Spelling::hardswish_cut: {
      const Value gate = activate(add(x, net.scalar(3)), Activation::relu6);
      return div(mul(x, gate), net.scalar(6));
    }
    case Spelling::silu:
      return activate(x, Activation::silu);
    case Spelling::gelu:
      return activate(x, Activation::gelu);
    case Spelling::gelu_erf:
    case Spelling::gelu_half: {
      const Value erf = net.append({"Erf", {div(x, net.scalar(std::sqrt(2.0F))).id}}, x.sizes);
      const Value share = add(erf, net.scalar(1));
      if (spelling == Spelling::gelu_half) return mul(x, mul(net.scalar(0.5F), share));
      return mul(mul(x, share), net.scalar(0.5F));
    }
    case Spelling::gelu_tanh: {
      const Value cube = net.append({"Pow", {x.id, net.scalar(3).id}}, x.sizes);
      const Value inner = mul(add(x, mul(cube, net.scalar(0.044715F))), net.scalar(0.7978846F));
      return mul(mul(x, net.scalar(0.5F)), add(activate(inner, Activation::tanh), net.scalar(1)));
    }
    case Spelling::mish: {
      const Value softplus = net.append({"Softplus", {x.id}}, x.sizes);
      return mul(x, activate(softplus, Activation::tanh));
    }
    case Spelling::elu:
      return net.append({"Elu", {x.id}}, x.sizes);
    case Spelling::sigmoid:
      return activate(x, Activation::sigmoid);
    case Spelling::tanh:
      return activate(x, Activation::tanh);
  }
  return x;
}

void random_blocks(Network& net, const Request& request) {
  Draft draft(request);
  if (draft.dice.chance(0.75)) {
    image_blocks(draft, net);
  } else {
    token_blocks(draft, net);
  }
}

void random_network(Network& net, const Request& request) {
  Draft draft(request);
  if (draft.dice.chance(0.75)) {
    whole_image_network(draft, net);
  } else {
    whole_token_network(draft, net);
  }
}

}  // namespace foretime::zoo
