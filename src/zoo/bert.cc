// BERT and DistilBERT as transformers has them, without padding: every token looks at every token.

#include <string>

#include "zoo/attention.h"
#include "zoo/families.h"
#include "zoo/layers.h"
#include "zoo/text.h"

namespace foretime::zoo {
namespace {

constexpr std::int64_t kWords = 30522;
constexpr std::int64_t kPositions = 512;
constexpr std::int64_t kWidth = 768;
constexpr std::int64_t kHeads = 12;
constexpr float kEpsilon = 1e-12f;

Value embeddings(const Value& ids, const Value& types) {
  const Scope scope(*ids.net, "embeddings");
  const Value words = embedding(ids, "word_embeddings", kWords, kWidth);
  const Value kinds = embedding(types, "token_type_embeddings", 2, kWidth);
  const Value places =
      embedding(positions(*ids.net, {1, ids.sizes[1]}), "position_embeddings", kPositions, kWidth);
  return dropout(layer_norm(add(add(words, kinds), places), "LayerNorm", kEpsilon), "dropout");
}

Value self_attention(const Value& x) {
  const Scope scope(*x.net, "attention");
  const Value q = linear(x, "self.query", kWidth);
  const Value k = linear(x, "self.key", kWidth);
  const Value context = attention(q, k, linear(x, "self.value", kWidth), kHeads);
  const Value y = dropout(linear(context, "output.dense", kWidth), "output.dropout");
  return layer_norm(add(y, x), "output.LayerNorm", kEpsilon);
}

Value encoder_layer(const Value& x) {
  const Value y = self_attention(x);
  Value z = linear(y, "intermediate.dense", 4 * kWidth);
  z = activation(z, "intermediate.intermediate_act_fn", Activation::gelu, "GELUActivation");
  z = dropout(linear(z, "output.dense", kWidth), "output.dropout");
  return layer_norm(add(z, y), "output.LayerNorm", kEpsilon);
}

/// What the first token has become.
Value pooler(const Value& x) {
  const Scope scope(*x.net, "pooler");
  return activation(linear(pick(x, 1, 0), "dense", kWidth), "activation", Activation::tanh);
}

Value distil_attention(const Value& x) {
  const Scope scope(*x.net, "attention");
  const Value q = linear(x, "q_lin", kWidth);
  const Value k = linear(x, "k_lin", kWidth);
  return linear(attention(q, k, linear(x, "v_lin", kWidth), kHeads), "out_lin", kWidth);
}

Value distil_feed_forward(const Value& x) {
  const Scope scope(*x.net, "ffn");
  const Value y = activation(linear(x, "lin1", 4 * kWidth), "activation", Activation::gelu, "GELUActivation");
  return dropout(linear(y, "lin2", kWidth), "dropout");
}

}  // namespace

void bert(Network& net, const Request& request) {
  constexpr int kLayers = 12;
  const Value ids = token_input(net, "input_ids", request, kPositions);
  Value x = embeddings(ids, token_input(net, "token_type_ids", request, kPositions));
  for (int i = 0; i < kLayers; ++i) {
    const Scope scope(net, "encoder.layer." + std::to_string(i));
    x = encoder_layer(x);
  }
  net.output(x);
  net.output(pooler(x));
}

void distilbert(Network& net, const Request& request) {
  constexpr int kLayers = 6;
  const Value ids = token_input(net, "input_ids", request, kPositions);
  Value x;
  {
    const Scope scope(net, "embeddings");
    const Value words = embedding(ids, "word_embeddings", kWords, kWidth);
    const Value places =
        embedding(positions(net, {1, request.seq}), "position_embeddings", kPositions, kWidth);
    x = dropout(layer_norm(add(words, places), "LayerNorm", kEpsilon), "dropout");
  }
  for (int i = 0; i < kLayers; ++i) {
    const Scope scope(net, "transformer.layer." + std::to_string(i));
    x = layer_norm(add(distil_attention(x), x), "sa_layer_norm", kEpsilon);
    x = layer_norm(add(distil_feed_forward(x), x), "output_layer_norm", kEpsilon);
  }
  net.output(x);
}

}  // namespace foretime::zoo
