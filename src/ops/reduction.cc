// Operators that reduce axes: sums, means, extrema, and the indices of extrema.

#include <algorithm>
#include <cmath>
#include <utility>

#include "ops/families.h"
#include "ops/infer_context.h"
#include "ops/work.h"

namespace foretime::ops {
namespace {

/// Which axes go; absent when they are an input whose contents are not known.
std::optional<std::vector<bool>> reduced_axes(const InferContext& ctx, std::size_t rank) {
  const InferContext::Axes axes = ctx.axes("axes", 1);
  if (!axes.known) return std::nullopt;
  if (axes.values.empty()) {
    return std::vector<bool>(rank, ctx.attributes().integer("noop_with_empty_axes", 0) == 0);
  }
  std::vector<bool> reduced(rank, false);
  for (const std::int64_t axis : axes.values) reduced[normalized_axis(axis, rank)] = true;
  return reduced;
}

Shape without(const Shape& shape, const std::vector<bool>& reduced, bool keep) {
  Shape out;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (!reduced[i]) {
      out.push_back(shape[i]);
    } else if (keep) {
      out.emplace_back(1);
    }
  }
  return out;
}

enum class Fold { none, sum, product, smallest, largest, mean };

Dim fold_dims(Fold fold, const Dim& a, const Dim& b) {
  switch (fold) {
    case Fold::product:
      return a * b;
    case Fold::smallest:
      return min(a, b);
    case Fold::largest:
      return max(a, b);
    default:
      return a + b;
  }
}

double fold_reals(Fold fold, double a, double b) {
  switch (fold) {
    case Fold::product:
      return a * b;
    case Fold::smallest:
      return std::min(a, b);
    case Fold::largest:
      return std::max(a, b);
    default:
      return a + b;
  }
}

/// Known contents reduced over all axes, or those of a vector: what shape arithmetic does.
void follow(InferContext& ctx, Fold fold) {
  const Value* in = ctx.value(0);
  const auto& out = ctx.output_type(0).shape;
  if (in == nullptr || fold == Fold::none || !out || elements_of(*out) != 1 || in->size() == 0) return;
  if (in->real) {
    double total = in->reals[0];
    for (std::size_t i = 1; i < in->size(); ++i) total = fold_reals(fold, total, in->reals[i]);
    if (fold == Fold::mean) total /= static_cast<double>(in->size());
    return ctx.set_value(0, Value::of(std::vector<double>{total}));
  }
  if (fold == Fold::mean) return;
  Dim total = in->ints[0];
  for (std::size_t i = 1; i < in->size(); ++i) total = fold_dims(fold, total, in->ints[i]);
  ctx.set_value(0, Value::of(std::vector<Dim>{total}));
}

template <Fold fold>
void infer_reduce(InferContext& ctx) {
  const Shape* shape = ctx.shape(0);
  if (shape == nullptr) return ctx.set(0, ctx.dtype(0), std::nullopt);
  const bool keep = ctx.attributes().integer("keepdims", 1) != 0;
  const auto reduced = reduced_axes(ctx, shape->size());
  if (reduced) {
    ctx.set(0, ctx.dtype(0), without(*shape, *reduced, keep));
  } else if (!keep) {
    ctx.set(0, ctx.dtype(0), std::nullopt);
  } else {
    Shape out;
    for (const Dim& size : *shape) out.push_back(ctx.running(size.upper(), "#" + std::to_string(out.size())));
    ctx.set(0, ctx.dtype(0), std::move(out));
  }
  follow(ctx, fold);
}

void infer_arg(InferContext& ctx) {
  const Shape* shape = ctx.shape(0);
  if (shape == nullptr) return ctx.set(0, DataType::int64, std::nullopt);
  std::vector<bool> reduced(shape->size(), false);
  reduced[normalized_axis(ctx.attributes().integer("axis", 0), shape->size())] = true;
  ctx.set(0, DataType::int64, without(*shape, reduced, ctx.attributes().integer("keepdims", 1) != 0));
}

constexpr OpSpec reduce(std::string_view name, void (*infer)(InferContext&),
                        std::optional<Work> (*work)(const Graph&, const Node&), std::string_view rule) {
  return {name, "", 1, 2, 1, "xi", infer, work, rule};
}

constexpr OpSpec kSpecs[] = {
    reduce("ReduceSum", infer_reduce<Fold::sum>, per_input<1>, "1 per input element"),
    reduce("ReduceMean", infer_reduce<Fold::mean>, per_input<1>, "1 per input element"),
    reduce("ReduceProd", infer_reduce<Fold::product>, per_input<1>, "1 per input element"),
    reduce("ReduceMax", infer_reduce<Fold::largest>, per_input<1>, "1 per input element"),
    reduce("ReduceMin", infer_reduce<Fold::smallest>, per_input<1>, "1 per input element"),
    reduce("ReduceL1", infer_reduce<Fold::none>, per_input<2>, "absolute value and sum: 2 per input element"),
    reduce("ReduceL2", infer_reduce<Fold::none>, per_input<2>, "square and sum: 2 per input element"),
    reduce("ReduceSumSquare", infer_reduce<Fold::none>, per_input<2>, "square and sum: 2 per input element"),
    reduce("ReduceLogSum", infer_reduce<Fold::none>, per_input<1>, "1 per input element"),
    reduce("ReduceLogSumExp", infer_reduce<Fold::none>, per_input<2>, "exp and sum: 2 per input element"),
    {"ArgMax", "", 1, 1, 1, "x", infer_arg, per_input<1>, "1 per input element"},
    {"ArgMin", "", 1, 1, 1, "x", infer_arg, per_input<1>, "1 per input element"},
};

}  // namespace

std::span<const OpSpec> reduction_specs() {
  return kSpecs;
}

}  // namespace foretime::ops
