// Whisper, tiny, as transformers has it: the encoder of a spectrogram of 30 seconds, and the decoder, without
// cache.

#include <string>

#include "zoo/attention.h"
#include "zoo/families.h"
#include "zoo/layers.h"
#include "zoo/text.h"

namespace foretime::zoo {
namespace {

constexpr int kLayers = 4;
constexpr std::int64_t kMelBands = 80;
constexpr std::int64_t kFrames = 3000;  // of 10 ms
constexpr std::int64_t kWords = 51865;
constexpr std::int64_t kPositions = 448;
constexpr std::int64_t kWidth = 384;
constexpr std::int64_t kHeads = 6;
constexpr float kEpsilon = 1e-5f;

/// Queries from x, keys and values from `from`.
Value attend(const Value& x, const Value& from, std::string_view name,
             const std::optional<Value>& mask = {}) {
  const Scope scope(*x.net, name);
  const Value q = linear(x, "q_proj", kWidth);
  const Value k = linear(from, "k_proj", kWidth, {.bias = false});
  return linear(attention(q, k, linear(from, "v_proj", kWidth), kHeads, mask), "out_proj", kWidth);
}

Value self_attention(const Value& x, const std::optional<Value>& mask = {}) {
  const Value y = layer_norm(x, "self_attn_layer_norm", kEpsilon);
  return add(x, attend(y, y, "self_attn", mask));
}

Value feed_forward(const Value& x) {
  Value y = linear(layer_norm(x, "final_layer_norm", kEpsilon), "fc1", 4 * kWidth);
  y = activation(y, "activation_fn", Activation::gelu, "GELUActivation");
  return add(x, linear(y, "fc2", kWidth));
}

/// Rows of the position table as one module call.
Value places(const Value& index, std::int64_t rows, std::string_view leaf_class) {
  const Scope scope(*index.net, "embed_positions", leaf_class);
  return gather(index.net->parameter("weight", {rows, kWidth}), index);
}

Value conv_gelu(const Value& x, std::string_view name, std::int64_t stride) {
  return activate(
      conv(x, name, {.out = kWidth, .kernel = 3, .stride = stride, .bias = true, .leaf_class = "Conv1d"}),
      Activation::gelu);
}

}  // namespace

void whisper_encoder(Network& net, const Request& request) {
  const Value mel = net.input("input_features", {request.batch, kMelBands, kFrames});
  Value x = transpose(conv_gelu(conv_gelu(mel, "conv1", 1), "conv2", 2), {0, 2, 1});
  x = add(x, places(positions(net, {kFrames / 2}), kFrames / 2, "Embedding"));
  for (int i = 0; i < kLayers; ++i) {
    const Scope scope(net, "layers." + std::to_string(i));
    x = feed_forward(self_attention(x));
  }
  net.output(layer_norm(x, "layer_norm", kEpsilon));
}

void whisper_decoder(Network& net, const Request& request) {
  const Value ids = token_input(net, "input_ids", request, kPositions);
  const Value heard = net.input("encoder_hidden_states", {request.batch, kFrames / 2, kWidth});
  const Value mask = causal_mask(net, request.seq);
  Value x = embedding(ids, "embed_tokens", kWords, kWidth);
  x = add(x, places(positions(net, {1, request.seq}), kPositions, "WhisperPositionalEmbedding"));
  for (int i = 0; i < kLayers; ++i) {
    const Scope scope(net, "layers." + std::to_string(i));
    x = self_attention(x, mask);
    x = add(x, attend(layer_norm(x, "encoder_attn_layer_norm", kEpsilon), heard, "encoder_attn"));
    x = feed_forward(x);
  }
  net.output(layer_norm(x, "layer_norm", kEpsilon));
}

}  // namespace foretime::zoo
