// Operators whose result is as large as the data want it to be: what detectors select. Costs use the largest
// size possible.

#include <algorithm>
#include <string>

#include "ops/families.h"
#include "ops/infer_context.h"
#include "ops/shape_rules.h"
#include "ops/value.h"
#include "ops/work.h"

namespace foretime::ops {
namespace {

constexpr const char* kMs = "com.microsoft";

/// A size known only while running, unless its bound leaves no choice.
Dim at_most(InferContext& ctx, std::int64_t upper) {
  return upper <= 0 ? Dim(0) : ctx.running(upper);
}

/// boxes[batch,boxes,4], scores[batch,classes,boxes] → [selected, 3].
void infer_non_max_suppression(InferContext& ctx) {
  const Shape* boxes = shape_of_rank(ctx, 0, 3);
  const Shape* scores = shape_of_rank(ctx, 1, 3);
  std::int64_t per_class = boxes != nullptr ? (*boxes)[1].upper() : Dim::kUnbounded;
  if (scores != nullptr) per_class = std::min(per_class, (*scores)[2].upper());
  if (!ctx.has(2)) {
    per_class = 0;  // the default of max_output_boxes_per_class selects nothing
  } else if (const auto most = ctx.scalar(2)) {
    per_class = std::min(per_class, std::max<std::int64_t>(0, most->upper()));
  }
  const std::int64_t classes =
      scores != nullptr ? saturating_mul((*scores)[0].upper(), (*scores)[1].upper()) : Dim::kUnbounded;
  ctx.set(0, DataType::int64, Shape{at_most(ctx, saturating_mul(per_class, classes)), 3});
}

/// Places of the elements that are not zero, one column each, if every element is known to be zero or not.
std::optional<Value> places_of_non_zero(const Value& value, const Shape& shape) {
  std::vector<std::vector<Dim>> rows(std::max<std::size_t>(1, shape.size()));
  std::size_t element = 0;
  bool certain = true;
  for_each_position(shape, [&](const std::vector<std::size_t>& position) {
    const std::size_t at = element++;
    bool taken = false;
    if (value.real) {
      taken = value.reals[at] != 0;
    } else {
      const Dim& dim = value.ints[at];
      taken = dim.lower() > 0 || dim.upper() < 0;
      certain = certain && (taken || (dim.is_number() && dim.number() == 0));
    }
    if (!taken) return;
    for (std::size_t axis = 0; axis < position.size(); ++axis) {
      rows[axis].emplace_back(static_cast<std::int64_t>(position[axis]));
    }
    if (position.empty()) rows[0].emplace_back(0);
  });
  if (!certain) return std::nullopt;
  std::vector<Dim> all;
  for (const std::vector<Dim>& row : rows) all.insert(all.end(), row.begin(), row.end());
  return Value::of(std::move(all));
}

/// [rank, elements that are not zero]; a scalar counts as one element of rank 1.
void infer_non_zero(InferContext& ctx) {
  const Shape* in = ctx.shape(0);
  if (in == nullptr) {
    return ctx.set(0, DataType::int64,
                   Shape{ctx.running(Dim::kUnbounded, ".rank"), ctx.running(Dim::kUnbounded)});
  }
  const auto rank = static_cast<std::int64_t>(std::max<std::size_t>(1, in->size()));
  if (const Value* value = ctx.value(0)) {
    if (auto places = places_of_non_zero(*value, *in)) {
      ctx.set(0, DataType::int64, Shape{rank, static_cast<std::int64_t>(places->size()) / rank});
      return ctx.set_value(0, std::move(*places));
    }
  }
  const auto elements = bounded_elements(ctx, 0);
  ctx.set(0, DataType::int64, Shape{rank, at_most(ctx, elements.value_or(Dim::kUnbounded))});
}

void infer_unique(InferContext& ctx) {
  const Shape* in = ctx.shape(0);
  const auto elements = bounded_elements(ctx, 0);
  Dim kept = Dim(0);
  std::optional<Shape> places;
  std::optional<Shape> out;
  if (ctx.attributes().has("axis") && in != nullptr) {
    const std::size_t axis = normalized_axis(ctx.attributes().integer("axis", 0), in->size());
    kept = at_most(ctx, (*in)[axis].upper());
    out = *in;
    (*out)[axis] = kept;
    places = Shape{(*in)[axis]};
  } else {
    kept = at_most(ctx, elements.value_or(Dim::kUnbounded));
    if (!ctx.attributes().has("axis")) out = Shape{kept};
    if (elements && is_static(*in)) places = Shape{*elements};
  }
  ctx.set(0, ctx.dtype(0), std::move(out));
  ctx.set(1, DataType::int64, Shape{kept});
  ctx.set(2, DataType::int64, std::move(places));
  ctx.set(3, DataType::int64, Shape{kept});
}

/// com.microsoft: values, places, counts of a flat input.
void infer_unique_flat(InferContext& ctx) {
  const Shape* in = shape_of_rank(ctx, 0, 1);
  const Dim kept = at_most(ctx, in != nullptr ? (*in)[0].upper() : Dim::kUnbounded);
  ctx.set(0, ctx.dtype(0), Shape{kept});
  ctx.set(1, DataType::int64, ctx.type(0).shape);
  ctx.set(2, DataType::int64, Shape{kept});
}

void infer_compress(InferContext& ctx) {
  const Shape* in = ctx.shape(0);
  const Shape* condition = shape_of_rank(ctx, 1, 1);
  const bool flat = !ctx.attributes().has("axis");
  if (in == nullptr && !flat) return ctx.set(0, ctx.dtype(0), std::nullopt);
  const std::size_t axis = flat ? 0 : normalized_axis(ctx.attributes().integer("axis", 0), in->size());
  std::int64_t upper = flat ? bounded_elements(ctx, 0).value_or(Dim::kUnbounded) : (*in)[axis].upper();
  Dim kept = Dim(0);
  if (const auto flags = ctx.numbers(1)) {
    const auto taken =
        std::count_if(flags->begin(), flags->end(), [](std::int64_t flag) { return flag != 0; });
    kept = taken;
  } else {
    if (condition != nullptr) upper = std::min(upper, (*condition)[0].upper());
    kept = at_most(ctx, upper);
  }
  Shape out = flat ? Shape{kept} : *in;
  out[axis] = kept;
  ctx.set(0, ctx.dtype(0), std::move(out));
}

void infer_top_k(InferContext& ctx) {
  const Shape* in = ctx.shape(0);
  std::optional<Shape> out;
  if (in != nullptr) {
    const std::size_t axis = normalized_axis(ctx.attributes().integer("axis", -1), in->size());
    const Dim& size = (*in)[axis];
    std::optional<Dim> k = ctx.scalar(1);
    if (ctx.attributes().has("k")) k = Dim(ctx.attributes().integer("k", 0));
    if (!k) k = at_most(ctx, size.upper());
    if (k->lower() > size.upper() || k->upper() < 0) {
      throw Error("", "takes " + to_string(*k) + " of " + to_string(size) + " elements",
                  "0 to " + std::to_string(size.upper()));
    }
    out = *in;
    (*out)[axis] = *k;
  }
  ctx.set(0, ctx.dtype(0), out);
  ctx.set(1, DataType::int64, out);
}

std::optional<Work> score_work(const Graph& graph, const Node& node) {
  const auto scores = input_elements(graph, node, 1);
  if (!scores) return std::nullopt;
  return Work{{}, Flops{*scores}};
}

constexpr std::string_view kCompares = "a comparison per input element";

constexpr OpSpec kSpecs[] = {
    {"NonMaxSuppression", "", 2, 5, 1, "xxi", infer_non_max_suppression, score_work,
     "a comparison per score; how many overlaps are computed depends on the scores"},
    {"NonZero", "", 1, 1, 1, "x", infer_non_zero, per_input<1>, kCompares},
    {"Unique", "", 1, 1, 4, "x", infer_unique, per_input<1>, kCompares},
    {"Unique", kMs, 1, 1, 3, "x", infer_unique_flat, per_input<1>, kCompares},
    {"Compress", "", 2, 2, 1, "xx", infer_compress, no_work, "moves data only"},
    {"TopK", "", 1, 2, 2, "xi", infer_top_k, per_input<1>, kCompares},
};

}  // namespace

std::span<const OpSpec> detection_specs() {
  return kSpecs;
}

}  // namespace foretime::ops
