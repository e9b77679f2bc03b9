#pragma once

#include <cstdint>
#include <string_view>

namespace foretime {

/// Element types; the numbers are those of ONNX's TensorProto.DataType, so that importing is a range check.
enum class DataType : std::uint8_t {
  undefined = 0,
  float32 = 1,
  uint8 = 2,
  int8 = 3,
  uint16 = 4,
  int16 = 5,
  int32 = 6,
  int64 = 7,
  string = 8,
  boolean = 9,
  float16 = 10,
  float64 = 11,
  uint32 = 12,
  uint64 = 13,
  complex64 = 14,
  complex128 = 15,
  bfloat16 = 16,
  float8e4m3fn = 17,
  float8e4m3fnuz = 18,
  float8e5m2 = 19,
  float8e5m2fnuz = 20,
  uint4 = 21,
  int4 = 22,
  float4e2m1 = 23,
  float8e8m0 = 24,
  uint2 = 25,
  int2 = 26,
};
constexpr int kDataTypes = 27;

/// "float32", "int8", "bool", …; "undefined" for a type nobody stated.
std::string_view name_of(DataType type);

/// The type named so, or `undefined`.
DataType data_type_named(std::string_view name);

/// Bits of one element; 0 where that has no meaning (string, undefined). Sub-byte types are packed.
int bits_of(DataType type);

/// Bytes of `elements` packed elements, rounded up; saturates.
std::int64_t bytes_of(DataType type, std::int64_t elements);

/// Integers and booleans: what shapes and indices are made of.
bool is_integer(DataType type);

/// Floating-point numbers of any width.
bool is_float(DataType type);

}  // namespace foretime
