#pragma once

// Contents of small tensors, known while shapes are inferred. Exported networks compute shapes with ordinary
// operators (Shape, Gather, Concat, Reshape, …); following these values is what makes unsimplified files
// work. Integers may be names with bounds (graph/dim.h), floats are numbers.

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "graph/dim.h"

namespace foretime::ops {

/// Values beyond this many elements are not followed: no shape computation is larger, masks and tables are.
constexpr std::size_t kMostElements = 4096;

/// Elements in row-major order; `ints` for integer and boolean tensors, `reals` for floating-point ones.
struct Value {
  std::vector<Dim> ints;
  std::vector<double> reals;
  bool real = false;

  static Value of(std::vector<Dim> ints) { return {std::move(ints), {}, false}; }
  static Value of(std::vector<double> reals) { return {{}, std::move(reals), true}; }

  std::size_t size() const { return real ? reals.size() : ints.size(); }
  /// No names among the elements.
  bool is_static() const;
  /// The elements as plain integers; absent if there are names, or floats.
  std::optional<std::vector<std::int64_t>> numbers() const;
  /// Element i of the result is element `from[i]` of this. REQUIRES: every index < size().
  Value pick(std::span<const std::size_t> from) const;
};

using ValuePtr = std::shared_ptr<const Value>;

/// For each element of `out`, in row-major order, the index of the element of `in` that broadcasting puts
/// there (NumPy's rule). REQUIRES: both static, `in` broadcastable to `out`.
std::vector<std::size_t> broadcast_map(const Shape& in, const Shape& out);

/// Row-major strides, in elements. REQUIRES: static.
std::vector<std::size_t> strides_of(const Shape& shape);

/// Calls f(position) for every position of `shape` in row-major order. REQUIRES: static.
template <typename F>
void for_each_position(const Shape& shape, F f) {
  const std::int64_t count = elements_of(shape);
  std::vector<std::size_t> position(shape.size(), 0);
  for (std::int64_t i = 0; i < count; ++i) {
    f(static_cast<const std::vector<std::size_t>&>(position));
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      if (++position[axis] < static_cast<std::size_t>(shape[axis].number())) break;
      position[axis] = 0;
    }
  }
}

}  // namespace foretime::ops
