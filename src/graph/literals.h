#pragma once

// Elements of constants as decimal text, and back. The text is exact: it reads back as the same number, which
// for floating-point types means the shortest text that does. Only the bits of a NaN beyond "it is one" are
// lost.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/tensor.h"

namespace foretime {

/// "1.0", "0.1", "1e-05", "inf", "-inf", "nan": never looks like an integer.
std::string literal(float value);
std::string literal(double value);

/// What `literal` writes, and every other decimal number. Absent: it is none, or larger than a float can be.
std::optional<float> real_named(std::string_view text);
std::optional<std::int64_t> integer_named(std::string_view text);

/// The elements of a constant, or absent when there are more than `limit`, when the values are not there, or
/// when the type is none of integer, bool ("true", "false"), float16, bfloat16, float32 and float64.
std::optional<std::vector<std::string>> literals_of(const ConstantData& data, const TensorType& type,
                                                    std::size_t limit);

/// Constants of this type can have their elements written as text: their number is known, and the type is one
/// of those.
bool has_literals(const TensorType& type);

/// Makes the raw bytes of a constant, element by element.
class ConstantWriter {
 public:
  explicit ConstantWriter(DataType type) : type_(type) {}

  /// False, and nothing is added: the text is no value of the type.
  bool add(std::string_view literal);
  std::size_t count() const { return count_; }
  ConstantData finish() &&;

 private:
  void append(std::uint64_t bits);

  DataType type_;
  std::size_t count_ = 0;
  std::vector<std::byte> bytes_;
};

}  // namespace foretime
