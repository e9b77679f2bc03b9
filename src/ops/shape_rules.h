#pragma once

// Shape rules that operators of several families share.

#include <optional>

#include "ops/infer_context.h"

namespace foretime::ops {

/// Output 0 has the type of input 0.
void like_first(InferContext& ctx);

/// The input's shape, or null when its rank is unknown. Error: it has another rank.
const Shape* shape_of_rank(const InferContext& ctx, std::size_t input, std::size_t rank);

/// For an output of which only the rank is known: the shape that the file declares if it is static, else
/// names of at most `upper`.
void set_running(InferContext& ctx, std::size_t output, DataType dtype, std::size_t rank,
                 std::int64_t upper = Dim::kUnbounded);

/// Number of elements of an input; absent when its rank is unknown or a size has no bound.
std::optional<std::int64_t> bounded_elements(const InferContext& ctx, std::size_t input);

/// The data type an attribute names by its number. Error: there is no such type.
DataType dtype_attribute(const InferContext& ctx, std::string_view name, DataType otherwise);

}  // namespace foretime::ops
