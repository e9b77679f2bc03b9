// Operators that make tensors out of little: constants, ranges, random numbers.

#include <algorithm>
#include <cmath>
#include <utility>

#include "ops/families.h"
#include "ops/infer_context.h"
#include "ops/work.h"

namespace foretime::ops {
namespace {

/// A shape given as contents of an input; running sizes when only its length is known.
std::optional<Shape> shape_from_input(InferContext& ctx, std::size_t input) {
  if (const Value* value = ctx.value(input); value != nullptr && !value->real) {
    Shape out;
    for (const Dim& size : value->ints) {
      if (size.upper() < 0) throw Error("", "makes a tensor with the size " + to_string(size), "0 or more");
      out.push_back(size);
    }
    return out;
  }
  const Shape* length = ctx.shape(input);
  if (length == nullptr || length->size() != 1 || !(*length)[0].is_number() || (*length)[0].number() > 16)
    return std::nullopt;
  Shape out;
  for (std::int64_t i = 0; i < (*length)[0].number(); ++i) {
    out.push_back(ctx.running(Dim::kUnbounded, "#" + std::to_string(i)));
  }
  return out;
}

/// All elements of the output equal `element`'s only one.
void fill(InferContext& ctx, const Value& element) {
  const auto& shape = ctx.output_type(0).shape;
  if (!shape || !is_static(*shape) || elements_of(*shape) > static_cast<std::int64_t>(kMostElements)) return;
  ctx.set_value(0, element.pick(std::vector<std::size_t>(static_cast<std::size_t>(elements_of(*shape)), 0)));
}

void infer_constant(InferContext& ctx) {
  const Attributes& attributes = ctx.attributes();
  if (const Attribute* value = attributes.find("value")) {
    const auto* tensor = std::get_if<TensorAttribute>(value);
    if (tensor == nullptr) throw Error("attribute value", "is not a tensor");
    ctx.set(0, tensor->type);
    if (auto ints = integers(tensor->data, tensor->type, kMostElements)) {
      ctx.set_value(0, Value::of(std::vector<Dim>(ints->begin(), ints->end())));
    } else if (auto numbers = reals(tensor->data, tensor->type, kMostElements)) {
      ctx.set_value(0, Value::of(std::move(*numbers)));
    }
  } else if (attributes.has("value_int")) {
    ctx.set(0, DataType::int64, Shape{});
    ctx.set_value(0, Value::of(std::vector<Dim>{attributes.integer("value_int", 0)}));
  } else if (attributes.has("value_ints")) {
    const auto values = attributes.integers("value_ints");
    ctx.set(0, DataType::int64, Shape{static_cast<std::int64_t>(values.size())});
    ctx.set_value(0, Value::of(std::vector<Dim>(values.begin(), values.end())));
  } else if (attributes.has("value_float")) {
    ctx.set(0, DataType::float32, Shape{});
    ctx.set_value(0, Value::of(std::vector<double>{attributes.real("value_float", 0)}));
  } else if (attributes.has("value_floats")) {
    const auto values = attributes.reals("value_floats");
    ctx.set(0, DataType::float32, Shape{static_cast<std::int64_t>(values.size())});
    ctx.set_value(0, Value::of(std::vector<double>(values.begin(), values.end())));
  } else if (attributes.has("value_string")) {
    ctx.set(0, DataType::string, Shape{});
  } else if (const auto* strings = std::get_if<std::vector<std::string>>(attributes.find("value_strings"))) {
    ctx.set(0, DataType::string, Shape{static_cast<std::int64_t>(strings->size())});
  } else {
    ctx.set(0, DataType::undefined, std::nullopt);
  }
}

void infer_constant_of_shape(InferContext& ctx) {
  DataType dtype = DataType::float32;
  Value element = Value::of(std::vector<double>{0});
  if (const Attribute* value = ctx.attributes().find("value")) {
    const auto* tensor = std::get_if<TensorAttribute>(value);
    if (tensor == nullptr) throw Error("attribute value", "is not a tensor");
    dtype = tensor->type.dtype;
    element = {};
    if (auto ints = integers(tensor->data, tensor->type, 1)) {
      element = Value::of(std::vector<Dim>(ints->begin(), ints->end()));
    } else if (auto numbers = reals(tensor->data, tensor->type, 1)) {
      element = Value::of(std::move(*numbers));
    }
  }
  ctx.set(0, dtype, shape_from_input(ctx, 0));
  if (element.size() == 1) fill(ctx, element);
}

void infer_range(InferContext& ctx) {
  const Value* values[3] = {ctx.value(0), ctx.value(1), ctx.value(2)};
  for (const Value* value : values) {
    if (value == nullptr || value->size() != 1 || value->real != values[0]->real) {
      return ctx.set(0, ctx.dtype(0), Shape{ctx.running(Dim::kUnbounded)});
    }
  }
  if (values[0]->real) {
    if (values[2]->reals[0] == 0) throw Error("", "counts in steps of 0");
    const double length = std::ceil((values[1]->reals[0] - values[0]->reals[0]) / values[2]->reals[0]);
    if (std::isnan(length)) throw Error("", "counts with a number that is none");
    const Dim size = length >= 9e18 ? kSaturated : static_cast<std::int64_t>(std::max(length, 0.0));
    return ctx.set(0, ctx.dtype(0), Shape{size});
  }
  const Dim& start = values[0]->ints[0];
  const Dim& step = values[2]->ints[0];
  const Dim span = values[1]->ints[0] - start;
  if (step.lower() <= 0 && step.upper() >= 0) throw Error("", "counts in steps of " + to_string(step));
  const Dim length = step.lower() > 0 ? max(floor_div(span + step - 1, step), 0)
                                      : max(floor_div(Dim(0) - span - step - 1, Dim(0) - step), 0);
  ctx.set(0, ctx.dtype(0), Shape{length});
  if (!length.is_number() || length.number() > static_cast<std::int64_t>(kMostElements)) return;
  std::vector<Dim> elements;
  Dim at = start;
  for (std::int64_t i = 0; i < length.number(); ++i, at = at + step) elements.push_back(at);
  ctx.set_value(0, Value::of(std::move(elements)));
}

DataType dtype_or(const InferContext& ctx, DataType otherwise) {
  const std::int64_t stated = ctx.attributes().integer("dtype", 0);
  return stated > 0 && stated < kDataTypes ? static_cast<DataType>(stated) : otherwise;
}

void infer_like(InferContext& ctx) {
  ctx.set(0, dtype_or(ctx, ctx.dtype(0)), ctx.type(0).shape);
}

void infer_random(InferContext& ctx) {
  const auto shape = ctx.attributes().integers("shape");
  ctx.set(0, dtype_or(ctx, DataType::float32), Shape(shape.begin(), shape.end()));
}

void infer_one_hot(InferContext& ctx) {
  const Shape* in = ctx.shape(0);
  if (in == nullptr) return ctx.set(0, ctx.dtype(2), std::nullopt);
  auto depth = ctx.scalar(1);
  if (const Value* given = ctx.value(1); given != nullptr && given->real && given->size() == 1) {
    depth =
        static_cast<std::int64_t>(std::clamp(given->reals[0], 0.0, 1e15));  // any type of number is allowed
  }
  const std::size_t axis = normalized_axis(ctx.attributes().integer("axis", -1), in->size() + 1);
  Shape out = *in;
  out.insert(out.begin() + static_cast<std::ptrdiff_t>(axis), depth ? *depth : ctx.running(Dim::kUnbounded));
  ctx.set(0, ctx.dtype(2), std::move(out));
}

constexpr OpSpec makes(std::string_view name, int inputs, void (*infer)(InferContext&), bool random = false) {
  return {
      name,  "", inputs, inputs, 1, "i", infer, no_work, "makes data without arithmetic", Traffic::streams,
      random};
}

constexpr OpSpec kSpecs[] = {
    makes("Constant", 0, infer_constant),
    makes("ConstantOfShape", 1, infer_constant_of_shape),
    makes("Range", 3, infer_range),
    makes("EyeLike", 1, infer_like),
    makes("OneHot", 3, infer_one_hot),
    makes("RandomNormal", 0, infer_random, true),
    makes("RandomUniform", 0, infer_random, true),
    makes("RandomNormalLike", 1, infer_like, true),
    makes("RandomUniformLike", 1, infer_like, true),
};

}  // namespace

std::span<const OpSpec> generator_specs() {
  return kSpecs;
}

}  // namespace foretime::ops
