// GPT-2 as transformers has it, without cache. gpt2_lm adds the scores of the next token, whose weights are
// those of the word embeddings.

#include <string>

#include "zoo/attention.h"
#include "zoo/families.h"
#include "zoo/layers.h"
#include "zoo/text.h"

namespace foretime::zoo {
namespace {

constexpr int kLayers = 12;
constexpr std::int64_t kWords = 50257;
constexpr std::int64_t kPositions = 1024;
constexpr std::int64_t kWidth = 768;
constexpr std::int64_t kHeads = 12;
constexpr float kEpsilon = 1e-5f;

/// A linear layer under transformers' name for it.
Value conv_1d(const Value& x, std::string_view name, std::int64_t out) {
  return linear(x, name, out, {.leaf_class = "Conv1D"});
}

Value self_attention(const Value& x, const Value& mask) {
  const Scope scope(*x.net, "attn");
  const auto qkv = split(conv_1d(x, "c_attn", 3 * kWidth), 2, {kWidth, kWidth, kWidth});
  const Value context = attention(qkv[0], qkv[1], qkv[2], kHeads, mask);
  return dropout(conv_1d(context, "c_proj", kWidth), "resid_dropout");
}

Value mlp(const Value& x) {
  const Scope scope(*x.net, "mlp");
  const Value y = activation(conv_1d(x, "c_fc", 4 * kWidth), "act", Activation::gelu_tanh);
  return dropout(conv_1d(y, "c_proj", kWidth), "dropout");
}

Value hidden_states(const Value& ids, const Value& mask) {
  Network& net = *ids.net;
  const Value words = embedding(ids, "wte", kWords, kWidth);
  Value x =
      dropout(add(words, embedding(positions(net, {1, ids.sizes[1]}), "wpe", kPositions, kWidth)), "drop");
  for (int i = 0; i < kLayers; ++i) {
    const Scope scope(net, "h." + std::to_string(i));
    x = add(self_attention(layer_norm(x, "ln_1", kEpsilon), mask), x);
    x = add(x, mlp(layer_norm(x, "ln_2", kEpsilon)));
  }
  return layer_norm(x, "ln_f", kEpsilon);
}

Value next_token(const Value& x, const Value& words) {
  const Value weight = transpose(words, {1, 0});
  const Scope scope(*x.net, "lm_head", "Linear");
  return matmul(x, weight);
}

}  // namespace

void gpt2(Network& net, const Request& request) {
  const Value ids = token_input(net, "input_ids", request, kPositions);
  const Value mask = causal_mask(net, request.seq);
  if (request.name == "gpt2") {
    net.output(hidden_states(ids, mask));
    return;
  }
  Value x;
  Value words;
  {
    const Scope scope(net, "transformer");
    x = hidden_states(ids, mask);
    words = net.parameter("wte.weight", {kWords, kWidth});
  }
  net.output(next_token(x, words));
}

}  // namespace foretime::zoo
