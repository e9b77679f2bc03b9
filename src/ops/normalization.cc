// Normalisations: every element minus a mean, over a deviation, times a scale, plus a bias, or some of these.
// Statistics of inference-time batch normalisation are constants; the others compute theirs.

#include <algorithm>

#include "ops/families.h"
#include "ops/infer_context.h"
#include "ops/shape_rules.h"
#include "ops/work.h"

namespace foretime::ops {
namespace {

constexpr const char* kMs = "com.microsoft";

void infer_batch_normalization(InferContext& ctx) {
  ctx.set(0, ctx.type(0));
  // Old files also name the saved statistics of training; all have the shape of the statistics given.
  for (std::size_t output = 1; output < ctx.outputs(); ++output) {
    ctx.set(output, ctx.type(output % 2 == 1 ? 3 : 4));
  }
}

/// The shape of one statistic per row: sizes from `axis` on are 1.
std::optional<Shape> statistics_shape(const InferContext& ctx, std::int64_t axis) {
  const Shape* in = ctx.shape(0);
  if (in == nullptr) return std::nullopt;
  Shape out = *in;
  for (std::size_t i = normalized_axis(axis, in->size()); i < out.size(); ++i) out[i] = 1;
  return out;
}

void infer_layer_normalization(InferContext& ctx) {
  const bool simplified = ctx.node().op == "SimplifiedLayerNormalization";
  const auto statistics = statistics_shape(ctx, ctx.attributes().integer("axis", -1));
  const DataType stash = dtype_attribute(ctx, "stash_type", DataType::float32);
  ctx.set(0, simplified ? ctx.dtype(1) : ctx.dtype(0), ctx.type(0).shape);
  ctx.set(1, stash, statistics);
  ctx.set(2, stash, statistics);
}

void infer_rms_normalization(InferContext& ctx) {
  ctx.set(0, ctx.dtype(1), ctx.type(0).shape);
}

/// Outputs: normalised, mean, inverse deviation, and the sum that was normalised.
void infer_skip_layer_normalization(InferContext& ctx) {
  const auto statistics = statistics_shape(ctx, -1);
  ctx.set(0, ctx.type(0));
  ctx.set(1, DataType::float32, statistics);
  ctx.set(2, DataType::float32, statistics);
  ctx.set(3, ctx.type(0));
}

/// Outputs: normalised sum of embeddings, length of each sequence, and the sum itself.
void infer_embed_layer_normalization(InferContext& ctx) {
  const Shape* ids = shape_of_rank(ctx, 0, 2);
  const Shape* table = shape_of_rank(ctx, 2, 2);
  const bool quantised = ctx.node().op == "QEmbedLayerNormalization";
  const DataType dtype = quantised ? ctx.dtype(8) : ctx.dtype(2);
  std::optional<Shape> sum;
  std::optional<Shape> lengths;
  if (ids != nullptr && table != nullptr) sum = Shape{(*ids)[0], (*ids)[1], (*table)[1]};
  if (ids != nullptr) lengths = Shape{(*ids)[0]};
  ctx.set(0, dtype, sum);
  ctx.set(1, DataType::int32, lengths);
  ctx.set(2, dtype, sum);
}

void infer_skip_group_norm(InferContext& ctx) {
  ctx.set(0, ctx.type(0));
  ctx.set(1, ctx.type(0));
}

std::optional<Work> times_elements(const Graph& graph, const Node& node, std::int64_t each) {
  const auto elements = output_elements(graph, node, 0);
  if (!elements) return std::nullopt;
  return Work{{}, Flops{*elements} * each};
}

std::optional<Work> batch_normalization_work(const Graph& graph, const Node& node) {
  return times_elements(graph, node, node.attributes.integer("training_mode", 0) != 0 ? 7 : 4);
}

std::optional<Work> layer_normalization_work(const Graph& graph, const Node& node) {
  return times_elements(graph, node, has_input(node, 2) ? 7 : 6);
}

std::optional<Work> skip_layer_normalization_work(const Graph& graph, const Node& node) {
  return times_elements(graph, node, 7 + (has_input(node, 3) ? 1 : 0) + (has_input(node, 4) ? 1 : 0));
}

std::optional<Work> skip_simplified_work(const Graph& graph, const Node& node) {
  return times_elements(graph, node, 5 + (has_input(node, 3) ? 1 : 0));
}

std::optional<Work> embed_layer_normalization_work(const Graph& graph, const Node& node) {
  return times_elements(graph, node, 8 + (has_input(node, 4) ? 1 : 0));
}

std::optional<Work> group_norm_work(const Graph& graph, const Node& node) {
  const int skips = (has_input(node, 3) ? 1 : 0) + (has_input(node, 4) ? 1 : 0);
  return times_elements(graph, node, 7 + skips + (node.attributes.integer("activation", 0) != 0 ? 5 : 0));
}

std::optional<Work> lrn_work(const Graph& graph, const Node& node) {
  const std::int64_t size = node.attributes.integer("size", 1);
  return times_elements(graph, node, saturating_add(std::max<std::int64_t>(1, size), 4));
}

constexpr std::string_view kLayerRule =
    "mean 1, variance 3, division, scale and bias 1 each: 7 per element, 6 without bias";
constexpr std::string_view kRmsRule = "square, sum, division, scale: 4 per element";
constexpr std::string_view kGroupRule =
    "as LayerNormalization, 1 for each of skip and bias, 5 for its activation: 7 to 14 per element";
constexpr std::string_view kSoftmaxRule = "maximum, subtraction, exp, sum, division: 5 per element";

constexpr OpSpec kSpecs[] = {
    {"BatchNormalization", "", 5, 5, 5, "xsbrr", infer_batch_normalization, batch_normalization_work,
     "mean, deviation, scale, bias: 4 per element; in training also the statistics: 7"},
    {"InstanceNormalization", "", 3, 3, 1, "xsb", like_first, per_output<7>,
     "as LayerNormalization: 7 per element"},
    {"LayerNormalization", "", 2, 3, 3, "xsb", infer_layer_normalization, layer_normalization_work,
     kLayerRule},
    {"GroupNormalization", "", 3, 3, 1, "xsb", like_first, per_output<7>,
     "as LayerNormalization: 7 per element"},
    {"RMSNormalization", "", 2, 2, 1, "xs", infer_rms_normalization, per_output<4>, kRmsRule},
    {"SimplifiedLayerNormalization", "", 2, 2, 2, "xs", infer_layer_normalization, per_output<4>, kRmsRule},
    {"SimplifiedLayerNormalization", kMs, 2, 2, 2, "xs", infer_layer_normalization, per_output<4>, kRmsRule},
    {"SkipLayerNormalization", kMs, 3, 5, 4, "xxsbb", infer_skip_layer_normalization,
     skip_layer_normalization_work, "skip 1, mean and variance 4, division, scale; 1 for each bias: 7 to 9"},
    {"SkipSimplifiedLayerNormalization", kMs, 3, 4, 4, "xxsb", infer_skip_layer_normalization,
     skip_simplified_work, "skip 1, square, sum, division, scale; 1 for the bias: 5 or 6 per element"},
    {"EmbedLayerNormalization", kMs, 1, 9, 3, "iitttsbii", infer_embed_layer_normalization,
     embed_layer_normalization_work, "sum of two or three embeddings 1 or 2, LayerNormalization 7: 8 or 9"},
    {"QEmbedLayerNormalization", kMs, 1, 18, 2, "iitttsbii", infer_embed_layer_normalization,
     embed_layer_normalization_work, "sum of two or three embeddings 1 or 2, LayerNormalization 7: 8 or 9"},
    {"GroupNorm", kMs, 3, 3, 1, "xsb", like_first, group_norm_work, kGroupRule},
    {"SkipGroupNorm", kMs, 4, 5, 2, "xsbxb", infer_skip_group_norm, group_norm_work, kGroupRule},
    {"LRN", "", 1, 1, 1, "x", like_first, lrn_work,
     "square, sum over size, scale, bias, power, division: size + 4 per element"},
    {"MeanVarianceNormalization", "", 1, 1, 1, "x", like_first, per_output<5>,
     "mean 1, variance 3, division: 5 per element"},
    {"LpNormalization", "", 1, 1, 1, "x", like_first, per_output<3>, "power, sum, division: 3 per element"},

    {"Softmax", "", 1, 1, 1, "x", like_first, per_output<5>, kSoftmaxRule},
    {"LogSoftmax", "", 1, 1, 1, "x", like_first, per_output<5>,
     "maximum, subtraction, exp, sum, subtraction: 5 per element"},
    {"Hardmax", "", 1, 1, 1, "x", like_first, per_output<1>, "1 per element"},
    {"QLinearSoftmax", kMs, 2, 5, 1, "xi", like_first, per_output<11>,
     "dequantised, as Softmax, quantised: 11 per element"},
    {"BiasSoftmax", kMs, 2, 2, 1, "xx", like_first, per_output<6>,
     "an addition, then as Softmax: 6 per element"},
};

}  // namespace

std::span<const OpSpec> normalization_specs() {
  return kSpecs;
}

}  // namespace foretime::ops
