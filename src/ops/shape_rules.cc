#include "ops/shape_rules.h"

#include <string>

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

Shape running_shape(InferContext& ctx, std::size_t rank, std::int64_t upper, std::string_view suffix) {
  Shape shape;
  for (std::size_t axis = 0; axis < rank; ++axis) {
    shape.push_back(ctx.running(upper, std::string(suffix) + "." + std::to_string(axis)));
  }
  return shape;
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
