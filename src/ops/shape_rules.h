#pragma once

// Shape rules that operators of several families share.

#include <optional>

#include "ops/infer_context.h"

namespace foretime::ops {

/// Output 0 has the type of input 0.
void like_first(InferContext& ctx);

/// The shape with `axes` sizes; Error, naming the input: it has another rank. Null: the rank is not known.
const Shape* shape_of_rank(const InferContext& ctx, std::size_t input, std::size_t rank);

/// A shape of names nobody knows anything about, for an output of which only the rank is known. `upper`
/// bounds each of its sizes.
Shape running_shape(InferContext& ctx, std::size_t rank, std::int64_t upper = Dim::kUnbounded,
                    std::string_view suffix = {});

/// The data type an attribute names by its number. Error: there is no such type.
DataType dtype_attribute(const InferContext& ctx, std::string_view name, DataType otherwise);

}  // namespace foretime::ops
