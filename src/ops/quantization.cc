// Conversion to and from quantised numbers, and operators on them. To dequantise is two operations (zero
// point, scale), to quantise four (scale, rounding, zero point, saturation).

#include <algorithm>
#include <string>

#include "ops/families.h"
#include "ops/infer_context.h"
#include "ops/shape_rules.h"
#include "ops/work.h"

namespace foretime::ops {
namespace {

constexpr const char* kMs = "com.microsoft";

void infer_quantize(InferContext& ctx) {
  DataType dtype = dtype_attribute(ctx, "output_dtype", DataType::undefined);
  if (ctx.has(2)) dtype = ctx.dtype(2);
  ctx.set(0, dtype == DataType::undefined ? DataType::uint8 : dtype, ctx.type(0).shape);
}

void infer_dequantize(InferContext& ctx) {
  const DataType dtype = dtype_attribute(ctx, "output_dtype", DataType::undefined);
  ctx.set(0, dtype == DataType::undefined ? ctx.dtype(1) : dtype, ctx.type(0).shape);
}

void infer_dynamic_quantize(InferContext& ctx) {
  ctx.set(0, DataType::uint8, ctx.type(0).shape);
  ctx.set(1, DataType::float32, Shape{});
  ctx.set(2, DataType::uint8, Shape{});
}

std::optional<Shape> broadcast_of(const InferContext& ctx, std::initializer_list<std::size_t> inputs) {
  Shape out;
  for (const std::size_t input : inputs) {
    const Shape* shape = ctx.shape(input);
    if (shape == nullptr) return std::nullopt;
    out = broadcast(out, *shape);
  }
  return out;
}

/// A and B, each followed by its scale and zero point.
void infer_binary(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), broadcast_of(ctx, {0, 3}));
}

void infer_where(InferContext& ctx) {
  ctx.set(0, ctx.dtype(1), broadcast_of(ctx, {0, 1, 4}));
}

/// The output's scale and zero point, then each input with its own.
void infer_concat(InferContext& ctx) {
  const std::size_t first = 2;
  const Shape* begin = ctx.shape(first);
  if (begin == nullptr) return ctx.set(0, ctx.dtype(first), std::nullopt);
  const std::size_t axis = normalized_axis(ctx.attributes().integer("axis", 0), begin->size());
  Shape out = *begin;
  for (std::size_t input = first + 3; input < ctx.inputs(); input += 3) {
    const Shape* next = shape_of_rank(ctx, input, out.size());
    if (next == nullptr) return ctx.set(0, ctx.dtype(first), std::nullopt);
    out[axis] = out[axis] + (*next)[axis];
  }
  ctx.set(0, ctx.dtype(first), std::move(out));
}

void infer_reduce_mean(InferContext& ctx) {
  const Shape* in = ctx.shape(0);
  if (in == nullptr) return ctx.set(0, ctx.dtype(0), std::nullopt);
  const auto axes = ctx.attributes().integers("axes");
  std::vector<bool> reduced(in->size(), axes.empty());
  for (const std::int64_t axis : axes) reduced[normalized_axis(axis, in->size())] = true;
  Shape out;
  for (std::size_t axis = 0; axis < in->size(); ++axis) {
    if (!reduced[axis]) {
      out.push_back((*in)[axis]);
    } else if (ctx.attributes().integer("keepdims", 1) != 0) {
      out.emplace_back(1);
    }
  }
  ctx.set(0, ctx.dtype(0), std::move(out));
}

/// Without a scale for its output, the product stays a float.
void infer_qgemm(InferContext& ctx) {
  const Shape* a = shape_of_rank(ctx, 0, 2);
  const Shape* b = shape_of_rank(ctx, 3, 2);
  const std::size_t row = ctx.attributes().integer("transA", 0) != 0 ? 1 : 0;
  const std::size_t column = ctx.attributes().integer("transB", 0) != 0 ? 0 : 1;
  std::optional<Shape> out;
  if (a != nullptr && b != nullptr) out = Shape{(*a)[row], (*b)[column]};
  DataType dtype = DataType::float32;
  if (ctx.has(7)) dtype = ctx.has(8) ? ctx.dtype(8) : ctx.dtype(0);
  ctx.set(0, dtype, std::move(out));
}

std::optional<Work> qgemm_work(const Graph& graph, const Node& node) {
  const auto a = input_sizes(graph, node, 0);
  const auto out = output_elements(graph, node, 0);
  if (!a || a->size() != 2 || !out) return std::nullopt;
  const std::int64_t k = (*a)[node.attributes.integer("transA", 0) != 0 ? 0 : 1];
  const std::int64_t after = (has_input(node, 6) ? 1 : 0) + (has_input(node, 7) ? 4 : 0);
  return work_of(Macs{saturating_mul(*out, k)}, Flops{*out} * after);
}

/// A[…,K] by a packed K×N matrix, both sizes stated by the attributes.
void infer_packed_matmul(InferContext& ctx) {
  const Shape* a = ctx.shape(0);
  const std::int64_t k = ctx.attributes().integer("K", 0);
  const std::int64_t n = ctx.attributes().integer("N", 0);
  if (k < 1 || n < 1) {
    throw Error("", "has a matrix of " + std::to_string(k) + " by " + std::to_string(n),
                "K and N of at least 1");
  }
  if (a == nullptr) return ctx.set(0, ctx.dtype(0), std::nullopt);
  if (a->empty()) throw Error("", "multiplies a scalar", "a tensor of rank 1 or more");
  if (a->back().is_number() && a->back().number() != k) {
    throw Error("", "multiplies " + to_string(*a) + " by a matrix of " + std::to_string(k) + " rows",
                "a last axis of " + std::to_string(k));
  }
  Shape out = *a;
  out.back() = n;
  ctx.set(0, ctx.dtype(0), std::move(out));
}

std::optional<Work> packed_matmul_work(const Graph& graph, const Node& node) {
  const auto out = output_elements(graph, node, 0);
  if (!out) return std::nullopt;
  const std::int64_t k = node.attributes.integer("K", 0);
  const std::int64_t weights = saturating_mul(k, node.attributes.integer("N", 0));
  const Flops bias{has_input(node, 5) ? *out : 0};
  return work_of(Macs{saturating_mul(*out, k)}, Flops{weights} * 2 + bias);
}

/// As Gather, of a table whose elements may be packed below one byte.
void infer_gather_block_quantized(InferContext& ctx) {
  const Shape* data = ctx.shape(0);
  const Shape* indices = ctx.shape(1);
  if (data == nullptr || indices == nullptr) return ctx.set(0, ctx.dtype(2), std::nullopt);
  const std::size_t axis = normalized_axis(ctx.attributes().integer("gather_axis", 0), data->size());
  Shape table = *data;
  const std::int64_t bits = ctx.attributes().integer("bits", 4);
  if (ctx.dtype(0) == DataType::uint8 && bits > 0 && bits < 8) table.back() = table.back() * Dim(8 / bits);
  const auto at = table.begin() + static_cast<std::ptrdiff_t>(axis);
  Shape out(table.begin(), at);
  out.insert(out.end(), indices->begin(), indices->end());
  out.insert(out.end(), at + 1, table.end());
  ctx.set(0, ctx.dtype(2), std::move(out));
}

std::optional<Work> reduce_mean_work(const Graph& graph, const Node& node) {
  const auto in = input_elements(graph, node, 0);
  const auto out = output_elements(graph, node, 0);
  if (!in || !out) return std::nullopt;
  return Work{{}, Flops{*in} + Flops{*out} * 6};
}

// Roles of QLinearConcat's inputs: as many groups of three as files have.
constexpr std::string_view kConcatRoles =
    "iixiixiixiixiixiixiixiixiixiixiixiixiixiixiixiixiixiixiixiixiixiixiixiixiixiixiixiixiixiixiixiixii";

constexpr std::string_view kQuantizeRule = "scale, rounding, zero point, saturation: 4 per element";
constexpr std::string_view kDequantizeRule = "zero point, scale: 2 per element";
constexpr std::string_view kBinaryRule = "both dequantised, 1, quantised: 9 per output element";
constexpr std::string_view kPackedRule =
    "batch·m·K·N multiply-accumulates; 2 FLOPs per weight to dequantise, 1 per output element for the bias";

constexpr OpSpec kSpecs[] = {
    {"QuantizeLinear", "", 2, 3, 1, "xi", infer_quantize, per_output<4>, kQuantizeRule},
    {"DequantizeLinear", "", 2, 3, 1, "xi", infer_dequantize, per_output<2>, kDequantizeRule},
    {"QuantizeLinear", kMs, 2, 3, 1, "xi", infer_quantize, per_output<4>, kQuantizeRule},
    {"DequantizeLinear", kMs, 2, 3, 1, "xi", infer_dequantize, per_output<2>, kDequantizeRule},
    {"DynamicQuantizeLinear", "", 1, 1, 3, "x", infer_dynamic_quantize, per_output<6>,
     "minimum, maximum, then as QuantizeLinear: 6 per element"},

    {"QLinearAdd", kMs, 2, 8, 1, "xiixii", infer_binary, per_output<9>, kBinaryRule},
    {"QLinearMul", kMs, 2, 8, 1, "xiixii", infer_binary, per_output<9>, kBinaryRule},
    {"QLinearLeakyRelu", kMs, 2, 5, 1, "xi", like_first, per_output<8>,
     "dequantised, 2, quantised: 8 per element"},
    {"QLinearSigmoid", kMs, 2, 5, 1, "xi", like_first, per_output<10>,
     "dequantised, 4, quantised: 10 per element"},
    {"QLinearWhere", kMs, 9, 9, 1, "xxiixi", infer_where, per_output<7>,
     "chosen, dequantised, quantised: 7 per output element"},
    {"QLinearConcat", kMs, 3, kAny, 1, kConcatRoles, infer_concat, per_output<6>,
     "dequantised, quantised: 6 per output element"},
    {"QLinearReduceMean", kMs, 2, 5, 1, "xi", infer_reduce_mean, reduce_mean_work,
     "1 per input element; dequantised, quantised: 6 per output element"},
    {"QGemm", kMs, 6, 9, 1, "xiiwiibi", infer_qgemm, qgemm_work,
     "m·k·n multiply-accumulates; per output element 1 for the bias and 4 to quantise"},
    {"MatMulNBits", kMs, 3, 6, 1, "xwiiib", infer_packed_matmul, packed_matmul_work, kPackedRule},
    {"MatMulBnb4", kMs, 3, 3, 1, "xwi", infer_packed_matmul, packed_matmul_work, kPackedRule},
    {"GatherBlockQuantized", kMs, 3, 4, 1, "tiii", infer_gather_block_quantized, per_output<2>,
     "zero point, scale: 2 per output element", Traffic::gathers},
};

}  // namespace

std::span<const OpSpec> quantization_specs() {
  return kSpecs;
}

}  // namespace foretime::ops
