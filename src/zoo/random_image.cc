// Blocks of convolutional networks. Sources are the families themselves; sizes are nobody's.

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "zoo/attention.h"
#include "zoo/blocks.h"
#include "zoo/random.h"

namespace foretime::zoo {
namespace {

constexpr std::int64_t kMostCubic = 1 << 15;  // numbers made

/// What all sorts of blocks are told.
struct Plan {
  std::int64_t out = 0;
  std::int64_t stride = 1;
};

/// Networks for dense prediction spread their kernels instead of shrinking the image.
std::int64_t spread(Draft& draft, const Plan& plan) {
  return plan.stride == 1 && draft.dice.chance(0.1) ? draft.dice.one_of<std::int64_t>({2, 2, 4}) : 1;
}

Value project(Draft& draft, const Value& x, const Plan& plan) {
  if (x.channels() == plan.out && plan.stride == 1) return x;
  return unit(draft, x, "shortcut", {.out = plan.out, .stride = plan.stride, .active = false});
}

Value active(Draft& draft, const Value& x) {
  return activate(x, draft.style.activation);
}

Value excite(Draft& draft, const Value& x) {
  const Scope scope(*x.net, "se");
  const bool mean = draft.dice.chance(0.4);
  Value y = mean ? x.net->append({"ReduceMean", {x.id, x.net->integers({2, 3}).id}},
                                 {x.batch(), x.channels(), 1, 1})
                 : global_average_pool(x);
  const std::int64_t inner =
      draft.channels(static_cast<double>(x.channels()) / draft.dice.one_of({4.0, 8.0, 16.0}));
  y = activate(conv(y, "reduce", {.out = inner, .bias = true}),
               draft.dice.chance(0.5) ? Spelling::relu : draft.style.activation);
  return mul(x, activate(conv(y, "expand", {.out = x.channels(), .bias = true}), draft.style.gate));
}

Value plain(Draft& draft, const Value& x, const Plan& plan) {
  const std::int64_t kernel = draft.dice.one_of<std::int64_t>({1, 3, 3, 3, 5, 7, 11});
  return unit(draft, x, "conv", {.out = plan.out, .kernel = kernel, .stride = plan.stride});
}

Value basic(Draft& draft, const Value& x, const Plan& plan) {
  Value y = unit(draft, x, "conv1", {.out = plan.out, .kernel = 3, .stride = plan.stride});
  y = unit(draft, y, "conv2", {.out = plan.out, .kernel = 3, .active = false});
  return active(draft, add(y, project(draft, x, plan)));
}

Value bottleneck(Draft& draft, const Value& x, const Plan& plan) {
  const std::int64_t width =
      draft.channels(static_cast<double>(plan.out) / draft.dice.one_of({1.0, 2.0, 4.0, 4.0}));
  const std::int64_t each = draft.dice.one_of<std::int64_t>({4, 8, 16, 24, 32, 64});
  const bool grouped = draft.dice.chance(0.4) && width % each == 0;
  Value y = unit(draft, x, "conv1", {.out = width});
  y = unit(draft, y, "conv2",
           {.out = width,
            .kernel = 3,
            .stride = plan.stride,
            .groups = grouped ? width / each : 1,
            .dilation = spread(draft, plan)});
  if (draft.dice.chance(0.3)) y = excite(draft, y);
  y = unit(draft, y, "conv3", {.out = plan.out, .active = false});
  return active(draft, add(y, project(draft, x, plan)));
}

Value inverted(Draft& draft, const Value& x, const Plan& plan) {
  const double factor = draft.dice.one_of({1.0, 2.0, 3.0, 4.0, 6.0, 6.0});
  const std::int64_t width = draft.channels(factor * static_cast<double>(x.channels()));
  const std::int64_t kernel = draft.dice.one_of<std::int64_t>({3, 3, 5, 7});
  Value y = factor == 1.0 && width == x.channels() ? x : unit(draft, x, "expand", {.out = width});
  y = unit(draft, y, "depthwise",
           {.out = width,
            .kernel = kernel,
            .stride = plan.stride,
            .groups = width,
            .dilation = spread(draft, plan)});
  if (draft.dice.chance(0.5)) y = excite(draft, y);
  y = unit(draft, y, "project", {.out = plan.out, .active = false});
  return plan.stride == 1 && x.channels() == plan.out ? add(x, y) : y;
}

Value separable(Draft& draft, const Value& x, const Plan& plan) {
  const std::int64_t kernel = draft.dice.one_of<std::int64_t>({3, 3, 5, 7, 9});
  const Value y =
      unit(draft, x, "depthwise",
           {.out = x.channels(), .kernel = kernel, .stride = plan.stride, .groups = x.channels()});
  return unit(draft, y, "pointwise", {.out = plan.out});
}

/// Normalisation and activation in front: they cannot be folded.
Value before(Draft& draft, const Value& x, std::string_view name) {
  return active(draft, batch_norm(x, name));
}

Value dense(Draft& draft, const Value& x, const Plan& plan) {
  const std::int64_t growth = std::max<std::int64_t>(4, plan.out / draft.dice.one_of<std::int64_t>({4, 8}));
  Value y = before(draft, x, "norm1");
  y = before(draft, conv(y, "conv1", {.out = 4 * growth}), "norm2");
  y = concat({x, conv(y, "conv2", {.out = growth, .kernel = 3})}, 1);
  if (plan.stride == 1) return y;
  y = conv(before(draft, y, "norm3"), "transition", {.out = plan.out});
  return avg_pool(y, PoolOptions{.kernel = 2});
}

Value preactivated(Draft& draft, const Value& x, const Plan& plan) {
  const Value first = before(draft, x, "norm1");
  Value y = conv(first, "conv1", {.out = plan.out, .kernel = 3, .stride = plan.stride});
  y = conv(before(draft, y, "norm2"), "conv2", {.out = plan.out, .kernel = 3});
  if (x.channels() == plan.out && plan.stride == 1) return add(y, x);
  return add(y, conv(first, "shortcut", {.out = plan.out, .stride = plan.stride}));
}

Value fire(Draft& draft, const Value& x, const Plan& plan) {
  const Value squeezed = unit(
      draft, x, "squeeze", {.out = draft.channels(static_cast<double>(plan.out) / 8), .stride = plan.stride});
  const std::int64_t half = std::max<std::int64_t>(1, plan.out / 2);
  return concat({unit(draft, squeezed, "expand1", {.out = half}),
                 unit(draft, squeezed, "expand3", {.out = half, .kernel = 3})},
                1);
}

Value branches(Draft& draft, const Value& x, const Plan& plan) {
  const std::int64_t each = draft.channels(static_cast<double>(plan.out) / 4);
  const std::int64_t stride = plan.stride;
  std::vector<Value> parts;
  if (stride == 1) parts.push_back(unit(draft, x, "one", {.out = each}));
  const Value reduced = unit(draft, x, "three.0", {.out = draft.channels(static_cast<double>(each) * 0.75)});
  const std::int64_t kernel = draft.dice.one_of<std::int64_t>({3, 3, 5});
  parts.push_back(unit(draft, reduced, "three.1", {.out = each, .kernel = kernel, .stride = stride}));
  Value deep = unit(draft, x, "five.0", {.out = draft.channels(static_cast<double>(each) / 2)});
  deep = unit(draft, deep, "five.1", {.out = each, .kernel = 3});
  parts.push_back(unit(draft, deep, "five.2", {.out = each, .kernel = 3, .stride = stride}));
  if (draft.dice.chance(0.5)) {
    const PoolOptions pool{.kernel = 3, .stride = stride, .pad = 1};
    const Value pooled = draft.dice.chance(0.5) ? max_pool(x, pool) : avg_pool(x, pool);
    parts.push_back(unit(draft, pooled, "pool", {.out = each}));
  }
  return concat(parts, 1);
}

/// Long and flat, then flat and long.
Value crossed(Draft& draft, const Value& x, const Plan& plan) {
  const std::int64_t size = draft.dice.one_of<std::int64_t>({3, 5, 7});
  Value y = unit(draft, x, "conv0",
                 {.out = draft.channels(static_cast<double>(plan.out) / 2), .stride = plan.stride});
  y = active(
      draft,
      conv(y, "conv1", {.out = y.channels(), .kernel = {1, size}, .pad = Window(0, size / 2), .bias = true}));
  return active(
      draft,
      conv(y, "conv2", {.out = plan.out, .kernel = {size, 1}, .pad = Window(size / 2, 0), .bias = true}));
}

Value shuffle(Draft& draft, const Value& x, const Plan& plan) {
  const std::int64_t half = std::max<std::int64_t>(2, plan.out / 2);
  const bool keeps = plan.stride == 1 && x.channels() % 2 == 0;
  const std::vector<Value> parts =
      keeps ? split(x, 1, {x.channels() / 2, x.channels() / 2}) : std::vector{x, x};
  const auto branch = [&](const Value& from, const std::string& name, bool full) {
    const Scope scope(*x.net, name);
    Value y = full ? unit(draft, from, "0", {.out = half}) : from;
    y = unit(draft, y, "1",
             {.out = y.channels(),
              .kernel = 3,
              .stride = keeps ? 1 : plan.stride,
              .groups = y.channels(),
              .active = false});
    return unit(draft, y, "2", {.out = half});
  };
  const Value left = keeps ? parts[0] : branch(parts[0], "left", false);
  const Value y = concat({left, branch(parts[1], "right", true)}, 1);
  if (y.channels() % 2 != 0) return y;
  const Sizes grouped{y.batch(), 2, y.channels() / 2, y.height(), y.width()};
  return reshape(transpose(reshape(y, grouped), {0, 2, 1, 3, 4}), y.sizes);
}

/// Channels by how strong they are in the whole image (ConvNeXt V2's); x: N, H, W, C.
Value respond(const Value& x) {
  const Scope scope(*x.net, "grn");
  Network& net = *x.net;
  const std::int64_t channels = x.sizes[3];
  const Value strength =
      net.append({"ReduceL2", {x.id, net.integers({1, 2}).id}}, {x.batch(), 1, 1, channels});
  const Value mean = net.append({"ReduceMean", {strength.id, net.integers({-1}).id}}, {x.batch(), 1, 1, 1});
  const Value weighted =
      mul(mul(x, div(strength, add(mean, net.scalar(1e-6F)))), net.parameter("weight", {channels}));
  return add(x, add(weighted, net.parameter("bias", {channels})));
}

Value next_block(Draft& draft, const Value& x, const Plan& plan) {
  Value y = x;
  if (plan.stride > 1 || x.channels() != plan.out) {
    y = permute(layer_norm(draft, permute(y, "0", {0, 2, 3, 1}), "norm0"), "3", {0, 3, 1, 2});
    y = conv(y, "down",
             {.out = plan.out, .kernel = plan.stride, .stride = plan.stride, .pad = 0, .bias = true});
  }
  const Value start = y;
  const std::int64_t channels = y.channels();
  y = conv(y, "depthwise",
           {.out = channels,
            .kernel = draft.dice.one_of<std::int64_t>({5, 7, 7}),
            .groups = channels,
            .bias = true});
  y = layer_norm(draft, permute(y, "1", {0, 2, 3, 1}), "norm");
  const Spelling gelu = draft.dice.one_of(
      {Spelling::gelu, Spelling::gelu_erf, Spelling::gelu_half, Spelling::gelu_half, Spelling::gelu_tanh});
  y = activate(linear(y, "fc1", 4 * channels), gelu);
  if (draft.dice.chance(0.15)) y = respond(y);
  y = linear(y, "fc2", channels);
  if (draft.dice.chance(0.5)) y = mul(y, x.net->parameter("scale", {channels}));
  return add(permute(y, "2", {0, 3, 1, 2}), start);
}

/// Cross-stage partial: YOLO's C2f, C3 and their kin.
Value partial(Draft& draft, const Value& x, const Plan& plan) {
  Value y =
      plan.stride > 1 ? unit(draft, x, "down", {.out = plan.out, .kernel = 3, .stride = plan.stride}) : x;
  const std::int64_t half = std::max<std::int64_t>(2, draft.channels(static_cast<double>(plan.out) / 2));
  std::vector<Value> parts = halves(unit(draft, y, "cv1", {.out = 2 * half}), 1);
  const std::int64_t count = draft.dice.between(1, 3);
  const bool joined = draft.dice.chance(0.7);
  for (std::int64_t i = 0; i < count; ++i) {
    const Scope scope(*x.net, "m" + std::to_string(i));
    const Value z = unit(
        draft,
        unit(draft, parts.back(), "cv1", {.out = half, .kernel = draft.dice.one_of<std::int64_t>({1, 3})}),
        "cv2", {.out = half, .kernel = 3});
    parts.push_back(joined ? add(parts.back(), z) : z);
  }
  return unit(draft, concat(parts, 1), "cv2", {.out = plan.out});
}

/// Spatial pyramid pooling.
Value pyramid(Draft& draft, const Value& x, const Plan& plan) {
  Value y = unit(draft, x, "cv1",
                 {.out = draft.channels(static_cast<double>(x.channels()) / 2), .stride = plan.stride});
  std::vector<Value> parts{y};
  for (int i = 0; i < 3; ++i)
    parts.push_back(max_pool(parts.back(), PoolOptions{.kernel = 5, .stride = 1, .pad = 2}));
  return unit(draft, concat(parts, 1), "cv2", {.out = plan.out});
}

/// Atrous spatial pyramid pooling.
Value atrous(Draft& draft, const Value& x, const Plan& plan) {
  const Value start = plan.stride > 1 ? unit(draft, x, "down", {.out = plan.out, .stride = plan.stride}) : x;
  std::vector<Value> parts{unit(draft, start, "one", {.out = plan.out})};
  const std::int64_t rate = draft.dice.one_of<std::int64_t>({2, 4, 6, 12, 18});
  for (std::int64_t i = 1; i <= 2; ++i) {
    parts.push_back(
        unit(draft, start, "rate" + std::to_string(i), {.out = plan.out, .kernel = 3, .dilation = i * rate}));
  }
  if (draft.dice.chance(0.5)) {
    const Value pooled = unit(draft, global_average_pool(start), "pool", {.out = plan.out});
    parts.push_back(resize(pooled, start.height(), start.width()));
  }
  return unit(draft, concat(parts, 1), "project", {.out = plan.out});
}

/// Two widths of view, weighted channel by channel: sums along an axis that is not the last.
Value selective(Draft& draft, const Value& x, const Plan& plan) {
  Network& net = *x.net;
  const std::int64_t groups = draft.dice.chance(0.5) && plan.out % 32 == 0 && x.channels() % 32 == 0 ? 32 : 1;
  std::vector<Value> views;
  for (const std::int64_t dilation : {1, 2}) {
    const Value view = unit(draft, x, "view" + std::to_string(dilation),
                            {.out = plan.out,
                             .kernel = 3,
                             .stride = plan.stride,
                             .groups = groups,
                             .dilation = plan.stride == 1 ? dilation : 1});
    views.push_back(reshape(view, {view.batch(), 1, plan.out, view.height(), view.width()}));
  }
  const Value both = concat(views, 1);
  const Sizes flat{both.batch(), plan.out, both.sizes[3], both.sizes[4]};
  const auto sum = [&](const Value& y) {
    const Value total =
        net.append({"ReduceSum", {y.id, net.integers({1}).id}, {{"keepdims", std::int64_t{0}}}}, flat);
    return total;
  };
  const std::int64_t inner = draft.channels(static_cast<double>(plan.out) / 8);
  const Value squeezed = unit(draft, global_average_pool(sum(both)), "squeeze", {.out = inner});
  const Value weights = conv(squeezed, "select", {.out = 2 * plan.out});
  return sum(mul(both, softmax(reshape(weights, {both.batch(), 2, plan.out, 1, 1}), 1)));
}

Value pad_image(const Value& x, std::int64_t before, std::int64_t after) {
  const Value amounts = x.net->integers({0, 0, before, before, 0, 0, after, after});
  return x.net->append({"Pad", {x.id, amounts.id}},
                       {x.batch(), x.channels(), x.height() + before + after, x.width() + before + after});
}

/// As PyTorch exports it.
Value group_norm(const Value& x) {
  const Scope scope(*x.net, "norm");
  Network& net = *x.net;
  const std::int64_t groups = std::gcd<std::int64_t>(32, x.channels());
  const Value flat = reshape(x, {x.batch(), groups, x.channels() / groups * x.height() * x.width()});
  const Value normal =
      net.append({"InstanceNormalization",
                  {flat.id, net.parameter("ones", {groups}).id, net.parameter("zeros", {groups}).id}},
                 flat.sizes);
  const Sizes each{x.channels(), 1, 1};
  return add(mul(reshape(normal, x.sizes), net.parameter("weight", each)), net.parameter("bias", each));
}

/// Up and down again, as feature pyramids and U-Nets do.
Value up_and_down(Draft& draft, const Value& x, const Plan& plan) {
  const Value low = unit(draft, x, "low", {.out = plan.out, .kernel = 3, .stride = 2});
  Value high;
  switch (draft.dice.between(0, 3)) {
    case 0:
      high = upsample(low, 2);
      break;
    case 1:
      high = resize(low, x.height(), x.width());
      break;
    case 2: {  // 16 taps a number: some runtimes take 200 ns
      const bool small = plan.out * x.height() * x.width() <= kMostCubic;
      high = resize(low, x.height(), x.width(), small ? "cubic" : "linear");
      break;
    }
    default: {
      const Value weight = x.net->parameter("up.weight", {low.channels(), plan.out, 2, 2});
      high = x.net->append(
          {"ConvTranspose",
           {low.id, weight.id},
           {{"strides", std::vector<std::int64_t>{2, 2}}, {"kernel_shape", std::vector<std::int64_t>{2, 2}}}},
          {x.batch(), plan.out, 2 * low.height(), 2 * low.width()});
    }
  }
  Value y = x;
  if (high.height() == x.height() && high.width() == x.width()) {
    y = concat({high, x}, 1);
  }
  return unit(draft, y, "merge", {.out = plan.out, .kernel = 3, .stride = plan.stride});
}

Value ghost(Draft& draft, const Value& x, const Plan& plan) {
  const std::int64_t half = std::max<std::int64_t>(1, plan.out / 2);
  const Value main = unit(draft, x, "main", {.out = half, .stride = plan.stride});
  return concat({main, unit(draft, main, "cheap", {.out = half, .kernel = 3, .groups = half})}, 1);
}

/// Three ways added up, as before they are merged for inference.
Value parallel(Draft& draft, const Value& x, const Plan& plan) {
  const Value three =
      unit(draft, x, "three", {.out = plan.out, .kernel = 3, .stride = plan.stride, .active = false});
  const Value one = unit(draft, x, "one", {.out = plan.out, .stride = plan.stride, .active = false});
  return active(draft, add(three, one));
}

/// Attention inside windows of pixels, which are sometimes shifted by half a window, or between pixels that
/// lie a window apart.
Value windowed(Draft& draft, const Value& x, std::int64_t side) {
  const std::int64_t rows = x.height() / side;
  const std::int64_t columns = x.width() / side;
  const std::int64_t channels = x.channels();
  if (draft.dice.chance(0.3)) {  // in one step, number by number
    const Value cut = reshape(x, {x.batch(), channels, rows, side, columns, side});
    const Value pixels = transpose(cut, {0, 2, 4, 3, 5, 1});
    const Value y =
        token_block(draft, reshape(pixels, {x.batch() * rows * columns, side * side, channels}), false);
    // Without the sum, one block's way back and the next one's way there would be left out.
    return add(x, reshape(transpose(reshape(y, pixels.sizes), {0, 5, 1, 3, 2, 4}), x.sizes));
  }
  const std::int64_t shift = draft.dice.chance(0.3) ? side / 2 : 0;
  const bool apart = draft.dice.chance(0.3);
  const auto shifted = [](const Value& y, std::int64_t by) {
    return by == 0 ? y : roll(roll(y, 1, by), 2, by);
  };
  const Value last = shifted(transpose(x, {0, 2, 3, 1}), -shift);
  const Value grid =
      apart ? transpose(reshape(last, {x.batch(), side, rows, side, columns, channels}), {0, 2, 4, 1, 3, 5})
            : transpose(reshape(last, {x.batch(), rows, side, columns, side, channels}), {0, 1, 3, 2, 4, 5});
  const Value tokens =
      token_block(draft, reshape(grid, {x.batch() * rows * columns, side * side, channels}), false);
  const Value windows = reshape(tokens, {x.batch(), rows, columns, side, side, channels});
  const Value back = apart ? transpose(windows, {0, 3, 1, 4, 2, 5}) : transpose(windows, {0, 1, 3, 2, 4, 5});
  return transpose(shifted(reshape(back, last.sizes), shift), {0, 3, 1, 2});
}

/// Attention over the pixels, of large images inside windows.
Value attentive(Draft& draft, const Value& x, const Plan& plan) {
  constexpr std::int64_t kMostPixels = 28 * 28;
  Value y = plan.stride > 1 || x.channels() != plan.out
                ? unit(draft, x, "down", {.out = plan.out, .kernel = 3, .stride = plan.stride})
                : x;
  if (y.channels() % 16 != 0) return unit(draft, y, "conv", {.out = plan.out, .kernel = 3});
  if (y.height() * y.width() > kMostPixels) {
    for (const std::int64_t side : {7, 8, 5}) {
      if (y.height() % side == 0 && y.width() % side == 0) return windowed(draft, y, side);
    }
    return unit(draft, y, "conv", {.out = plan.out, .kernel = 3});
  }
  const Value tokens = token_block(draft, tokens_of(y), false);
  return image_of(tokens, y.height(), y.width());
}

/// Features that are mixed between pieces of the image: patches go to the channels and back.
Value folded(Draft& draft, const Value& x, const Plan& plan) {
  if (x.height() % 2 != 0 || x.width() % 2 != 0) return plain(draft, x, plan);
  const auto corner = [&](std::int64_t row, std::int64_t column) {
    return slice(slice(x, 2, row, x.height(), 2), 3, column, x.width(), 2);
  };
  const Value deep = draft.dice.chance(0.5)
                         ? concat({corner(0, 0), corner(1, 0), corner(0, 1), corner(1, 1)}, 1)
                         : x.net->append({"SpaceToDepth", {x.id}, {{"blocksize", std::int64_t{2}}}},
                                         {x.batch(), 4 * x.channels(), x.height() / 2, x.width() / 2});
  const Value y = unit(draft, deep, "conv", {.out = plan.stride > 1 ? plan.out : 4 * plan.out});
  if (plan.stride > 1) return y;
  if (draft.dice.chance(0.4)) {
    const Value pieces = reshape(y, {y.batch(), plan.out, 2, 2, y.height(), y.width()});
    return reshape(transpose(pieces, {0, 1, 4, 2, 5, 3}), {x.batch(), plan.out, x.height(), x.width()});
  }
  return x.net->append({"DepthToSpace", {y.id}, {{"blocksize", std::int64_t{2}}}},
                       {x.batch(), plan.out, x.height(), x.width()});
}

Value pooled(Draft& draft, const Value& x, const Plan& plan) {
  const std::int64_t size = draft.dice.one_of<std::int64_t>({2, 3});
  const PoolOptions options{.kernel = size, .stride = plan.stride, .pad = size / 2};
  const Value y = draft.dice.chance(0.6) ? max_pool(x, options) : avg_pool(x, options);
  return unit(draft, y, "conv", {.out = plan.out, .kernel = draft.dice.one_of<std::int64_t>({1, 3})});
}

/// Neighbours' means instead of attention, then every pixel by itself, both weighted channel by channel.
Value neighbourly(Draft& draft, const Value& x, const Plan& plan) {
  Network& net = *x.net;
  Value y = plan.stride > 1 || x.channels() != plan.out
                ? unit(draft, x, "down", {.out = plan.out, .kernel = 3, .stride = plan.stride})
                : x;
  const Sizes each{plan.out, 1, 1};
  const auto scaled = [&](const Value& z, const char* name) { return mul(z, net.parameter(name, each)); };
  const Value normal = group_norm(y);
  const Value means = avg_pool(normal, PoolOptions{.kernel = 3, .stride = 1, .pad = 1});
  const Value apart = net.append({"Sub", {means.id, normal.id}}, means.sizes);
  y = add(y, scaled(apart, "scale1"));
  const Scope scope(net, "mlp");
  const Spelling curve = draft.dice.one_of({Spelling::gelu_erf, Spelling::gelu_half, draft.style.activation});
  const Value wide = activate(conv(group_norm(y), "fc1", {.out = 4 * plan.out, .bias = true}), curve);
  return add(y, scaled(conv(wide, "fc2", {.out = plan.out, .bias = true}), "scale2"));
}

using Sort = Value (*)(Draft&, const Value&, const Plan&);
constexpr std::array<Sort, 25> kSorts = {
    plain,       basic,    bottleneck, inverted,  separable,  inverted, dense,      preactivated,
    fire,        branches, crossed,    shuffle,   next_block, partial,  pyramid,    atrous,
    up_and_down, ghost,    parallel,   attentive, folded,     pooled,   bottleneck, selective,
    neighbourly};

}  // namespace

std::int64_t image_sorts() {
  return kSorts.size();
}

Value unit(Draft& draft, const Value& x, std::string_view name, const Unit& options) {
  const Scope scope(*x.net, name);
  const bool padded =
      draft.style.padded && options.stride == 2 && options.kernel % 2 == 1 && options.kernel > 1;
  const std::int64_t edge = options.dilation * (options.kernel / 2);
  Value y = conv(padded ? pad_image(x, x.height() % 2 == 0 ? edge - 1 : edge, edge) : x, "conv",
                 {.out = options.out,
                  .kernel = options.kernel,
                  .stride = options.stride,
                  .pad = padded || options.kernel % 2 == 0 ? std::optional<Window>(0) : std::nullopt,
                  .groups = options.groups,
                  .dilation = options.dilation,
                  .bias = draft.style.folded});
  if (!draft.style.folded) y = draft.style.group_norm ? group_norm(y) : batch_norm(y, "norm");
  return options.active ? activate(y, draft.style.activation) : y;
}

Value image_stage(Draft& draft, Value x, std::int64_t out, std::int64_t count, std::int64_t sort) {
  for (std::int64_t i = 0; i < count; ++i) {
    const Scope scope(*x.net, draft.next());
    const bool first = i == 0 && x.height() >= 4 && x.width() >= 4;
    x = kSorts[static_cast<std::size_t>(sort)](draft, x, {out, first ? 2 : 1});
  }
  return x;
}

Value image_block(Draft& draft, const Value& x) {
  const Scope scope(*x.net, draft.next());
  const auto sort = static_cast<std::size_t>(draft.dice.between(0, image_sorts() - 1));
  const double factor = draft.dice.one_of({0.5, 1.0, 1.0, 1.0, 1.5, 2.0, 2.0});
  const std::int64_t out = draft.channels(factor * static_cast<double>(x.channels()));
  const bool strided = x.height() >= 4 && x.width() >= 4 && draft.dice.chance(0.25);
  return kSorts[sort](draft, x, {factor == 1.0 ? x.channels() : out, strided ? 2 : 1});
}

Value image_head(Draft& draft, const Value& x) {
  const Scope scope(*x.net, "head");
  const std::int64_t classes = draft.dice.one_of<std::int64_t>({10, 100, 1000, 1000, 1001});
  switch (draft.dice.between(0, 7)) {
    case 7: {  // where the edges of boxes lie, as YOLO's later versions say it
      constexpr std::int64_t kBins = 16;
      const std::int64_t pixels = x.height() * x.width();
      const Value y = conv(unit(draft, x, "pre", {.out = x.channels(), .kernel = 3}), "edges",
                           {.out = 4 * kBins, .bias = true});
      const Value bins = transpose(reshape(y, {x.batch(), 4, kBins, pixels}), {0, 2, 1, 3});
      return reshape(conv(softmax(bins, 1), "mean", {.out = 1}), {x.batch(), 4, pixels});
    }
    case 6: {  // mobile networks widen what is pooled
      const std::int64_t width = draft.dice.one_of<std::int64_t>({512, 1024, 1280, 1280});
      const Value y = conv(global_average_pool(x), "widen", {.out = width, .bias = true});
      return linear(flatten(activate(y, draft.style.activation)), "fc", classes);
    }
    case 0:
    case 1:
      return linear(flatten(global_average_pool(x)), "fc", classes);
    case 2: {
      Value y = flatten(global_average_pool(x));
      y = activate(linear(y, "fc1", draft.channels(static_cast<double>(draft.dice.log_between(256, 4096)))),
                   draft.style.activation);
      return linear(y, "fc2", classes);
    }
    case 3: {  // AlexNet's and VGG's: the whole image enters a large layer
      Value y = flatten(x);
      if (y.sizes[1] > 32768) y = flatten(global_average_pool(x));
      y = activate(linear(y, "fc1", draft.dice.one_of<std::int64_t>({512, 1024, 2048, 4096})),
                   Spelling::relu);
      return linear(y, "fc2", classes);
    }
    case 4: {  // boxes and classes of every pixel
      const std::int64_t each = draft.dice.one_of<std::int64_t>({4, 64, 80, 85, 255});
      const Value y = conv(unit(draft, x, "pre", {.out = x.channels(), .kernel = 3}), "boxes",
                           {.out = each, .bias = true});
      const Value flat = reshape(y, {x.batch(), each, x.height() * x.width()});
      return activate(draft.dice.chance(0.5) ? transpose(flat, {0, 2, 1}) : flat, Spelling::sigmoid);
    }
    default: {  // a class for every pixel
      const Value y = conv(x, "classes", {.out = 21, .bias = true});
      const std::int64_t factor = draft.dice.one_of<std::int64_t>({2, 4, 8, 8});
      const std::int64_t uneven = draft.dice.chance(0.3) ? draft.dice.between(1, factor - 1) : 0;
      return resize(y, factor * y.height() - uneven, factor * y.width() - uneven);
    }
  }
}

}  // namespace foretime::zoo
