// MnasNet: stacks of inverted residuals; the number in the name is the width.

#include <array>
#include <string>

#include "zoo/blocks.h"
#include "zoo/families.h"
#include "zoo/variants.h"

namespace foretime::zoo {
namespace {

struct Variant {
  std::string_view name;
  double width;
};
constexpr std::array kVariants{Variant{"mnasnet0_5", 0.5}, Variant{"mnasnet0_75", 0.75},
                               Variant{"mnasnet1_0", 1.0}, Variant{"mnasnet1_3", 1.3}};

struct Stack {
  std::int64_t channels;
  std::int64_t kernel;
  std::int64_t stride;  // of the first block
  std::int64_t expansion;
  int blocks;
};
constexpr std::array<Stack, 6> kStacks{{
    {24, 3, 2, 3, 3},
    {40, 5, 2, 3, 3},
    {80, 5, 2, 6, 3},
    {96, 3, 1, 6, 2},
    {192, 5, 2, 6, 4},
    {320, 3, 1, 6, 1},
}};

Value conv_bn_relu(const Value& x, Children& children, const ConvOptions& options) {
  const Value y = conv(x, children.next(), options);
  const Value z = batch_norm(y, children.next());
  return relu(z, children.next());
}

Value separable(Value x, Children& children, std::int64_t kernel, std::int64_t stride, std::int64_t out) {
  x = conv_bn_relu(x, children,
                   {.out = x.channels(), .kernel = kernel, .stride = stride, .groups = x.channels()});
  x = conv(x, children.next(), {.out = out});
  return batch_norm(x, children.next());
}

Value inverted_residual(const Value& x, const Stack& stack, std::int64_t out, std::int64_t stride) {
  const Scope scope(*x.net, "layers");
  Children children;
  const Value wide = conv_bn_relu(x, children, {.out = x.channels() * stack.expansion});
  return separable(wide, children, stack.kernel, stride, out);
}

Value layers(Value x, double width) {
  const Scope scope(*x.net, "layers");
  const auto scaled = [&](std::int64_t channels) {
    return round_channels(static_cast<double>(channels) * width);
  };
  Children children;
  x = conv_bn_relu(x, children, {.out = scaled(32), .kernel = 3, .stride = 2});
  x = separable(x, children, 3, 1, scaled(16));
  for (const Stack& stack : kStacks) {
    const Scope module(*x.net, children.next());
    for (int i = 0; i < stack.blocks; ++i) {
      const Scope block(*x.net, std::to_string(i));
      const Value y = inverted_residual(x, stack, scaled(stack.channels), i == 0 ? stack.stride : 1);
      x = i > 0 ? add(y, x) : y;
    }
  }
  return conv_bn_relu(x, children, {.out = 1280});
}

}  // namespace

Value mnasnet(const Value& image, const Request& request) {
  const Value x = spatial_mean(layers(image, variant_named(kVariants, request.name).width));
  const Scope scope(*x.net, "classifier");
  return linear(dropout(x, "0"), "1", request.classes);
}

}  // namespace foretime::zoo
