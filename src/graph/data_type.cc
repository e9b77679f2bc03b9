#include "graph/data_type.h"

#include <array>
#include <cstddef>

#include "base/checked.h"

namespace foretime {
namespace {

enum class Kind : std::uint8_t { other, integer, real };

struct Row {
  std::string_view name;
  int bits;
  Kind kind;
};

constexpr std::array<Row, kDataTypes> kRows = {{
    {"undefined", 0, Kind::other},     {"float32", 32, Kind::real},   {"uint8", 8, Kind::integer},
    {"int8", 8, Kind::integer},        {"uint16", 16, Kind::integer}, {"int16", 16, Kind::integer},
    {"int32", 32, Kind::integer},      {"int64", 64, Kind::integer},  {"string", 0, Kind::other},
    {"bool", 8, Kind::integer},        {"float16", 16, Kind::real},   {"float64", 64, Kind::real},
    {"uint32", 32, Kind::integer},     {"uint64", 64, Kind::integer}, {"complex64", 64, Kind::other},
    {"complex128", 128, Kind::other},  {"bfloat16", 16, Kind::real},  {"float8e4m3fn", 8, Kind::real},
    {"float8e4m3fnuz", 8, Kind::real}, {"float8e5m2", 8, Kind::real}, {"float8e5m2fnuz", 8, Kind::real},
    {"uint4", 4, Kind::integer},       {"int4", 4, Kind::integer},    {"float4e2m1", 4, Kind::real},
    {"float8e8m0", 8, Kind::real},     {"uint2", 2, Kind::integer},   {"int2", 2, Kind::integer},
}};

const Row& row(DataType type) {
  return kRows[static_cast<std::size_t>(type)];
}

}  // namespace

std::string_view name_of(DataType type) {
  return row(type).name;
}

DataType data_type_named(std::string_view name) {
  for (std::size_t i = 1; i < kRows.size(); ++i) {
    if (kRows[i].name == name) return static_cast<DataType>(i);
  }
  return DataType::undefined;
}

int bits_of(DataType type) {
  return row(type).bits;
}

std::int64_t bytes_of(DataType type, std::int64_t elements) {
  const int bits = bits_of(type);
  if (bits >= 8) return saturating_mul(elements, bits / 8);
  return saturating_add(saturating_mul(elements, bits), 7) / 8;
}

bool is_integer(DataType type) {
  return row(type).kind == Kind::integer;
}
bool is_float(DataType type) {
  return row(type).kind == Kind::real;
}

}  // namespace foretime
