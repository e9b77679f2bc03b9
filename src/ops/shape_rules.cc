#include "ops/shape_rules.h"

#include <string>
#include <utility>

namespace foretime::ops {

void like_first(InferContext& ctx) {
  ctx.set(0, ctx.type(0));
}

const Shape* shape_of_rank(const InferContext& ctx, std::size_t input, std::size_t rank) {
  const Shape* shape = ctx.shape(input);
  if (shape != nullptr && shape->size() != rank) {
    throw Error("", "input " + std::to_string(input) + " is " + to_string(*shape),
                "a tensor of rank " + std::to_string(rank));
  }
  return shape;
}

void set_running(InferContext& ctx, std::size_t output, DataType dtype, std::size_t rank,
                 std::int64_t upper) {
  const std::optional<Shape>& declared = ctx.output_type(output).shape;
  if (declared && is_static(*declared) && declared->size() == rank) return ctx.set(output, dtype, *declared);
  Shape shape;
  for (std::size_t axis = 0; axis < rank; ++axis) {
    shape.push_back(ctx.running(upper, "." + std::to_string(output) + "." + std::to_string(axis)));
  }
  ctx.set(output, dtype, std::move(shape));
}

std::optional<std::int64_t> bounded_elements(const InferContext& ctx, std::size_t input) {
  const Shape* shape = ctx.shape(input);
  if (shape == nullptr) return std::nullopt;
  for (const Dim& size : *shape) {
    if (size.upper() == Dim::kUnbounded) return std::nullopt;
  }
  return elements_of(*shape);
}

DataType dtype_attribute(const InferContext& ctx, std::string_view name, DataType otherwise) {
  const std::int64_t number = ctx.attributes().integer(name, static_cast<std::int64_t>(otherwise));
  if (number < 0 || number >= kDataTypes) {
    throw Error("", "attribute " + std::string(name) + " is data type " + std::to_string(number),
                "1 to " + std::to_string(kDataTypes - 1));
  }
  return static_cast<DataType>(number);
}

}  // namespace foretime::ops
