// Vision transformers: torchvision's, and timm's, which has the same computation in other modules. timm's
// Identity modules, which stand for options that are off, make no nodes.

#include <array>
#include <string>

#include "zoo/attention.h"
#include "zoo/families.h"
#include "zoo/layers.h"
#include "zoo/variants.h"

namespace foretime::zoo {
namespace {

constexpr float kEpsilon = 1e-6f;

struct Variant {
  std::string_view name;
  std::int64_t patch;
  std::int64_t width;
  int layers;
  std::int64_t heads;
};
constexpr std::array kVariants{
    Variant{"vit_b_16", 16, 768, 12, 12},
    Variant{"vit_b_32", 32, 768, 12, 12},
    Variant{"vit_l_16", 16, 1024, 24, 16},
    Variant{"vit_l_32", 32, 1024, 24, 16},
    Variant{"vit_tiny_patch16_224", 16, 192, 12, 3},
    Variant{"vit_small_patch16_224", 16, 384, 12, 6},
};

/// A convolution that cuts the image into patches; N, patches, width.
Value patches(const Value& image, std::string_view name, const Variant& variant) {
  const Value x =
      conv(image, name,
           {.out = variant.width, .kernel = variant.patch, .stride = variant.patch, .pad = 0, .bias = true});
  return transpose(reshape(x, {x.batch(), variant.width, x.height() * x.width()}), {0, 2, 1});
}

Value with_class_token(const Value& x, std::string_view name) {
  const Value token = x.net->parameter(name, {1, 1, x.sizes[2]});
  return concat({x.batch() == 1 ? token : expand(token, {x.batch(), 1, x.sizes[2]}), x}, 1);
}

Value with_positions(const Value& x, std::string_view name) {
  return add(x, x.net->parameter(name, {1, x.sizes[1], x.sizes[2]}));
}

/// torch.nn.MultiheadAttention computes with the weights of modules that it never calls.
Value self_attention(const Value& x, std::string_view name, std::int64_t heads) {
  const Scope scope(*x.net, name);
  const std::int64_t width = x.sizes[2];
  const Value projected = add(matmul(x, x.net->parameter("in_proj_weight", {width, 3 * width})),
                              x.net->parameter("in_proj_bias", {3 * width}));
  const auto qkv = split(projected, 2, {width, width, width});
  const Value context = attention(qkv[0], qkv[1], qkv[2], heads);
  return add(matmul(context, x.net->parameter("out_proj.weight", {width, width})),
             x.net->parameter("out_proj.bias", {width}));
}

Value mlp(const Value& x) {
  const Scope scope(*x.net, "mlp");
  const Value y = activation(linear(x, "0", 4 * x.sizes[2]), "1", Activation::gelu);
  return dropout(linear(dropout(y, "2"), "3", x.sizes[2]), "4");
}

Value encoder_layer(const Value& x, std::int64_t heads) {
  const Value y =
      add(dropout(self_attention(layer_norm(x, "ln_1", kEpsilon), "self_attention", heads), "dropout"), x);
  return add(y, mlp(layer_norm(y, "ln_2", kEpsilon)));
}

/// q, k, v of split heads out of one linear layer.
Value timm_attention(const Value& x, std::int64_t heads) {
  const Scope scope(*x.net, "attn");
  const std::int64_t width = x.sizes[2];
  Value qkv = reshape(linear(x, "qkv", 3 * width), {x.batch(), x.sizes[1], 3, heads, width / heads});
  qkv = transpose(qkv, {2, 0, 3, 1, 4});
  const Value scores = attention_scores(pick(qkv, 0, 0), pick(qkv, 0, 1));
  const Value context = merge_heads(matmul(softmax(scores, -1), pick(qkv, 0, 2)));
  return dropout(linear(context, "proj", width), "proj_drop");
}

Value timm_mlp(const Value& x) {
  const Scope scope(*x.net, "mlp");
  const Value y = activation(linear(x, "fc1", 4 * x.sizes[2]), "act", Activation::gelu);
  return dropout(linear(dropout(y, "drop1"), "fc2", x.sizes[2]), "drop2");
}

}  // namespace

Value vit(const Value& image, const Request& request) {
  const Variant& variant = variant_named(kVariants, request.name);
  Value x = with_class_token(patches(image, "conv_proj", variant), "class_token");
  {
    const Scope scope(*x.net, "encoder");
    x = dropout(with_positions(x, "pos_embedding"), "dropout");
    for (int i = 0; i < variant.layers; ++i) {
      const Scope layer(*x.net, "layers.encoder_layer_" + std::to_string(i));
      x = encoder_layer(x, variant.heads);
    }
    x = layer_norm(x, "ln", kEpsilon);
  }
  return linear(pick(x, 1, 0), "heads.head", request.classes);
}

Value timm_vit(const Value& image, const Request& request) {
  const Variant& variant = variant_named(kVariants, request.name);
  Value x = with_class_token(patches(image, "patch_embed.proj", variant), "cls_token");
  x = dropout(with_positions(x, "pos_embed"), "pos_drop");
  for (int i = 0; i < variant.layers; ++i) {
    const Scope scope(*x.net, "blocks." + std::to_string(i));
    x = add(x, timm_attention(layer_norm(x, "norm1", kEpsilon), variant.heads));
    x = add(x, timm_mlp(layer_norm(x, "norm2", kEpsilon)));
  }
  x = dropout(pick(layer_norm(x, "norm", kEpsilon), 1, 0), "head_drop");
  return linear(x, "head", request.classes);
}

}  // namespace foretime::zoo
