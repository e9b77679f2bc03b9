// Blocks of transformers and recurrent networks, over tokens N, L, C.

#include <algorithm>
#include <cmath>
#include <numeric>

#include "zoo/attention.h"
#include "zoo/random.h"

namespace foretime::zoo {
namespace {

/// The root of the mean square, as decoders normalise.
Value rms_norm(Draft& draft, const Value& x, std::string_view name) {
  const Scope scope(*x.net, name);
  Network& net = *x.net;
  Sizes one = x.sizes;
  one.back() = 1;
  const Value squares = net.append({"Pow", {x.id, net.scalar(2).id}}, x.sizes);
  const Value mean = net.append({"ReduceMean", {squares.id, net.integers({-1}).id}}, one);
  const Value root = net.append({"Sqrt", {add(mean, net.scalar(1e-6F)).id}}, one);
  const Value factor = draft.dice.chance(0.5) ? net.append({"Reciprocal", {root.id}}, one)
                                              : net.append({"Div", {net.scalar(1).id, root.id}}, one);
  return mul(net.parameter("weight", {x.sizes.back()}), mul(x, factor));
}

/// Queries, keys and values of all heads from one product, taken apart as exporters do.
std::vector<Value> joint_projection(Draft& draft, const Value& x, std::int64_t heads) {
  const std::int64_t width = x.sizes[2];
  const Value all = linear(x, "qkv", 3 * width, {.bias = draft.dice.chance(0.8)});
  const std::int64_t length = x.sizes[1];
  if (draft.dice.chance(0.5)) {
    const Value five = transpose(reshape(all, {x.batch(), length, 3, heads, width / heads}), {2, 0, 3, 1, 4});
    return {pick(five, 0, 0), pick(five, 0, 1), pick(five, 0, 2)};
  }
  std::vector<Value> parts = split(all, 2, {width, width, width});
  for (Value& part : parts) part = split_heads(part, heads);
  return parts;
}

std::vector<Value> projections(Draft& draft, const Value& x, std::int64_t heads) {
  if (draft.dice.chance(0.5)) return joint_projection(draft, x, heads);
  std::vector<Value> parts;
  for (const char* name : {"q", "k", "v"}) parts.push_back(split_heads(linear(x, name, x.sizes[2]), heads));
  return parts;
}

/// As decoders do: positions turn queries and keys, and several heads share keys and values.
std::vector<Value> decoder_projections(Draft& draft, const Value& x, std::int64_t heads) {
  Network& net = *x.net;
  const std::int64_t depth = x.sizes[2] / heads;
  const std::int64_t shared =
      draft.dice.chance(0.5) ? std::gcd(heads, draft.dice.one_of<std::int64_t>({2, 4, 8})) : 1;
  std::vector<Value> parts;
  for (const char* name : {"q", "k", "v"}) {
    const std::int64_t own = parts.empty() ? heads : heads / shared;
    parts.push_back(split_heads(linear(x, name, own * depth, {.bias = false}), own));
  }
  if (draft.dice.chance(0.8)) {
    const Value cosines = net.parameter("cos", {1, 1, x.sizes[1], depth});
    const Value sines = net.parameter("sin", {1, 1, x.sizes[1], depth});
    for (const std::size_t i : {0, 1}) {
      Value& part = parts[i];
      const Value right = slice(part, 3, depth / 2, depth);
      const Value negated = net.append({"Neg", {right.id}}, right.sizes);
      part = add(mul(part, cosines), mul(concat({negated, slice(part, 3, 0, depth / 2)}, 3), sines));
    }
  }
  if (shared == 1) return parts;
  for (const std::size_t i : {1, 2}) {
    Value& part = parts[i];
    const Sizes s = part.sizes;
    const Value five = expand(reshape(part, {s[0], s[1], 1, s[2], s[3]}), {s[0], s[1], shared, s[2], s[3]});
    part = reshape(five, {s[0], heads, s[2], s[3]});
  }
  return parts;
}

/// Keys and values of the means of two tokens each.
std::vector<Value> pooled_projections(const Value& x, std::int64_t heads) {
  Network& net = *x.net;
  const std::int64_t width = x.sizes[2];
  const Value pairs = reshape(x, {x.batch(), x.sizes[1] / 2, 2, width});
  const Value means =
      net.append({"ReduceMean", {pairs.id, net.integers({2}).id}, {{"keepdims", std::int64_t{0}}}},
                 {x.batch(), x.sizes[1] / 2, width});
  return {split_heads(linear(x, "q", width), heads), split_heads(linear(means, "k", width), heads),
          split_heads(linear(means, "v", width), heads)};
}

/// The heads of each pair of tokens are mixed.
Value mixed_heads(const Value& x, std::string_view name) {
  return transpose(linear(transpose(x, {0, 2, 3, 1}), name, x.sizes[1]), {0, 3, 1, 2});
}

/// `decoder`: as language models are written today, else as encoders.
Value self_attention(Draft& draft, const Value& x, bool causal, bool decoder) {
  const Scope scope(*x.net, "attention");
  const std::int64_t width = x.sizes[2];
  std::int64_t depth = draft.dice.one_of<std::int64_t>({16, 32, 64, 64});
  while (width % depth != 0) depth /= 2;
  const std::int64_t heads = width / depth;
  const bool pooled = !causal && x.sizes[1] % 2 == 0 && draft.dice.chance(0.1);
  const std::vector<Value> qkv = decoder  ? decoder_projections(draft, x, heads)
                                 : pooled ? pooled_projections(x, heads)
                                          : projections(draft, x, heads);
  Network& net = *x.net;
  Value scores;
  switch (draft.dice.between(0, 9)) {
    case 9:
      scores = net.append({"Einsum",
                           {mul(qkv[0], net.scalar(1 / std::sqrt(static_cast<float>(depth)))).id, qkv[1].id},
                           {{"equation", std::string("bhid,bhjd->bhij")}}},
                          {x.batch(), heads, x.sizes[1], qkv[1].sizes[2]});
      break;
    case 0:
    case 1:
    case 2:
      scores = attention_scores(qkv[0], qkv[1]);
      break;
    case 3:
    case 4:
    case 5:  // BERT's
      scores = div(matmul(qkv[0], transpose(qkv[1], {0, 1, 3, 2})),
                   net.scalar(std::sqrt(static_cast<float>(depth))));
      break;
    default: {  // PyTorch's scaled_dot_product_attention
      const Value root = net.scalar(1 / std::sqrt(std::sqrt(static_cast<float>(depth))));
      scores = matmul(mul(qkv[0], root), mul(transpose(qkv[1], {0, 1, 3, 2}), root));
    }
  }
  const std::int64_t length = x.sizes[1];
  if (causal) scores = where(causal_mask(net, length), scores, net.scalar(-1e9F));
  if (!causal && draft.dice.chance(0.3))
    scores = add(scores, net.parameter("bias", {1, heads, length, qkv[1].sizes[2]}));
  const bool talking = !causal && draft.dice.chance(0.1);
  if (talking) scores = mixed_heads(scores, "before");
  Value shares = softmax(scores, -1);
  if (talking) shares = mixed_heads(shares, "behind");
  if (draft.dice.chance(0.05)) {  // what was taken away is made up for
    Sizes one = shares.sizes;
    one.back() = 1;
    shares = div(shares, net.append({"ReduceSum", {shares.id, net.integers({-1}).id}}, one));
  }
  const Value y = merge_heads(matmul(shares, qkv[2]));
  return linear(y, "out", width, {.bias = !decoder});
}

/// Every number divided by the length of its row.
Value of_length_one(const Value& x) {
  Network& net = *x.net;
  Sizes one = x.sizes;
  one.back() = 1;
  const Value length = net.append({"ReduceL2", {x.id, net.integers({-1}).id}}, one);
  const Value above = net.append({"Clip", {length.id, net.scalar(1e-12F).id}}, one);
  return div(x, expand(above, x.sizes));
}

/// Channels attend to channels, over all tokens.
Value channel_attention(Draft& draft, const Value& x) {
  const Scope scope(*x.net, "channels");
  Network& net = *x.net;
  const std::int64_t width = x.sizes[2];
  std::int64_t depth = draft.dice.one_of<std::int64_t>({16, 32, 48, 64});
  while (width % depth != 0) depth = depth % 3 == 0 ? 16 : depth / 2;
  const std::int64_t heads = width / depth;
  const Value all = linear(x, "qkv", 3 * width);
  const Value five = transpose(reshape(all, {x.batch(), x.sizes[1], 3, heads, depth}), {2, 0, 3, 4, 1});
  const Value q = of_length_one(pick(five, 0, 0));
  const Value k = of_length_one(pick(five, 0, 1));
  const Value scores = mul(matmul(q, transpose(k, {0, 1, 3, 2})), net.parameter("heat", {heads, 1, 1}));
  const Value y = matmul(softmax(scores, -1), pick(five, 0, 2));
  return linear(reshape(transpose(y, {0, 3, 1, 2}), x.sizes), "out", width);
}

/// The first tokens ask all of them: a class alone, or a decoder its encoder.
Value asked(Draft& draft, const Value& x) {
  const Scope scope(*x.net, "asked");
  const std::int64_t width = x.sizes[2];
  const std::int64_t length = x.sizes[1];
  const std::int64_t count = std::min(length, draft.dice.one_of<std::int64_t>({1, 1, 8, 32}));
  const std::int64_t heads = width / std::gcd<std::int64_t>(width, 32);
  const bool bias = draft.dice.chance(0.7);
  const Value first = slice(x, 1, 0, count);
  const Value q = split_heads(linear(first, "q", width, {.bias = bias}), heads);
  const Value k = split_heads(linear(x, "k", width, {.bias = bias}), heads);
  const Value v = split_heads(linear(x, "v", width, {.bias = bias}), heads);
  const Value shares = softmax(matmul(q, transpose(k, {0, 1, 3, 2})), -1);
  const Value y = add(first, linear(merge_heads(matmul(shares, v)), "out", width, {.bias = bias}));
  return count == length ? y : concat({y, slice(x, 1, count, length)}, 1);
}

Value feed_forward(Draft& draft, const Value& x, bool decoder) {
  const Scope scope(*x.net, "mlp");
  const std::int64_t width = x.sizes[2];
  const std::int64_t inner = draft.dice.one_of<std::int64_t>({2, 3, 4, 4, 4}) * width;
  if (decoder || draft.dice.chance(0.1)) {
    const Spelling spelling = draft.dice.one_of({Spelling::silu, Spelling::silu, Spelling::gelu_tanh});
    const Value gate = activate(linear(x, "gate", inner, {.bias = false}), spelling);
    return linear(mul(gate, linear(x, "up", inner, {.bias = false})), "down", width, {.bias = false});
  }
  const Spelling spelling = draft.dice.one_of({Spelling::gelu_erf, Spelling::gelu_erf, Spelling::gelu,
                                               Spelling::gelu_tanh, Spelling::relu, Spelling::silu});
  const bool bias = draft.dice.chance(0.85);
  return linear(activate(linear(x, "fc1", inner, {.bias = bias}), spelling), "fc2", width, {.bias = bias});
}

/// The tokens change places with the channels.
Value mixed(Draft& draft, const Value& x) {
  const Scope scope(*x.net, "mixer");
  Value y = transpose(x, {0, 2, 1});
  y = activate(linear(y, "fc1", draft.channels(2.0 * static_cast<double>(x.sizes[1]))),
               draft.dice.one_of({Spelling::gelu_erf, Spelling::gelu_half}));
  return transpose(linear(y, "fc2", x.sizes[1]), {0, 2, 1});
}

/// Tokens in another order, or some of them or of their numbers replaced.
Value rearranged(Draft& draft, const Value& x) {
  const Scope scope(*x.net, "rearranged");
  Network& net = *x.net;
  const std::int64_t length = x.batch() * x.sizes[1];
  const Value rows = reshape(x, {length, x.sizes[2]});
  std::vector<std::int64_t> places;
  switch (draft.dice.between(0, 4)) {
    case 4: {
      // As the pixels of an image on its side: the axes in reverse.
      const std::int64_t columns = x.sizes[1] % 2 == 0 ? 2 : 1;
      const Value image = reshape(x, {x.batch(), x.sizes[1] / columns, columns, x.sizes[2]});
      return reshape(transpose(image, {0, 3, 2, 1}), x.sizes);
    }
    case 3: {
      // Windows of two rows that overlap by one, number by number, as exporters write as_strided.
      constexpr std::int64_t kMost = 1 << 15;
      const std::int64_t width = x.sizes[2];
      const std::int64_t count = std::clamp<std::int64_t>(kMost / width, 1, length);
      for (std::int64_t i = 0; i < count * width; ++i)
        places.push_back(i / (2 * width) * width + i % (2 * width));
      const Value flat = reshape(slice(rows, 0, 0, count), {count * width});
      const Value windows = net.append({"Gather", {flat.id, net.integers(places).id}}, flat.sizes);
      const Value y = reshape(windows, {count, width});
      return reshape(count == length ? y : concat({y, slice(rows, 0, count, length)}, 0), x.sizes);
    }
    case 0:
      for (std::int64_t i = 0; i < length; ++i) places.push_back(length - 1 - i);
      return reshape(net.append({"Gather", {rows.id, net.integers(places).id}}, rows.sizes), x.sizes);
    case 1: {
      const std::int64_t count = (length + 1) / 2;
      for (std::int64_t i = 0; i < count; ++i) places.push_back(2 * i);
      const Value at = reshape(net.integers(places), {count, 1});
      return reshape(net.append({"ScatterND", {rows.id, at.id, slice(rows, 0, 0, count).id}}, rows.sizes),
                     x.sizes);
    }
    default: {
      const std::int64_t each = draft.dice.one_of<std::int64_t>({4, 8, 16});
      const std::int64_t count = std::min<std::int64_t>(length, 256);
      for (std::int64_t i = 0; i < count * each; ++i) {
        places.push_back(i / each);
        places.push_back(i % each);
      }
      const Value at = reshape(net.integers(places), {count, each, 2});
      const Value numbers = slice(slice(rows, 0, 0, count), 1, 0, each);
      return reshape(net.append({"ScatterND", {rows.id, at.id, numbers.id}}, rows.sizes), x.sizes);
    }
  }
}

Value recurrent(Draft& draft, const Value& x) {
  Network& net = *x.net;
  const bool lstm = draft.dice.chance(0.6);
  const std::int64_t gates = lstm ? 4 : 3;
  const std::int64_t directions = draft.dice.one_of<std::int64_t>({1, 2});
  const std::int64_t hidden = draft.channels(static_cast<double>(draft.dice.log_between(32, 512)));
  const std::int64_t length = x.sizes[1];
  const Value sequence = transpose(x, {1, 0, 2});
  const Value weights = net.parameter("w", {directions, gates * hidden, x.sizes[2]});
  const Value recurrence = net.parameter("r", {directions, gates * hidden, hidden});
  const Value bias = net.parameter("b", {directions, 2 * gates * hidden});
  Attributes attributes{{"hidden_size", hidden},
                        {"direction", std::string(directions == 2 ? "bidirectional" : "forward")}};
  if (!lstm) attributes.set("linear_before_reset", std::int64_t{1});
  const Value y = net.append(
      {lstm ? "LSTM" : "GRU", {sequence.id, weights.id, recurrence.id, bias.id}, std::move(attributes)},
      {length, directions, x.batch(), hidden});
  const Value joined = reshape(transpose(y, {2, 0, 1, 3}), {x.batch(), length, directions * hidden});
  return linear(joined, "project", x.sizes[2]);
}

}  // namespace

Value token_block(Draft& draft, const Value& x, bool causal) {
  const double which = draft.dice.unit();
  if (which < 0.06) return recurrent(draft, x);
  if (which < 0.12) return add(x, mixed(draft, layer_norm(draft, x, "norm")));
  if (which < 0.15) return rearranged(draft, x);
  if (which < 0.19) return add(x, channel_attention(draft, layer_norm(draft, x, "norm")));
  if (which < 0.25) return asked(draft, x);
  const bool first = draft.dice.chance(0.7);  // normalise before, or behind
  const bool root = causal && draft.dice.chance(0.4);
  const auto norm = [&](const Value& y, const char* name) {
    return root ? rms_norm(draft, y, name) : layer_norm(draft, y, name);
  };
  if (first) {
    const bool scaled = draft.dice.chance(0.15);
    const auto scale = [&](const Value& y, const char* name) {
      return scaled ? mul(y, x.net->parameter(name, {x.sizes[2]})) : y;
    };
    const Value y = add(x, scale(self_attention(draft, norm(x, "norm1"), causal, root), "scale1"));
    return add(y, scale(feed_forward(draft, norm(y, "norm2"), root), "scale2"));
  }
  const Value y = norm(add(self_attention(draft, x, causal, false), x), "norm1");
  return norm(add(feed_forward(draft, y, false), y), "norm2");
}

Value tokens_of(const Value& image) {
  return transpose(reshape(image, {image.batch(), image.channels(), image.height() * image.width()}),
                   {0, 2, 1});
}

Value image_of(const Value& tokens, std::int64_t height, std::int64_t width) {
  return reshape(transpose(tokens, {0, 2, 1}), {tokens.batch(), tokens.sizes[2], height, width});
}

Value layer_norm(Draft& draft, const Value& x, std::string_view name) {
  if (draft.style.layer_norm_op) return layer_norm(x, name, 1e-5F);
  const Scope scope(*x.net, name);
  Network& net = *x.net;
  Sizes one = x.sizes;
  one.back() = 1;
  const auto mean = [&](const Value& y) {
    return net.append({"ReduceMean", {y.id, net.integers({-1}).id}}, one);
  };
  const Value centred = net.append({"Sub", {x.id, mean(x).id}}, x.sizes);
  const Value variance = mean(net.append({"Pow", {centred.id, net.scalar(2).id}}, x.sizes));
  const Value root = net.append({"Sqrt", {add(variance, net.scalar(1e-5F)).id}}, one);
  const Sizes channels{x.sizes.back()};
  return add(mul(div(centred, root), net.parameter("weight", channels)), net.parameter("bias", channels));
}

}  // namespace foretime::zoo
