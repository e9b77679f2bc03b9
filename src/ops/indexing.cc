// Operators that pick or place elements by index.

#include <algorithm>
#include <utility>

#include "ops/families.h"
#include "ops/infer_context.h"
#include "ops/work.h"

namespace foretime::ops {
namespace {

// --- Slice
// ------------------------------------------------------------------------------------------------------

/// One axis of a slice. Bounds may be names; absent: not even that is known.
struct Range {
  std::size_t axis = 0;
  std::optional<Dim> begin;
  std::optional<Dim> end;
  std::optional<std::int64_t> step;
};

// Beyond this a bound means "to the end" of an axis of unknown size (exporters write the largest integer of
// the type).
constexpr std::int64_t kToTheEnd = std::int64_t{1} << 30;

/// A bound counted from the front and clamped to [low, size + high].
Dim clamped_bound(const Dim& bound, const Dim& size, std::int64_t low, std::int64_t high) {
  if (bound.is_number() && !size.is_number()) {
    if (bound.number() >= kToTheEnd) return size + Dim(high);
    if (bound.number() <= -kToTheEnd) return low;
  }
  const Dim from_front = bound.upper() < 0 ? size + bound : bound;
  return max(min(from_front, size + Dim(high)), low);
}

Dim slice_size(InferContext& ctx, const Range& range, const Dim& size) {
  if (!range.begin || !range.end || !range.step) {
    return ctx.running(size.upper(), "#" + std::to_string(range.axis));
  }
  const std::int64_t step = std::max(*range.step, -kSaturated);  // so that it has an opposite
  if (step == 0) throw Error("", "slices with a step of 0");
  if (step > 0) {
    const Dim begin = clamped_bound(*range.begin, size, 0, 0);
    const Dim end = clamped_bound(*range.end, size, 0, 0);
    return max(floor_div(end - begin + Dim(step - 1), step), 0);
  }
  const Dim begin = clamped_bound(*range.begin, size, 0, -1);
  const Dim end = clamped_bound(*range.end, size, -1, -1);
  return max(floor_div(begin - end + Dim(-step - 1), -step), 0);
}

std::vector<Range> ranges_of(const InferContext& ctx, std::size_t rank) {
  std::vector<Range> ranges;
  const auto add = [&](std::size_t count, auto begin, auto end, auto axis, auto step) {
    for (std::size_t i = 0; i < count; ++i) ranges.push_back({axis(i), begin(i), end(i), step(i)});
  };
  if (!ctx.has(1)) {
    const auto starts = ctx.attributes().integers("starts");
    const auto ends = ctx.attributes().integers("ends");
    const auto axes = ctx.attributes().integers("axes");
    if (starts.size() != ends.size() || (!axes.empty() && axes.size() != starts.size())) {
      throw Error("", "starts, ends and axes differ in length");
    }
    add(
        starts.size(), [&](std::size_t i) { return Dim(starts[i]); },
        [&](std::size_t i) { return Dim(ends[i]); },
        [&](std::size_t i) {
          return normalized_axis(axes.empty() ? static_cast<std::int64_t>(i) : axes[i], rank);
        },
        [](std::size_t) { return std::int64_t{1}; });
    return ranges;
  }
  const auto element = [&](std::size_t input, std::size_t i) -> std::optional<Dim> {
    const Value* value = ctx.value(input);
    if (value == nullptr || value->real || i >= value->size()) return std::nullopt;
    return value->ints[i];
  };
  const Shape* counts = ctx.shape(1);
  if (counts == nullptr || counts->size() != 1 || !(*counts)[0].is_number()) return ranges;
  const auto axes = ctx.numbers(3);
  const auto count = static_cast<std::size_t>(
      std::clamp<std::int64_t>((*counts)[0].number(), 0, static_cast<std::int64_t>(rank)));
  add(
      count, [&](std::size_t i) { return element(1, i); }, [&](std::size_t i) { return element(2, i); },
      [&](std::size_t i) {
        return normalized_axis(axes && i < axes->size() ? (*axes)[i] : static_cast<std::int64_t>(i), rank);
      },
      [&](std::size_t i) -> std::optional<std::int64_t> {
        if (!ctx.has(4)) return 1;
        const auto step = element(4, i);
        return step && step->is_number() ? std::optional(step->number()) : std::nullopt;
      });
  return ranges;
}

void follow_slice(InferContext& ctx, const Shape& in, const Shape& out, const std::vector<Range>& ranges) {
  const Value* value = ctx.value(0);
  if (value == nullptr || !is_static(in) || !is_static(out)) return;
  std::vector<std::int64_t> first(in.size(), 0);
  std::vector<std::int64_t> step(in.size(), 1);
  for (const Range& range : ranges) {
    if (!range.begin || !range.step) return;
    const Dim begin = clamped_bound(*range.begin, in[range.axis], 0, *range.step > 0 ? 0 : -1);
    if (!begin.is_number()) return;
    first[range.axis] = begin.number();
    step[range.axis] = *range.step;
  }
  const auto strides = strides_of(in);
  std::vector<std::size_t> map;
  for_each_position(out, [&](const std::vector<std::size_t>& position) {
    std::int64_t at = 0;
    for (std::size_t a = 0; a < in.size(); ++a) {
      at += (first[a] + step[a] * static_cast<std::int64_t>(position[a])) *
            static_cast<std::int64_t>(strides[a]);
    }
    map.push_back(static_cast<std::size_t>(at));
  });
  if (std::any_of(map.begin(), map.end(), [&](std::size_t at) { return at >= value->size(); })) return;
  ctx.set_value(0, value->pick(map));
}

void infer_slice(InferContext& ctx) {
  const Shape* in = ctx.shape(0);
  if (in == nullptr) return ctx.set(0, ctx.dtype(0), std::nullopt);
  const bool axes_unknown = ctx.has(3) && !ctx.numbers(3);
  Shape out = *in;
  if (axes_unknown) {
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = ctx.running(out[i].upper(), "#" + std::to_string(i));
    return ctx.set(0, ctx.dtype(0), std::move(out));
  }
  const std::vector<Range> ranges = ranges_of(ctx, in->size());
  for (const Range& range : ranges) out[range.axis] = slice_size(ctx, range, (*in)[range.axis]);
  ctx.set(0, ctx.dtype(0), out);
  follow_slice(ctx, *in, out, ranges);
}

// --- Gather
// -----------------------------------------------------------------------------------------------------

void follow_gather(InferContext& ctx, std::size_t axis, const Shape& in, const Shape& out) {
  const Value* data = ctx.value(0);
  const auto indices = ctx.numbers(1);
  if (data == nullptr || !indices || elements_of(out) > static_cast<std::int64_t>(kMostElements)) return;
  const std::int64_t size = in[axis].number();
  const auto strides = strides_of(in);
  std::size_t outer = 1;
  for (std::size_t i = 0; i < axis; ++i) outer *= static_cast<std::size_t>(in[i].number());
  std::vector<std::size_t> map;
  for (std::size_t o = 0; o < outer; ++o) {
    for (std::int64_t i : *indices) {
      if (i < 0) i += size;
      if (i < 0 || i >= size)
        throw Error("", "index " + std::to_string(i) + " is outside axis of size " + std::to_string(size));
      for (std::size_t inner = 0; inner < strides[axis]; ++inner) {
        map.push_back((o * static_cast<std::size_t>(size) + static_cast<std::size_t>(i)) * strides[axis] +
                      inner);
      }
    }
  }
  ctx.set_value(0, data->pick(map));
}

void infer_gather(InferContext& ctx) {
  const Shape* in = ctx.shape(0);
  const Shape* indices = ctx.shape(1);
  if (in == nullptr || indices == nullptr) return ctx.set(0, ctx.dtype(0), std::nullopt);
  const std::size_t axis = normalized_axis(ctx.attributes().integer("axis", 0), in->size());
  const auto at = in->begin() + static_cast<std::ptrdiff_t>(axis);
  Shape out(in->begin(), at);
  out.insert(out.end(), indices->begin(), indices->end());
  out.insert(out.end(), at + 1, in->end());
  ctx.set(0, ctx.dtype(0), out);
  follow_gather(ctx, axis, *in, out);
}

void infer_gather_elements(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), ctx.type(1).shape);
}

void infer_gather_nd(InferContext& ctx) {
  const Shape* in = ctx.shape(0);
  const Shape* indices = ctx.shape(1);
  if (in == nullptr || indices == nullptr || indices->empty() || !indices->back().is_number()) {
    return ctx.set(0, ctx.dtype(0), std::nullopt);
  }
  const std::int64_t batch = ctx.attributes().integer("batch_dims", 0);
  const std::int64_t picked = saturating_add(batch, indices->back().number());
  if (batch < 0 || picked < 0 || picked > static_cast<std::int64_t>(in->size())) {
    throw Error("", "indices " + to_string(*indices) + " pick more axes than " + to_string(*in) + " has");
  }
  Shape out(indices->begin(), indices->end() - 1);
  out.insert(out.end(), in->begin() + picked, in->end());
  ctx.set(0, ctx.dtype(0), std::move(out));
}

// --- Scatter
// ----------------------------------------------------------------------------------------------------

void infer_scatter(InferContext& ctx) {
  ctx.set(0, ctx.type(0));
}

/// Known contents placed into known contents along a vector: `shape[i] = size` of exporters.
void infer_scatter_nd(InferContext& ctx) {
  ctx.set(0, ctx.type(0));
  const Shape* in = ctx.shape(0);
  const Value* data = ctx.value(0);
  const auto indices = ctx.numbers(1);
  const Value* updates = ctx.value(2);
  if (data == nullptr || !indices || updates == nullptr || data->real != updates->real) return;
  const Shape* places = ctx.shape(1);
  if (in->size() != 1 || places->empty() || places->back() != Dim(1) || indices->size() != updates->size())
    return;
  if (ctx.attributes().text("reduction", "none") != "none") return;
  Value out = *data;
  const auto size = static_cast<std::int64_t>(out.size());
  for (std::size_t i = 0; i < indices->size(); ++i) {
    const std::int64_t at = (*indices)[i] < 0 ? (*indices)[i] + size : (*indices)[i];
    if (at < 0 || at >= size) return;
    if (out.real) {
      out.reals[static_cast<std::size_t>(at)] = updates->reals[i];
    } else {
      out.ints[static_cast<std::size_t>(at)] = updates->ints[i];
    }
  }
  ctx.set_value(0, std::move(out));
}

constexpr OpSpec moves(std::string_view name, int inputs, std::string_view roles,
                       void (*infer)(InferContext&), Traffic traffic) {
  return {name, "", inputs, inputs, 1, roles, infer, no_work, "moves data only", traffic};
}

constexpr OpSpec kSpecs[] = {
    {"Slice", "", 1, 5, 1, "xi", infer_slice, no_work, "moves data only", Traffic::gathers},
    moves("Gather", 2, "ti", infer_gather, Traffic::gathers),
    moves("GatherElements", 2, "ti", infer_gather_elements, Traffic::gathers),
    moves("GatherND", 2, "ti", infer_gather_nd, Traffic::gathers),
    moves("Scatter", 3, "xix", infer_scatter, Traffic::streams),
    moves("ScatterElements", 3, "xix", infer_scatter, Traffic::streams),
    moves("ScatterND", 3, "xix", infer_scatter_nd, Traffic::streams),
    moves("ReverseSequence", 2, "xi", infer_scatter, Traffic::streams),
};

}  // namespace

std::span<const OpSpec> indexing_specs() {
  return kSpecs;
}

}  // namespace foretime::ops
