#include "ops/contents.h"

#include <utility>

namespace foretime::ops {
namespace {

/// Contents of a constant small enough to follow.
ValuePtr constant_value(const Tensor& tensor) {
  if (auto ints = integers(*tensor.constant, tensor.type, kMostElements)) {
    return std::make_shared<const Value>(Value::of(std::vector<Dim>(ints->begin(), ints->end())));
  }
  if (auto numbers = reals(*tensor.constant, tensor.type, kMostElements)) {
    return std::make_shared<const Value>(Value::of(std::move(*numbers)));
  }
  return nullptr;
}

}  // namespace

const ValuePtr& Contents::operator[](std::size_t tensor) const {
  ValuePtr& value = values_[tensor];
  if (value == nullptr && tensors_[tensor].constant != nullptr) value = constant_value(tensors_[tensor]);
  return value;
}

}  // namespace foretime::ops
