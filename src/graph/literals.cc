#include "graph/literals.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>

namespace foretime {
namespace {

template <typename Real>
std::string shortest(Real value) {
  if (std::isnan(value)) return "nan";
  char buffer[64];  // the longest double, "-2.2250738585072014e-308", has 24 letters
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  std::string text(buffer, end);
  if (text.find_first_of(".ein") == std::string::npos) text += ".0";
  return text;
}

template <typename Number>
struct Parsed {
  Number value{};
  std::errc status{};
};

template <typename Number>
Parsed<Number> parse(std::string_view text) {
  Parsed<Number> parsed;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, parsed.value);
  parsed.status = result.ec == std::errc{} && result.ptr != end ? std::errc::invalid_argument : result.ec;
  return parsed;
}

template <typename Real>
std::optional<Real> real(std::string_view text) {
  const auto parsed = parse<Real>(text);
  if (parsed.status == std::errc{}) return parsed.value;
  if (parsed.status != std::errc::result_out_of_range) return std::nullopt;
  // Too large is refused; too small is zero, and never a reason to refuse a file.
  const auto wide = parse<double>(text);
  if (wide.status != std::errc{} || std::abs(wide.value) > 1) return std::nullopt;
  return static_cast<Real>(wide.value);
}

/// The bits of the narrow float with `exponent` and `fraction` bits that is nearest to `value`, ties to even;
/// absent when the value is finite and too large. A half has (5, 10), a bfloat16 (8, 7).
std::optional<std::uint64_t> narrow(double value, int exponent, int fraction) {
  const int bias = (1 << (exponent - 1)) - 1;
  const std::uint64_t sign = std::signbit(value) ? std::uint64_t{1} << (exponent + fraction) : 0;
  const std::uint64_t infinity = ((std::uint64_t{1} << exponent) - 1) << fraction;
  if (std::isnan(value)) return infinity | (std::uint64_t{1} << (fraction - 1));
  if (std::isinf(value)) return sign | infinity;
  if (value == 0) return sign;
  const int smallest = 1 - bias;  // exponent of the smallest normal number, and of all subnormals
  const int power = std::max(std::ilogb(value), smallest);
  // Units in the last place; rounding up to the next power of two carries into the exponent, as it should.
  const auto units =
      static_cast<std::uint64_t>(std::nearbyint(std::ldexp(std::abs(value), fraction - power)));
  const auto scale = static_cast<std::uint64_t>(power - smallest);
  const std::uint64_t bits = (scale << fraction) + units;
  if (bits >= infinity) return std::nullopt;
  return sign | bits;
}

std::optional<std::uint64_t> real_bits(DataType type, std::string_view text) {
  if (type == DataType::float32) {
    const auto value = real<float>(text);
    if (!value) return std::nullopt;
    return std::bit_cast<std::uint32_t>(*value);
  }
  const auto value = real<double>(text);
  if (!value) return std::nullopt;
  if (type == DataType::float16) return narrow(*value, 5, 10);
  if (type == DataType::bfloat16) return narrow(*value, 8, 7);
  return std::bit_cast<std::uint64_t>(*value);
}

bool is_signed(DataType type) {
  return name_of(type).starts_with("int");
}

std::optional<std::uint64_t> integer_bits(DataType type, std::string_view text) {
  const int unused = 64 - bits_of(type);
  if (is_signed(type)) {
    const auto parsed = parse<std::int64_t>(text);
    const auto value = static_cast<std::uint64_t>(parsed.value);
    const bool fits = static_cast<std::int64_t>(value << unused) >> unused == parsed.value;
    if (parsed.status != std::errc{} || !fits) return std::nullopt;
    return value;
  }
  const auto parsed = parse<std::uint64_t>(text);
  if (parsed.status != std::errc{} || (parsed.value << unused) >> unused != parsed.value) return std::nullopt;
  return parsed.value;
}

std::string integer_text(DataType type, std::int64_t value) {
  if (type == DataType::boolean) return value != 0 ? "true" : "false";
  if (type == DataType::uint64) return std::to_string(static_cast<std::uint64_t>(value));
  return std::to_string(value);
}

std::string real_text(DataType type, double value) {
  return type == DataType::float64 ? literal(value) : literal(static_cast<float>(value));
}

bool has_literals(DataType type) {
  return is_integer(type) || (is_float(type) && bits_of(type) >= 16);
}

}  // namespace

std::string literal(float value) {
  return shortest(value);
}
std::string literal(double value) {
  return shortest(value);
}

std::optional<float> real_named(std::string_view text) {
  return real<float>(text);
}

std::optional<std::int64_t> integer_named(std::string_view text) {
  const auto parsed = parse<std::int64_t>(text);
  if (parsed.status != std::errc{}) return std::nullopt;
  return parsed.value;
}

std::optional<std::vector<std::string>> literals_of(const ConstantData& data, const TensorType& type,
                                                    std::size_t limit) {
  if (type.sequence) return std::nullopt;
  std::vector<std::string> texts;
  if (const auto whole = integers(data, type, limit)) {
    for (const std::int64_t value : *whole) texts.push_back(integer_text(type.dtype, value));
    return texts;
  }
  if (const auto broken = reals(data, type, limit)) {
    for (const double value : *broken) texts.push_back(real_text(type.dtype, value));
    return texts;
  }
  return std::nullopt;
}

bool has_literals(const TensorType& type) {
  return !type.sequence && type.shape && is_static(*type.shape) && has_literals(type.dtype);
}

bool ConstantWriter::add(std::string_view literal) {
  std::optional<std::uint64_t> bits;
  if (type_ == DataType::boolean) {
    if (literal == "true" || literal == "1") bits = 1;
    if (literal == "false" || literal == "0") bits = 0;
  } else if (is_integer(type_)) {
    bits = integer_bits(type_, literal);
  } else if (has_literals(type_)) {
    bits = real_bits(type_, literal);
  }
  if (bits) append(*bits);
  return bits.has_value();
}

void ConstantWriter::append(std::uint64_t bits) {
  const auto width = static_cast<std::size_t>(bits_of(type_));
  if (width >= 8) {
    for (std::size_t shift = 0; shift < width; shift += 8)
      bytes_.push_back(static_cast<std::byte>(bits >> shift));
  } else {  // packed, the first element in the low bits
    const std::size_t bit = count_ * width;
    if (bit % 8 == 0) bytes_.push_back(std::byte{0});
    const std::uint64_t low = bits & ((std::uint64_t{1} << width) - 1);
    bytes_.back() |= static_cast<std::byte>(low << (bit % 8));
  }
  ++count_;
}

ConstantData ConstantWriter::finish() && {
  return ConstantData::owning(std::move(bytes_));
}

}  // namespace foretime
