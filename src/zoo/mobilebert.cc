// MobileBERT: BERT's 24 layers, each of which works on a quarter of the width between two linear bottlenecks.
// Its normalisation is a scale and an offset (NoNorm).

#include <string>

#include "zoo/attention.h"
#include "zoo/families.h"
#include "zoo/layers.h"
#include "zoo/text.h"

namespace foretime::zoo {
namespace {

constexpr int kLayers = 24;
constexpr std::int64_t kWords = 30522;
constexpr std::int64_t kPositions = 512;
constexpr std::int64_t kEmbedding = 128;
constexpr std::int64_t kWidth = 512;
constexpr std::int64_t kInner = 128;
constexpr std::int64_t kHeads = 4;

Value no_norm(const Value& x, std::string_view name) {
  const Scope scope(*x.net, name, "NoNorm");
  const Value weight = x.net->parameter("weight", {x.sizes.back()});
  return add(mul(x, weight), x.net->parameter("bias", {x.sizes.back()}));
}

/// Every token beside its neighbours: the next, itself, the one before.
Value trigrams(const Value& words) {
  const std::int64_t length = words.sizes[1];
  const Value next = pad(slice(words, 1, 1, length), 1, 0, 1);
  const Value before = pad(slice(words, 1, 0, length - 1), 1, 1, 0);
  return concat({next, words, before}, 2);
}

Value embeddings(const Value& ids, const Value& types) {
  const Scope scope(*ids.net, "embeddings");
  const Value words = trigrams(embedding(ids, "word_embeddings", kWords, kEmbedding));
  const Value wide = linear(words, "embedding_transformation", kWidth);
  const Value places =
      embedding(positions(*ids.net, {1, ids.sizes[1]}), "position_embeddings", kPositions, kWidth);
  const Value kinds = embedding(types, "token_type_embeddings", 2, kWidth);
  return dropout(no_norm(add(add(wide, places), kinds), "LayerNorm"), "dropout");
}

Value bottleneck(const Value& x, std::string_view name) {
  const Scope scope(*x.net, name);
  return no_norm(linear(x, "dense", kInner), "LayerNorm");
}

/// Values come from the full width, queries and keys from the narrow one.
Value self_attention(const Value& x, const Value& shared, const Value& kept) {
  const Scope scope(*x.net, "attention");
  const Value q = linear(shared, "self.query", kInner);
  const Value k = linear(shared, "self.key", kInner);
  const Value context = attention(q, k, linear(x, "self.value", kInner), kHeads);
  return no_norm(add(linear(context, "output.dense", kInner), kept), "output.LayerNorm");
}

Value wide_relu(const Value& x) {
  return activation(linear(x, "intermediate.dense", kWidth), "intermediate.intermediate_act_fn",
                    Activation::relu);
}

Value feed_forward(const Value& x) {
  return no_norm(add(linear(wide_relu(x), "output.dense", kInner), x), "output.LayerNorm");
}

Value encoder_layer(const Value& x) {
  const Value narrow = bottleneck(x, "bottleneck.input");
  const Value shared = bottleneck(x, "bottleneck.attention");
  Value y = self_attention(x, shared, narrow);
  for (int i = 0; i < 3; ++i) {
    const Scope scope(*x.net, "ffn." + std::to_string(i));
    y = feed_forward(y);
  }
  y = feed_forward(y);
  const Scope scope(*x.net, "output.bottleneck");
  return no_norm(add(dropout(linear(y, "dense", kWidth), "dropout"), x), "LayerNorm");
}

}  // namespace

void mobilebert(Network& net, const Request& request) {
  const Value ids = token_input(net, "input_ids", request, kPositions);
  if (request.seq < 2) net.fail("one token has no neighbours", "seq of 2 or more");
  Value x = embeddings(ids, token_input(net, "token_type_ids", request, kPositions));
  for (int i = 0; i < kLayers; ++i) {
    const Scope scope(net, "encoder.layer." + std::to_string(i));
    x = encoder_layer(x);
  }
  net.output(x);
  net.output(activate(linear(pick(x, 1, 0), "pooler.dense", kWidth), Activation::tanh));
}

}  // namespace foretime::zoo
