#pragma once

#include <string>
#include <string_view>

#include "graph/tensor.h"

namespace foretime::onnx {

/// Whose type it is, for messages: the file, and the value in it.
struct ValueName {
  const std::string& path;
  std::string_view name;
};

/// A TypeProto. Sizes without number or name are called "?", to be named after their input when sizes are
/// bound; so are those of -1, which is how some writers say the same. Maps and deep nests of types are left
/// undefined. Error: a negative size, or a rank beyond any tensor's.
TensorType parse_type(std::string_view bytes, const ValueName& value);

}  // namespace foretime::onnx
