// Operators that change how elements are arranged, not what they are. Contents, where known, go along.

#include <algorithm>
#include <numeric>
#include <utility>

#include "ops/families.h"
#include "ops/infer_context.h"
#include "ops/work.h"

namespace foretime::ops {
namespace {

constexpr const char* kMs = "com.microsoft";

bool followable(const std::optional<Shape>& shape) {
  return shape && is_static(*shape) && elements_of(*shape) <= static_cast<std::int64_t>(kMostElements);
}

/// Sets the same contents in the same order: what a view does.
void same_elements(InferContext& ctx) {
  if (const Value* in = ctx.value(0)) ctx.set_value(0, *in);
}

// --- Reshape and its relatives
// ----------------------------------------------------------------------------------

Dim product_of(const Shape& shape) {
  Dim out = 1;
  for (const Dim& dim : shape) out = out * dim;
  return out;
}

/// total / known, where both may hold names: names that stand on both sides cancel.
Dim quotient_of_products(const Shape& all, const Shape& known) {
  Shape above;
  Shape below = known;
  for (const Dim& dim : all) {
    const auto same = std::find(below.begin(), below.end(), dim);
    if (same != below.end() && !dim.is_number()) {
      below.erase(same);
    } else {
      above.push_back(dim);
    }
  }
  const Dim divisor = product_of(below);
  if (divisor.is_number() && divisor.number() == 0) return 0;
  return floor_div(product_of(above), divisor);
}

Shape reshaped(const Shape& in, const std::vector<Dim>& wanted, bool zero_copies) {
  Shape out;
  std::optional<std::size_t> rest;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const Dim& size = wanted[i];
    if (size.is_number() && size.number() == -1) {
      if (rest) throw Error("", "the new shape has two sizes of -1");
      rest = i;
      out.emplace_back(1);
    } else if (size.is_number() && size.number() == 0 && zero_copies) {
      if (i >= in.size())
        throw Error("", "the new shape copies axis " + std::to_string(i) + " of " + to_string(in));
      out.push_back(in[i]);
    } else if (size.is_number() && size.number() < 0) {
      throw Error("", "the new shape has the size " + to_string(size), "-1, 0 or more");
    } else {
      out.push_back(size);
    }
  }
  if (rest) {
    Shape others = out;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(*rest));
    out[*rest] = quotient_of_products(in, others);
  }
  const Shape whole = out;
  if (is_static(in) && is_static(whole) && elements_of(in) != elements_of(whole)) {
    throw Error("",
                "cannot reshape " + to_string(in) + " to " + to_string(Shape(wanted.begin(), wanted.end())));
  }
  return out;
}

/// The shape input's contents are not known: sizes are bounded by the number of elements.
Shape running_shape(InferContext& ctx, const Shape& in, std::int64_t rank) {
  Shape out;
  for (std::int64_t i = 0; i < rank; ++i)
    out.push_back(ctx.running(elements_of(in), "#" + std::to_string(i)));
  return out;
}

void infer_reshape(InferContext& ctx) {
  const Shape* in = ctx.shape(0);
  const bool zero_copies = ctx.attributes().integer("allowzero", 0) == 0;
  if (in == nullptr) return ctx.set(0, ctx.dtype(0), std::nullopt);
  if (!ctx.has(1)) {
    const auto listed = ctx.attributes().integers("shape");
    ctx.set(0, ctx.dtype(0), reshaped(*in, {listed.begin(), listed.end()}, true));
  } else if (const Value* wanted = ctx.value(1); wanted != nullptr && !wanted->real) {
    ctx.set(0, ctx.dtype(0), reshaped(*in, wanted->ints, zero_copies));
  } else if (const Shape* rank = ctx.shape(1);
             rank != nullptr && rank->size() == 1 && (*rank)[0].upper() <= 16) {
    ctx.set(0, ctx.dtype(0), running_shape(ctx, *in, (*rank)[0].upper()));
  } else {
    ctx.set(0, ctx.dtype(0), std::nullopt);
  }
  same_elements(ctx);
}

void infer_flatten(InferContext& ctx) {
  const Shape* in = ctx.shape(0);
  if (in == nullptr) return ctx.set(0, ctx.dtype(0), std::nullopt);
  const std::int64_t axis = ctx.attributes().integer("axis", 1);
  const auto rank = static_cast<std::int64_t>(in->size());
  if (axis < -rank || axis > rank)
    throw Error("attribute axis", "is " + std::to_string(axis), "-rank to rank");
  const auto split = in->begin() + static_cast<std::ptrdiff_t>(axis < 0 ? axis + rank : axis);
  ctx.set(0, ctx.dtype(0), Shape{product_of({in->begin(), split}), product_of({split, in->end()})});
  same_elements(ctx);
}

void infer_squeeze(InferContext& ctx) {
  const Shape* in = ctx.shape(0);
  const InferContext::Axes axes = ctx.axes("axes", 1);
  if (in == nullptr || !axes.known) return ctx.set(0, ctx.dtype(0), std::nullopt);
  std::vector<bool> gone(in->size(), false);
  for (const std::int64_t axis : axes.values) gone[normalized_axis(axis, in->size())] = true;
  Shape out;
  for (std::size_t i = 0; i < in->size(); ++i) {
    const bool one = (*in)[i] == Dim(1);
    if (axes.given && gone[i] && (*in)[i].is_number() && !one) {
      throw Error("", "squeezes axis " + std::to_string(i) + " of " + to_string(*in), "an axis of size 1");
    }
    if (axes.given ? !gone[i] : !one) out.push_back((*in)[i]);
  }
  ctx.set(0, ctx.dtype(0), std::move(out));
  same_elements(ctx);
}

void infer_unsqueeze(InferContext& ctx) {
  const Shape* in = ctx.shape(0);
  const InferContext::Axes axes = ctx.axes("axes", 1);
  if (in == nullptr || !axes.known) return ctx.set(0, ctx.dtype(0), std::nullopt);
  const std::size_t rank = in->size() + axes.values.size();
  std::vector<bool> fresh(rank, false);
  for (const std::int64_t axis : axes.values) fresh[normalized_axis(axis, rank)] = true;
  Shape out;
  std::size_t next = 0;
  for (std::size_t i = 0; i < rank; ++i) {
    if (!fresh[i] && next >= in->size()) throw Error("", "the axes repeat themselves");
    out.push_back(fresh[i] ? Dim(1) : (*in)[next++]);
  }
  ctx.set(0, ctx.dtype(0), std::move(out));
  same_elements(ctx);
}

// --- Moving axes and elements
// -----------------------------------------------------------------------------------

void infer_transpose(InferContext& ctx) {
  const Shape* in = ctx.shape(0);
  if (in == nullptr) return ctx.set(0, ctx.dtype(0), std::nullopt);
  std::vector<std::int64_t> perm = ctx.attributes().integers("perm");
  if (perm.empty()) {
    perm.resize(in->size());
    std::iota(perm.rbegin(), perm.rend(), 0);
  }
  std::vector<bool> seen(in->size(), false);
  if (perm.size() != in->size()) {
    throw Error("attribute perm", "has " + std::to_string(perm.size()) + " axes", std::to_string(in->size()));
  }
  Shape out;
  for (std::int64_t& axis : perm) {
    axis = static_cast<std::int64_t>(normalized_axis(axis, in->size()));
    if (seen[static_cast<std::size_t>(axis)]) throw Error("attribute perm", "names an axis twice");
    seen[static_cast<std::size_t>(axis)] = true;
    out.push_back((*in)[static_cast<std::size_t>(axis)]);
  }
  ctx.set(0, ctx.dtype(0), out);
  const Value* value = ctx.value(0);
  if (value == nullptr) return;
  const auto strides = strides_of(*in);
  std::vector<std::size_t> map;
  for_each_position(out, [&](const std::vector<std::size_t>& position) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < perm.size(); ++i)
      at += position[i] * strides[static_cast<std::size_t>(perm[i])];
    map.push_back(at);
  });
  ctx.set_value(0, value->pick(map));
}

void infer_expand(InferContext& ctx) {
  const Shape* in = ctx.shape(0);
  const Value* wanted = ctx.value(1);
  if (in == nullptr) return ctx.set(0, ctx.dtype(0), std::nullopt);
  if (wanted == nullptr || wanted->real) {
    const Shape* rank = ctx.shape(1);
    if (rank == nullptr || rank->size() != 1 || !(*rank)[0].is_number() || (*rank)[0].number() > 16) {
      return ctx.set(0, ctx.dtype(0), std::nullopt);
    }
    Shape out;
    for (std::int64_t i = 0; i < (*rank)[0].number(); ++i) {
      out.push_back(ctx.running(Dim::kUnbounded, "#" + std::to_string(i)));
    }
    return ctx.set(0, ctx.dtype(0), std::move(out));
  }
  for (const Dim& size : wanted->ints) {
    if (size.upper() < 0) throw Error("", "expands to the size " + to_string(size), "0 or more");
  }
  ctx.set(0, ctx.dtype(0), broadcast(*in, Shape(wanted->ints.begin(), wanted->ints.end())));
  if (const Value* value = ctx.value(0); value != nullptr && followable(ctx.output_type(0).shape)) {
    ctx.set_value(0, value->pick(broadcast_map(*in, *ctx.output_type(0).shape)));
  }
}

void infer_tile(InferContext& ctx) {
  const Shape* in = ctx.shape(0);
  const Value* repeats = ctx.value(1);
  if (in == nullptr) return ctx.set(0, ctx.dtype(0), std::nullopt);
  if (repeats == nullptr || repeats->real || repeats->size() != in->size()) {
    Shape out;
    for (std::size_t i = 0; i < in->size(); ++i)
      out.push_back(ctx.running(Dim::kUnbounded, "#" + std::to_string(i)));
    return ctx.set(0, ctx.dtype(0), std::move(out));
  }
  Shape out;
  for (std::size_t i = 0; i < in->size(); ++i) {
    const Dim& times = repeats->ints[i];
    if (times.upper() < 0) throw Error("", "repeats an axis " + to_string(times) + " times", "0 or more");
    out.push_back((*in)[i] * times);
  }
  ctx.set(0, ctx.dtype(0), out);
  const Value* value = ctx.value(0);
  if (value == nullptr || !followable(out)) return;
  const auto strides = strides_of(*in);
  std::vector<std::size_t> map;
  for_each_position(out, [&](const std::vector<std::size_t>& position) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < in->size(); ++i) {
      at += position[i] % static_cast<std::size_t>((*in)[i].number()) * strides[i];
    }
    map.push_back(at);
  });
  ctx.set_value(0, value->pick(map));
}

// --- Joining and splitting
// --------------------------------------------------------------------------------------

/// Contents of a concatenation: whole rows of each operand in turn.
void follow_concat(InferContext& ctx, std::size_t axis, const Shape& out) {
  if (!followable(out)) return;
  std::size_t outer = 1;
  for (std::size_t i = 0; i < axis; ++i) outer *= static_cast<std::size_t>(out[i].number());
  for (std::size_t i = 0; i < ctx.inputs(); ++i) {
    if (ctx.value(i) == nullptr || ctx.value(i)->real != ctx.value(0)->real) return;
  }
  Value joined;
  joined.real = ctx.value(0)->real;
  for (std::size_t row = 0; row < outer; ++row) {
    for (std::size_t i = 0; i < ctx.inputs(); ++i) {
      const Value& part = *ctx.value(i);
      const std::size_t length = part.size() / outer;
      for (std::size_t e = row * length; e < (row + 1) * length; ++e) {
        if (joined.real) {
          joined.reals.push_back(part.reals[e]);
        } else {
          joined.ints.push_back(part.ints[e]);
        }
      }
    }
  }
  ctx.set_value(0, std::move(joined));
}

void infer_concat(InferContext& ctx) {
  std::optional<Shape> out;
  std::size_t axis = 0;
  for (std::size_t i = 0; i < ctx.inputs(); ++i) {
    const Shape* shape = ctx.shape(i);
    if (shape == nullptr) return ctx.set(0, ctx.dtype(0), std::nullopt);
    if (!out) {
      out = *shape;
      axis = normalized_axis(ctx.attributes().integer("axis", 1), shape->size());
      continue;
    }
    if (shape->size() != out->size()) {
      throw Error("", "joins " + to_string(*out) + " and " + to_string(*shape), "equal ranks");
    }
    for (std::size_t a = 0; a < shape->size(); ++a) {
      if (a == axis) {
        (*out)[a] = (*out)[a] + (*shape)[a];
      } else if ((*out)[a].is_number() && (*shape)[a].is_number() && (*out)[a] != (*shape)[a]) {
        throw Error(
            "",
            "joins " + to_string(*out) + " and " + to_string(*shape) + " along axis " + std::to_string(axis),
            "equal sizes on all other axes");
      } else if ((*shape)[a].is_number()) {
        (*out)[a] = (*shape)[a];
      }
    }
  }
  ctx.set(0, ctx.dtype(0), out);
  follow_concat(ctx, axis, *out);
}

/// Sizes of the parts: stated, or the axis divided by the number of outputs, the last part smaller.
std::optional<std::vector<Dim>> split_sizes(InferContext& ctx, const Dim& size) {
  const auto parts = static_cast<std::int64_t>(ctx.outputs());
  if (ctx.has(1)) {
    const Value* listed = ctx.value(1);
    if (listed == nullptr || listed->real) return std::nullopt;
    return listed->ints;
  }
  const auto listed = ctx.attributes().integers("split");
  if (!listed.empty()) return std::vector<Dim>(listed.begin(), listed.end());
  const std::int64_t count = std::max<std::int64_t>(1, ctx.attributes().integer("num_outputs", parts));
  const Dim each = floor_div(size + Dim(count - 1), count);
  std::vector<Dim> sizes(static_cast<std::size_t>(parts), each);
  if (!sizes.empty()) sizes.back() = size - each * Dim(parts - 1);
  return sizes;
}

/// Error: the parts cannot make up an axis of this size.
void check_parts(const std::vector<Dim>& parts, const Dim& size) {
  Dim sum = 0;
  bool fits = true;
  std::string listed;
  for (const Dim& part : parts) {
    sum = sum + part;
    fits = fits && part.upper() >= 0;
    listed += (listed.empty() ? "" : ", ") + to_string(part);
  }
  if (fits && (!sum.is_number() || !size.is_number() || sum == size)) return;
  throw Error("", "splits " + to_string(size) + " elements into " + listed,
              "parts that add up to " + to_string(size));
}

void infer_split(InferContext& ctx) {
  const Shape* in = ctx.shape(0);
  if (in == nullptr) {
    for (std::size_t i = 0; i < ctx.outputs(); ++i) ctx.set(i, ctx.dtype(0), std::nullopt);
    return;
  }
  const std::size_t axis = normalized_axis(ctx.attributes().integer("axis", 0), in->size());
  const auto sizes = split_sizes(ctx, (*in)[axis]);
  if (sizes && sizes->size() < ctx.outputs()) {
    throw Error("", "splits into " + std::to_string(sizes->size()) + " parts", std::to_string(ctx.outputs()));
  }
  if (sizes) check_parts(*sizes, (*in)[axis]);
  std::size_t begin = 0;
  for (std::size_t i = 0; i < ctx.outputs(); ++i) {
    Shape out = *in;
    out[axis] = sizes ? (*sizes)[i] : ctx.running((*in)[axis].upper(), "#" + std::to_string(i));
    ctx.set(i, ctx.dtype(0), out);
    const Value* value = ctx.value(0);
    if (value == nullptr || in->size() != 1 || !out[0].is_number() || out[0].number() < 0) continue;
    const auto length = static_cast<std::size_t>(out[0].number());
    if (begin + length > value->size()) continue;
    std::vector<std::size_t> map(length);
    std::iota(map.begin(), map.end(), begin);
    ctx.set_value(i, value->pick(map));
    begin += length;
  }
}

void infer_pad(InferContext& ctx) {
  const Shape* in = ctx.shape(0);
  if (in == nullptr) return ctx.set(0, ctx.dtype(0), std::nullopt);
  std::vector<Dim> pads;
  if (!ctx.has(1)) {
    const auto listed = ctx.attributes().integers(ctx.attributes().has("pads") ? "pads" : "paddings");
    pads.assign(listed.begin(), listed.end());
  } else if (const Value* value = ctx.value(1);
             value != nullptr && !value->real && (!ctx.has(3) || ctx.numbers(3))) {
    pads = value->ints;
  } else {
    Shape out;
    for (std::size_t i = 0; i < in->size(); ++i)
      out.push_back(ctx.running(Dim::kUnbounded, "#" + std::to_string(i)));
    return ctx.set(0, ctx.dtype(0), std::move(out));
  }
  std::vector<std::size_t> axes(in->size());
  std::iota(axes.begin(), axes.end(), std::size_t{0});
  if (const auto chosen = ctx.numbers(3)) {
    axes.clear();
    for (const std::int64_t axis : *chosen) axes.push_back(normalized_axis(axis, in->size()));
  }
  if (pads.size() != 2 * axes.size()) {
    throw Error("", "has " + std::to_string(pads.size()) + " pads", std::to_string(2 * axes.size()));
  }
  Shape out = *in;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    out[axes[i]] = max(out[axes[i]] + pads[i] + pads[i + axes.size()], 0);
  }
  ctx.set(0, ctx.dtype(0), std::move(out));
}

// --- Sizes as contents
// ------------------------------------------------------------------------------------------

void infer_shape(InferContext& ctx) {
  const Shape* in = ctx.shape(0);
  if (in == nullptr) return ctx.set(0, DataType::int64, std::nullopt);
  const auto rank = static_cast<std::int64_t>(in->size());
  const auto clamped = [&](std::int64_t axis) {
    return std::clamp<std::int64_t>(axis < 0 ? axis + rank : axis, 0, rank);
  };
  const std::int64_t begin = clamped(ctx.attributes().integer("start", 0));
  const std::int64_t end = std::max(begin, clamped(ctx.attributes().integer("end", rank)));
  ctx.set(0, DataType::int64, Shape{end - begin});
  ctx.set_value(0, Value::of(std::vector<Dim>(in->begin() + begin, in->begin() + end)));
}

void infer_size(InferContext& ctx) {
  ctx.set(0, DataType::int64, Shape{});
  if (const Shape* in = ctx.shape(0)) ctx.set_value(0, Value::of(std::vector<Dim>{product_of(*in)}));
}

constexpr OpSpec moves(std::string_view name, std::string_view domain, int min_inputs, int max_inputs,
                       int max_outputs, std::string_view roles, void (*infer)(InferContext&),
                       Traffic traffic = Traffic::streams) {
  return {name,  domain, min_inputs, max_inputs,        max_outputs,
          roles, infer,  no_work,    "moves data only", traffic};
}

constexpr OpSpec kSpecs[] = {
    moves("Reshape", "", 1, 2, 1, "xi", infer_reshape, Traffic::view),
    moves("Flatten", "", 1, 1, 1, "x", infer_flatten, Traffic::view),
    moves("Squeeze", "", 1, 2, 1, "xi", infer_squeeze, Traffic::view),
    moves("Unsqueeze", "", 1, 2, 1, "xi", infer_unsqueeze, Traffic::view),
    moves("Transpose", "", 1, 1, 1, "x", infer_transpose),
    moves("Expand", "", 2, 2, 1, "xi", infer_expand),
    moves("Tile", "", 2, 2, 1, "xi", infer_tile),
    moves("Concat", "", 1, kAny, 1, "x", infer_concat),
    moves("Split", "", 1, 2, kAny, "xi", infer_split),
    moves("Pad", "", 1, 4, 1, "xi", infer_pad),
    moves("Pad", kMs, 2, 3, 1, "xi", infer_pad),
    moves("Shape", "", 1, 1, 1, "x", infer_shape, Traffic::metadata),
    moves("Size", "", 1, 1, 1, "x", infer_size, Traffic::metadata),
};

}  // namespace

std::span<const OpSpec> layout_specs() {
  return kSpecs;
}

}  // namespace foretime::ops
