// Attention in all its forms. They differ in where they keep batch, heads and positions; every form is first
// brought to the same sizes (AttentionSizes), from which output shapes and costs follow.

#include <algorithm>
#include <functional>
#include <string>

#include "ops/attention_view.h"
#include "ops/families.h"
#include "ops/infer_context.h"
#include "ops/shape_rules.h"
#include "ops/work.h"

namespace foretime::ops {
namespace {

constexpr const char* kMs = "com.microsoft";

/// AttentionView before names are taken at their upper bound.
struct AttentionSizes {
  Dim batch = 1;
  Dim heads = 1;
  Dim kv_heads = 1;
  Dim queries = 1;
  Dim keys = 1;
  Dim head_size = 1;
  Dim value_size = 1;
  Dim projection_inputs = 0;
  Dim projection_outputs = 0;
  Dim tokens = 1;
};

/// The shape of input i, or null.
using ShapeOf = std::function<const Shape*(std::size_t)>;

const Shape* of_rank(const ShapeOf& shape, std::size_t input, std::size_t rank) {
  const Shape* found = shape(input);
  return found != nullptr && found->size() == rank ? found : nullptr;
}

Dim heads_attribute(const Node& node, const char* name) {
  const std::int64_t heads = node.attributes.integer(name, 0);
  if (heads < 1) throw Error("", std::string("has ") + std::to_string(heads) + " " + name, "at least 1");
  return heads;
}

bool shares_buffer(const Node& node) {
  return node.attributes.integer("past_present_share_buffer", 0) != 0;
}

/// Keys after this call: those of the past (on `axis` of input `past`) and `fresh` ones; a shared buffer
/// already has room for all.
Dim all_keys(const Node& node, const ShapeOf& shape, std::size_t past, std::size_t rank, const Dim& fresh) {
  const Shape* before = of_rank(shape, past, rank);
  if (before == nullptr) return fresh;
  const Dim& length = (*before)[rank - 2];
  return shares_buffer(node) ? length : length + fresh;
}

/// ONNX: [batch, heads, positions, size], or [batch, positions, heads·size] with the heads as attributes.
std::optional<AttentionSizes> onnx_sizes(const Node& node, const ShapeOf& shape) {
  const Shape* q = shape(0);
  const Shape* k = shape(1);
  const Shape* v = shape(2);
  if (q == nullptr || k == nullptr || v == nullptr) return std::nullopt;
  AttentionSizes sizes;
  if (q->size() == 4 && k->size() == 4 && v->size() == 4) {
    sizes.heads = (*q)[1];
    sizes.kv_heads = (*k)[1];
    sizes.queries = (*q)[2];
    sizes.keys = (*k)[2];
    sizes.head_size = (*q)[3];
    sizes.value_size = (*v)[3];
  } else if (q->size() == 3 && k->size() == 3 && v->size() == 3) {
    sizes.heads = heads_attribute(node, "q_num_heads");
    sizes.kv_heads = heads_attribute(node, "kv_num_heads");
    sizes.queries = (*q)[1];
    sizes.keys = (*k)[1];
    sizes.head_size = floor_div((*q)[2], sizes.heads);
    sizes.value_size = floor_div((*v)[2], sizes.kv_heads);
  } else {
    throw Error("", "attends from " + to_string(*q) + " to " + to_string(*k) + " and " + to_string(*v),
                "three tensors of rank 3, or three of rank 4");
  }
  sizes.batch = (*q)[0];
  sizes.keys = all_keys(node, shape, 4, 4, sizes.keys);
  return sizes;
}

/// Attention that projects its input itself: input[…, inputs], weights[inputs, Q + K + V].
std::optional<AttentionSizes> projected_sizes(const Node& node, const ShapeOf& shape, std::size_t past) {
  const Shape* input = shape(0);
  const Shape* weights = of_rank(shape, 1, 2);
  if (input == nullptr || input->empty() || weights == nullptr) return std::nullopt;
  AttentionSizes sizes;
  sizes.heads = sizes.kv_heads = heads_attribute(node, "num_heads");
  sizes.projection_inputs = input->back();
  sizes.projection_outputs = (*weights)[1];
  Dim query_columns = floor_div((*weights)[1], 3);
  Dim value_columns = query_columns;
  if (const auto split = node.attributes.integers("qkv_hidden_sizes"); split.size() == 3) {
    query_columns = split[0];
    value_columns = split[2];
  }
  sizes.head_size = floor_div(query_columns, sizes.heads);
  sizes.value_size = floor_div(value_columns, sizes.heads);
  if (node.op == "PackedAttention") {
    const Shape* places = of_rank(shape, 3, 2);  // token_offset[batch, positions]: sentences without padding
    if (places == nullptr || input->size() != 2) return std::nullopt;
    sizes.tokens = (*input)[0];
    sizes.batch = (*places)[0];
    sizes.queries = sizes.keys = (*places)[1];
    return sizes;
  }
  if (input->size() != 3) throw Error("", "input 0 is " + to_string(*input), "a tensor of rank 3");
  sizes.batch = (*input)[0];
  sizes.queries = (*input)[1];
  sizes.tokens = sizes.batch * sizes.queries;
  sizes.keys = all_keys(node, shape, past, 5, sizes.queries);
  return sizes;
}

/// Queries, keys and values already projected; any two or all three may be packed into one tensor.
std::optional<AttentionSizes> multi_head_sizes(const Node& node, const ShapeOf& shape, std::size_t past) {
  const Shape* q = shape(0);
  if (q == nullptr) return std::nullopt;
  AttentionSizes sizes;
  sizes.heads = sizes.kv_heads = heads_attribute(node, "num_heads");
  if (q->size() == 5) {  // [batch, positions, heads, 3, size]
    sizes.batch = (*q)[0];
    sizes.queries = sizes.keys = (*q)[1];
    sizes.head_size = sizes.value_size = (*q)[4];
    return sizes;
  }
  if (q->size() != 3) throw Error("", "input 0 is " + to_string(*q), "a tensor of rank 3 or 5");
  sizes.batch = (*q)[0];
  sizes.queries = sizes.keys = (*q)[1];
  sizes.head_size = sizes.value_size = floor_div((*q)[2], sizes.heads);
  const Shape* k = shape(1);
  const Shape* v = shape(2);
  if (k == nullptr) {  // a decoder's first input may hold all three side by side
    if (node.inputs.size() < 2 || node.inputs[1] == kNoTensor) {
      sizes.head_size = sizes.value_size = floor_div((*q)[2], sizes.heads * Dim(3));
    } else {
      return std::nullopt;
    }
  } else if (k->size() == 5) {  // [batch, positions, heads, 2, size]
    sizes.keys = (*k)[1];
  } else if (k->size() == 4) {  // [batch, heads, positions, size]: computed before, nothing is added
    sizes.keys = (*k)[2];
    if (v != nullptr && v->size() == 4) sizes.value_size = (*v)[3];
    return sizes;
  } else if (k->size() == 3) {
    sizes.keys = (*k)[1];
    if (v != nullptr && v->size() == 3) sizes.value_size = floor_div((*v)[2], sizes.heads);
  }
  sizes.keys = all_keys(node, shape, past, 4, sizes.keys);
  return sizes;
}

/// query[tokens, …] of sentences without padding, whose places are token_offset[batch, positions].
std::optional<AttentionSizes> packed_multi_head_sizes(const Node& node, const ShapeOf& shape) {
  const Shape* q = shape(0);
  const Shape* places = of_rank(shape, 4, 2);
  if (q == nullptr || places == nullptr) return std::nullopt;
  AttentionSizes sizes;
  sizes.heads = sizes.kv_heads = heads_attribute(node, "num_heads");
  sizes.batch = (*places)[0];
  sizes.queries = sizes.keys = (*places)[1];
  sizes.tokens = (*q)[0];
  if (q->size() == 4) {  // [tokens, heads, 3, size]
    sizes.head_size = sizes.value_size = (*q)[3];
    return sizes;
  }
  if (q->size() != 2) throw Error("", "input 0 is " + to_string(*q), "a tensor of rank 2 or 4");
  sizes.head_size = sizes.value_size = floor_div((*q)[1], sizes.heads);
  if (const Shape* v = of_rank(shape, 2, 2)) sizes.value_size = floor_div((*v)[1], sizes.heads);
  return sizes;
}

/// Groups of heads that share keys and values; without input 1, the first holds all three side by side.
std::optional<AttentionSizes> grouped_sizes(const Node& node, const ShapeOf& shape) {
  const Shape* q = of_rank(shape, 0, 3);
  if (q == nullptr) return std::nullopt;
  AttentionSizes sizes;
  sizes.heads = heads_attribute(node, "num_heads");
  sizes.kv_heads = heads_attribute(node, "kv_num_heads");
  sizes.batch = (*q)[0];
  sizes.queries = (*q)[1];
  const bool packed = !has_input(node, 1);
  sizes.head_size = floor_div((*q)[2], packed ? sizes.heads + sizes.kv_heads * Dim(2) : sizes.heads);
  sizes.value_size = sizes.head_size;
  const Shape* k = of_rank(shape, 1, 3);
  sizes.keys = k != nullptr ? (*k)[1] : sizes.queries;
  if (const Shape* past = of_rank(shape, 3, 4)) {
    sizes.keys = node.op == "SparseAttention" ? (*past)[2] : (*past)[2] + sizes.keys;
  }
  return sizes;
}

/// Where an operator keeps its past keys, and how its sizes are read.
std::optional<AttentionSizes> attention_sizes(const Node& node, const ShapeOf& shape) {
  if (node.op == "Attention" && node.domain != kMs) return onnx_sizes(node, shape);
  if (node.op == "Attention" || node.op == "DecoderMaskedSelfAttention" || node.op == "PackedAttention") {
    return projected_sizes(node, shape, 4);
  }
  if (node.op == "QAttention") return projected_sizes(node, shape, 8);
  if (node.op == "MultiHeadAttention") return multi_head_sizes(node, shape, 6);
  if (node.op == "DecoderMaskedMultiHeadAttention") return multi_head_sizes(node, shape, 5);
  if (node.op == "PackedMultiHeadAttention") return packed_multi_head_sizes(node, shape);
  if (node.op == "GroupQueryAttention" || node.op == "SparseAttention") return grouped_sizes(node, shape);
  return std::nullopt;
}

std::optional<AttentionSizes> attention_sizes(const InferContext& ctx) {
  return attention_sizes(ctx.node(), [&](std::size_t input) { return ctx.shape(input); });
}

// --- Output shapes

void forget_outputs(InferContext& ctx, DataType dtype) {
  for (std::size_t output = 0; output < ctx.outputs(); ++output) ctx.set(output, dtype, std::nullopt);
}

void set_present(InferContext& ctx, const AttentionSizes& s) {
  ctx.set(1, ctx.has(1) ? ctx.dtype(1) : ctx.dtype(0), Shape{s.batch, s.kv_heads, s.keys, s.head_size});
  ctx.set(2, ctx.has(2) ? ctx.dtype(2) : ctx.dtype(0), Shape{s.batch, s.kv_heads, s.keys, s.value_size});
  ctx.set(3, ctx.dtype(0), Shape{s.batch, s.heads, s.queries, s.keys});
}

void infer_onnx_attention(InferContext& ctx) {
  const auto s = attention_sizes(ctx);
  if (!s) return forget_outputs(ctx, ctx.dtype(0));
  const bool by_head = ctx.shape(0)->size() == 4;
  ctx.set(0, ctx.dtype(0),
          by_head ? Shape{s->batch, s->heads, s->queries, s->value_size}
                  : Shape{s->batch, s->queries, s->heads * s->value_size});
  set_present(ctx, *s);
}

void infer_projected(InferContext& ctx) {
  const DataType dtype = ctx.node().op == "QAttention" ? ctx.dtype(3) : ctx.dtype(0);
  const auto s = attention_sizes(ctx);
  if (!s) return forget_outputs(ctx, dtype);
  const Dim columns = s->heads * s->value_size;
  if (ctx.node().op == "PackedAttention") return ctx.set(0, dtype, Shape{s->tokens, columns});
  ctx.set(0, dtype, Shape{s->batch, s->queries, columns});
  ctx.set(1, dtype, Shape{2, s->batch, s->heads, s->keys, s->head_size});
}

void infer_multi_head(InferContext& ctx) {
  const auto s = attention_sizes(ctx);
  if (!s) return forget_outputs(ctx, ctx.dtype(0));
  ctx.set(0, ctx.dtype(0), Shape{s->batch, s->queries, s->heads * s->value_size});
  set_present(ctx, *s);
}

void infer_packed_multi_head(InferContext& ctx) {
  const auto s = attention_sizes(ctx);
  if (!s) return forget_outputs(ctx, ctx.dtype(0));
  ctx.set(0, ctx.dtype(0), Shape{s->tokens, s->heads * s->value_size});
}

void infer_grouped(InferContext& ctx) {
  auto s = attention_sizes(ctx);
  if (!s) return forget_outputs(ctx, ctx.dtype(0));
  if (ctx.node().op == "GroupQueryAttention") {
    // The buffer of the past may already have room for what is added.
    const Shape* past = ctx.shape(3);
    if (const auto total = ctx.scalar(6)) {
      s->keys = past != nullptr && past->size() == 4 ? max((*past)[2], *total) : *total;
    }
  }
  ctx.set(0, ctx.dtype(0), Shape{s->batch, s->queries, s->heads * s->head_size});
  set_present(ctx, *s);
  if (ctx.has(3)) ctx.set(1, ctx.dtype(3), ctx.output_type(1).shape);  // the past may be quantised
  if (ctx.has(4)) ctx.set(2, ctx.dtype(4), ctx.output_type(2).shape);
}

// --- Costs

std::optional<Work> attention_work(const Graph& graph, const Node& node) {
  const auto view = attention_view(graph, node);
  if (!view) return std::nullopt;
  return work_of(view->macs(), Flops{view->scores()} * 6);
}

/// input[batch, positions, hidden]: two projections, and a band of keys on each side of a query.
std::optional<Work> longformer_work(const Graph& graph, const Node& node) {
  const auto in = input_sizes(graph, node, 0);
  if (!in || in->size() != 3) return std::nullopt;
  const std::int64_t hidden = (*in)[2];
  const std::int64_t window = std::max<std::int64_t>(0, node.attributes.integer("window", 0));
  const std::int64_t band = std::min((*in)[1], saturating_add(saturating_mul(2, window), 1));
  const std::int64_t seen = product({(*in)[0], (*in)[1], band});
  const Macs projections{product({(*in)[0], (*in)[1], hidden, hidden, 6})};
  const Macs products{product({seen, hidden, 2})};
  return work_of(projections + products,
                 Flops{seen} * 6 * std::max<std::int64_t>(1, node.attributes.integer("num_heads", 1)));
}

// --- Positions

/// bias_table[buckets, heads] → [1, heads, queries, keys].
void infer_relative_position_bias(InferContext& ctx) {
  const Shape* table = shape_of_rank(ctx, 0, 2);
  if (table == nullptr) return ctx.set(0, ctx.dtype(0), std::nullopt);
  const Dim queries = ctx.scalar(1).value_or(Dim::named(ctx.node().name + ".queries"));
  const Dim keys = ctx.scalar(2).value_or(Dim::named(ctx.node().name + ".keys"));
  ctx.set(0, ctx.dtype(0), Shape{1, (*table)[1], queries, keys});
}

/// query[batch, positions, hidden] → [batch, heads, positions, positions].
void infer_gated_bias(InferContext& ctx) {
  const Shape* query = ctx.shape(0);
  const Shape* places = ctx.shape(6);
  const Dim heads = heads_attribute(ctx.node(), "num_heads");
  std::optional<Shape> out;
  if (places != nullptr && places->size() == 2) {
    out = Shape{(*places)[0], heads, (*places)[1], (*places)[1]};
  } else if (!ctx.has(6) && query != nullptr && query->size() == 3) {
    out = Shape{(*query)[0], heads, (*query)[1], (*query)[1]};
  }
  ctx.set(0, ctx.dtype(0), std::move(out));
}

/// Every query is multiplied by weight[size, gates], then gates every bias.
std::optional<Work> gated_bias_work(const Graph& graph, const Node& node) {
  const auto out = output_sizes(graph, node, 0);
  const auto weight = input_sizes(graph, node, 3);
  if (!out || out->size() != 4 || !weight) return std::nullopt;
  const Macs macs{saturating_mul(product({(*out)[0], (*out)[1], (*out)[2]}), product(*weight))};
  return work_of(macs, Flops{product(*out)});
}

// --- Mixtures of experts

/// Where an operator keeps the weights of its two or three layers.
std::vector<std::size_t> expert_inputs(const Node& node) {
  return node.op == "QMoE" ? std::vector<std::size_t>{2, 5, 8} : std::vector<std::size_t>{2, 4, 6};
}

/// Weights that the k experts of one token multiply with.
std::optional<std::int64_t> weights_per_token(const Graph& graph, const Node& node) {
  std::int64_t packed = 1;
  if (node.op == "QMoE") {
    const std::int64_t bits = node.attributes.integer("expert_weight_bits", 4);
    packed = bits > 0 && bits < 8 ? 8 / bits : 1;
  }
  std::int64_t each = 0;
  for (const std::size_t input : expert_inputs(node)) {
    if (!has_input(node, input)) continue;
    const auto sizes = input_sizes(graph, node, input);
    if (!sizes || sizes->size() != 3) return std::nullopt;
    each = saturating_add(each, product({(*sizes)[1], (*sizes)[2], packed}));
  }
  return saturating_mul(each, std::max<std::int64_t>(1, node.attributes.integer("k", 1)));
}

std::optional<Work> experts_work(const Graph& graph, const Node& node) {
  const auto in = input_sizes(graph, node, 0);
  const auto choices = input_elements(graph, node, 1);
  const auto each = weights_per_token(graph, node);
  if (!in || in->empty() || !choices || !each) return std::nullopt;
  const std::int64_t tokens = product(*in) / std::max<std::int64_t>(1, in->back());
  return work_of(Macs{saturating_mul(tokens, *each)}, Flops{*choices} * 5);
}

constexpr std::string_view kAttentionRule =
    "batch·heads·queries·keys·(head size + value size) multiply-accumulates, masked ones included, and the "
    "projection; scale and softmax: 6 FLOPs per score";
constexpr std::string_view kExpertsRule =
    "each token times the weights of its k experts; softmax of the router: 5 FLOPs per choice";
constexpr std::string_view kRotaryRule = "two products and a sum: 3 per element";

constexpr OpSpec kSpecs[] = {
    {"Attention", "", 3, 7, 4, "xxxxxxi", infer_onnx_attention, attention_work, kAttentionRule},
    {"RotaryEmbedding", "", 3, 4, 1, "xi", like_first, per_output<3>, kRotaryRule},
    {"TensorScatter", "", 2, 3, 1, "xxi", like_first, no_work, "moves data only"},

    {"Attention", kMs, 2, 7, 2, "xwbixxi", infer_projected, attention_work, kAttentionRule},
    {"DecoderMaskedSelfAttention", kMs, 2, 9, 2, "xwbixxi", infer_projected, attention_work, kAttentionRule},
    {"QAttention", kMs, 5, 9, 2, "xwbiiiiix", infer_projected, attention_work, kAttentionRule},
    {"PackedAttention", kMs, 5, 6, 1, "xwbiix", infer_projected, attention_work, kAttentionRule},
    {"MultiHeadAttention", kMs, 1, 10, 4, "xxxbixxxii", infer_multi_head, attention_work, kAttentionRule},
    {"DecoderMaskedMultiHeadAttention", kMs, 1, 11, 4, "xxxixxxiiib", infer_multi_head, attention_work,
     kAttentionRule},
    {"PackedMultiHeadAttention", kMs, 1, 7, 1, "xxxbiix", infer_packed_multi_head, attention_work,
     kAttentionRule},
    {"GroupQueryAttention", kMs, 1, 16, 4, "xxxxxiiiiixbiiss", infer_grouped, attention_work, kAttentionRule},
    {"SparseAttention", kMs, 1, 11, 3, "xxxxxi", infer_grouped, attention_work, kAttentionRule},
    {"LongformerAttention", kMs, 7, 7, 1, "xwbiwbi", like_first, longformer_work,
     "two projections to Q, K and V; every query sees window keys on each side, twice head size each"},
    {"RotaryEmbedding", kMs, 4, 4, 1, "xi", like_first, per_output<3>, kRotaryRule},
    {"RelativePositionBias", kMs, 3, 3, 1, "tii", infer_relative_position_bias, no_work, "moves data only",
     Traffic::gathers},
    {"GatedRelativePositionBias", kMs, 6, 7, 1, "xbxwbwi", infer_gated_bias, gated_bias_work,
     "every query times weight; the gate: 1 FLOP per output element"},
    {"MoE", kMs, 3, 8, 1, "xxwbwbwb", like_first, experts_work, kExpertsRule},
    {"QMoE", kMs, 3, 21, 1, "xxwibwibwibiiixi", like_first, experts_work, kExpertsRule},
};

}  // namespace

std::int64_t AttentionView::scores() const {
  return saturating_mul(saturating_mul(batch, heads), saturating_mul(queries, keys));
}

Macs AttentionView::macs() const {
  const Macs products{saturating_mul(scores(), saturating_add(head_size, value_size))};
  return products + Macs{saturating_mul(tokens, saturating_mul(projection_inputs, projection_outputs))};
}

std::optional<AttentionView> attention_view(const Graph& graph, const Node& node) {
  const auto shape = [&](std::size_t input) -> const Shape* {
    if (!has_input(node, input)) return nullptr;
    const auto& found = graph[node.inputs[input]].type.shape;
    return found ? &*found : nullptr;
  };
  auto sizes = attention_sizes(node, shape);
  if (!sizes) return std::nullopt;
  if (node.op == "GroupQueryAttention" && node.outputs.size() > 1 && node.outputs[1] != kNoTensor) {
    // Inference may have known the length of the present better than the shapes of the inputs tell.
    const auto& present = graph[node.outputs[1]].type.shape;
    if (present && present->size() == 4) sizes->keys = (*present)[2];
  }
  for (const Dim& dim :
       {sizes->batch, sizes->heads, sizes->queries, sizes->keys, sizes->head_size, sizes->value_size,
        sizes->projection_inputs, sizes->projection_outputs, sizes->tokens}) {
    if (dim.upper() == Dim::kUnbounded) return std::nullopt;
  }
  const auto bound = [](const Dim& dim) { return std::max<std::int64_t>(0, dim.upper()); };
  return AttentionView{bound(sizes->batch),
                       bound(sizes->heads),
                       bound(sizes->kv_heads),
                       bound(sizes->queries),
                       bound(sizes->keys),
                       bound(sizes->head_size),
                       bound(sizes->value_size),
                       bound(sizes->projection_inputs),
                       bound(sizes->projection_outputs),
                       bound(sizes->tokens)};
}

std::span<const OpSpec> attention_specs() {
  return kSpecs;
}

}  // namespace foretime::ops
