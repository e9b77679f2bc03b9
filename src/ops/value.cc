#include "ops/value.h"

#include <algorithm>

namespace foretime::ops {

bool Value::is_static() const {
  return real || std::all_of(ints.begin(), ints.end(), [](const Dim& dim) { return dim.is_number(); });
}

std::optional<std::vector<std::int64_t>> Value::numbers() const {
  if (real || !is_static()) return std::nullopt;
  std::vector<std::int64_t> out;
  out.reserve(ints.size());
  for (const Dim& dim : ints) out.push_back(dim.number());
  return out;
}

Value Value::pick(std::span<const std::size_t> from) const {
  Value out;
  out.real = real;
  for (const std::size_t i : from) {
    if (real) {
      out.reals.push_back(reals[i]);
    } else {
      out.ints.push_back(ints[i]);
    }
  }
  return out;
}

std::vector<std::size_t> strides_of(const Shape& shape) {
  std::vector<std::size_t> strides(shape.size(), 1);
  for (std::size_t axis = shape.size(); axis-- > 1;) {
    strides[axis - 1] = strides[axis] * static_cast<std::size_t>(shape[axis].number());
  }
  return strides;
}

std::vector<std::size_t> broadcast_map(const Shape& in, const Shape& out) {
  const std::vector<std::size_t> strides = strides_of(in);
  const std::size_t skipped = out.size() - in.size();
  std::vector<std::size_t> map;
  for_each_position(out, [&](const std::vector<std::size_t>& position) {
    std::size_t at = 0;
    for (std::size_t axis = 0; axis < in.size(); ++axis) {
      if (in[axis] != Dim(1)) at += position[axis + skipped] * strides[axis];
    }
    map.push_back(at);
  });
  return map;
}

}  // namespace foretime::ops
