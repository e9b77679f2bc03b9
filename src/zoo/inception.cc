// Inception v3 as used after training: without the auxiliary head.

#include "zoo/inception.h"

#include <string>
#include <vector>

#include "zoo/families.h"

namespace foretime::zoo {
namespace {

struct Step {
  std::string name;  // of the convolution inside its module
  ConvOptions conv;
};

Value chain(Value x, const std::vector<Step>& steps) {
  for (const Step& step : steps) x = basic_conv(x, step.name, step.conv);
  return x;
}

Value pool_branch(const Value& x, std::int64_t out) {
  return basic_conv(avg_pool(x, {.kernel = 3, .stride = 1, .pad = 1}), "branch_pool", {.out = out});
}

ConvOptions conv_3x3(std::int64_t out) {
  return {.out = out, .kernel = 3};
}
ConvOptions conv_1x7(std::int64_t out) {
  return {.out = out, .kernel = {1, 7}};
}
ConvOptions conv_7x1(std::int64_t out) {
  return {.out = out, .kernel = {7, 1}};
}
/// Halves the size, without padding.
ConvOptions reduce(std::int64_t out) {
  return {.out = out, .kernel = 3, .stride = 2, .pad = 0};
}

/// 35x35: 1x1, 5x5, twice 3x3, pooling.
Value mixed_5(const Value& x, std::string_view name, std::int64_t pool) {
  const Scope scope(*x.net, name);
  const Value one = basic_conv(x, "branch1x1", {.out = 64});
  const Value five = chain(x, {{"branch5x5_1", {.out = 48}}, {"branch5x5_2", {.out = 64, .kernel = 5}}});
  const Value three = chain(
      x,
      {{"branch3x3dbl_1", {.out = 64}}, {"branch3x3dbl_2", conv_3x3(96)}, {"branch3x3dbl_3", conv_3x3(96)}});
  return concat({one, five, three, pool_branch(x, pool)}, 1);
}

/// 35x35 to 17x17.
Value mixed_6a(const Value& x) {
  const Scope scope(*x.net, "Mixed_6a");
  const Value three = basic_conv(x, "branch3x3", reduce(384));
  const Value twice = chain(
      x, {{"branch3x3dbl_1", {.out = 64}}, {"branch3x3dbl_2", conv_3x3(96)}, {"branch3x3dbl_3", reduce(96)}});
  return concat({three, twice, max_pool(x, {.kernel = 3, .stride = 2})}, 1);
}

/// 17x17: 7x7 taken apart into 1x7 and 7x1. `inner`: channels between them.
Value mixed_6(const Value& x, std::string_view name, std::int64_t inner) {
  const Scope scope(*x.net, name);
  const Value one = basic_conv(x, "branch1x1", {.out = 192});
  const Value seven = chain(
      x, {{"branch7x7_1", {.out = inner}}, {"branch7x7_2", conv_1x7(inner)}, {"branch7x7_3", conv_7x1(192)}});
  const Value twice = chain(x, {{"branch7x7dbl_1", {.out = inner}},
                                {"branch7x7dbl_2", conv_7x1(inner)},
                                {"branch7x7dbl_3", conv_1x7(inner)},
                                {"branch7x7dbl_4", conv_7x1(inner)},
                                {"branch7x7dbl_5", conv_1x7(192)}});
  return concat({one, seven, twice, pool_branch(x, 192)}, 1);
}

/// 17x17 to 8x8.
Value mixed_7a(const Value& x) {
  const Scope scope(*x.net, "Mixed_7a");
  const Value three = chain(x, {{"branch3x3_1", {.out = 192}}, {"branch3x3_2", reduce(320)}});
  const Value seven = chain(x, {{"branch7x7x3_1", {.out = 192}},
                                {"branch7x7x3_2", conv_1x7(192)},
                                {"branch7x7x3_3", conv_7x1(192)},
                                {"branch7x7x3_4", reduce(192)}});
  return concat({three, seven, max_pool(x, {.kernel = 3, .stride = 2})}, 1);
}

/// A 1x3 and a 3x1 convolution side by side.
Value spread(const Value& x, const std::string& name) {
  return concat({basic_conv(x, name + "a", {.out = 384, .kernel = {1, 3}}),
                 basic_conv(x, name + "b", {.out = 384, .kernel = {3, 1}})},
                1);
}

/// 8x8.
Value mixed_7(const Value& x, std::string_view name) {
  const Scope scope(*x.net, name);
  const Value one = basic_conv(x, "branch1x1", {.out = 320});
  const Value three = spread(basic_conv(x, "branch3x3_1", {.out = 384}), "branch3x3_2");
  const Value twice = chain(x, {{"branch3x3dbl_1", {.out = 448}}, {"branch3x3dbl_2", conv_3x3(384)}});
  return concat({one, three, spread(twice, "branch3x3dbl_3"), pool_branch(x, 192)}, 1);
}

Value stem(Value x) {
  const PoolOptions pool{.kernel = 3, .stride = 2};
  x = chain(x, {{"Conv2d_1a_3x3", reduce(32)},
                {"Conv2d_2a_3x3", {.out = 32, .kernel = 3, .pad = 0}},
                {"Conv2d_2b_3x3", conv_3x3(64)}});
  x = max_pool(x, "maxpool1", pool);
  x = chain(x, {{"Conv2d_3b_1x1", {.out = 80}}, {"Conv2d_4a_3x3", {.out = 192, .kernel = 3, .pad = 0}}});
  return max_pool(x, "maxpool2", pool);
}

}  // namespace

Value basic_conv(const Value& x, std::string_view name, const ConvOptions& options) {
  const Scope scope(*x.net, name);
  const Value y = batch_norm(conv(x, "conv", options), "bn", 1e-3f);
  return activate(y, Activation::relu);
}

Value inception_v3(const Value& image, const Request& request) {
  Value x = stem(image);
  x = mixed_5(x, "Mixed_5b", 32);
  x = mixed_5(x, "Mixed_5c", 64);
  x = mixed_5(x, "Mixed_5d", 64);
  x = mixed_6a(x);
  x = mixed_6(x, "Mixed_6b", 128);
  x = mixed_6(x, "Mixed_6c", 160);
  x = mixed_6(x, "Mixed_6d", 160);
  x = mixed_6(x, "Mixed_6e", 192);
  x = mixed_7a(x);
  x = mixed_7(mixed_7(x, "Mixed_7b"), "Mixed_7c");
  x = flatten(dropout(adaptive_avg_pool(x, "avgpool", 1), "dropout"));
  return linear(x, "fc", request.classes);
}

}  // namespace foretime::zoo
