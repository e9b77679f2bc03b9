#include "graph/tensor.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <utility>

namespace foretime {
namespace {

static_assert(std::endian::native == std::endian::little, "raw constants are little-endian views");

template <typename T>
T load(std::span<const std::byte> bytes, std::size_t i) {
  T value;
  std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
  return value;
}

/// Bit patterns of `count` elements, zero-extended; absent when the bytes do not hold that many.
std::optional<std::vector<std::uint64_t>> patterns(const ConstantData& data, int bits, std::size_t count) {
  std::vector<std::uint64_t> out;
  if (data.encoding == Encoding::varint) {
    out.reserve(count);
    std::size_t at = 0;
    while (out.size() < count) {
      std::uint64_t value = 0;
      for (int shift = 0;; shift += 7) {
        if (at >= data.bytes.size() || shift > 63) return std::nullopt;
        const auto byte = static_cast<std::uint64_t>(data.bytes[at++]);
        value |= (byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) break;
      }
      out.push_back(value);
    }
    return out;
  }
  if (data.encoding != Encoding::raw || data.bytes.size() * 8 < count * static_cast<std::size_t>(bits)) {
    return std::nullopt;
  }
  out.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    switch (bits) {
      case 64:
        out[i] = load<std::uint64_t>(data.bytes, i);
        break;
      case 32:
        out[i] = load<std::uint32_t>(data.bytes, i);
        break;
      case 16:
        out[i] = load<std::uint16_t>(data.bytes, i);
        break;
      case 8:
        out[i] = load<std::uint8_t>(data.bytes, i);
        break;
      default: {  // packed below one byte, first element in the low bits
        const std::size_t bit = i * static_cast<std::size_t>(bits);
        const auto byte = static_cast<std::uint64_t>(data.bytes[bit / 8]);
        out[i] = (byte >> (bit % 8)) & ((1u << bits) - 1u);
      }
    }
  }
  return out;
}

bool is_signed(DataType type) {
  return type == DataType::int8 || type == DataType::int16 || type == DataType::int32 ||
         type == DataType::int64 || type == DataType::int4 || type == DataType::int2;
}

double half_to_double(std::uint64_t half) {
  const int exponent = static_cast<int>((half >> 10) & 0x1f);
  const auto fraction = static_cast<double>(half & 0x3ff);
  double magnitude = 0;
  if (exponent == 0) {
    magnitude = std::ldexp(fraction, -24);
  } else if (exponent == 31) {
    magnitude = fraction == 0 ? HUGE_VAL : std::nan("");
  } else {
    magnitude = std::ldexp(fraction + 1024, exponent - 25);
  }
  return (half & 0x8000) != 0 ? -magnitude : magnitude;
}

std::optional<std::size_t> countable(const TensorType& type, std::size_t limit) {
  if (!type.shape || !is_static(*type.shape)) return std::nullopt;
  const std::int64_t elements = elements_of(*type.shape);
  if (elements < 0 || static_cast<std::uint64_t>(elements) > limit) return std::nullopt;
  return static_cast<std::size_t>(elements);
}

}  // namespace

std::string to_string(const TensorType& type) {
  std::string text(name_of(type.dtype));
  text += type.shape ? to_string(*type.shape) : "[?]";
  return type.sequence ? "seq(" + text + ")" : text;
}

std::optional<std::int64_t> bytes_of(const TensorType& type) {
  if (!type.shape || type.dtype == DataType::undefined) return std::nullopt;
  const std::int64_t elements = elements_of(*type.shape);
  if (elements == kSaturated) return std::nullopt;
  return bytes_of(type.dtype, elements);
}

ConstantData ConstantData::owning(std::vector<std::byte> content) {
  auto held = std::make_shared<const std::vector<std::byte>>(std::move(content));
  ConstantData data;
  data.encoding = Encoding::raw;
  data.bytes = {held->data(), held->size()};
  data.keeper = std::move(held);
  return data;
}

ConstantData ConstantData::of(std::span<const std::int64_t> values) {
  const auto raw = std::as_bytes(values);
  return owning({raw.begin(), raw.end()});
}

ConstantData ConstantData::of(std::span<const float> values) {
  const auto raw = std::as_bytes(values);
  return owning({raw.begin(), raw.end()});
}

std::optional<std::vector<std::int64_t>> integers(const ConstantData& data, const TensorType& type,
                                                  std::size_t limit) {
  const auto count = countable(type, limit);
  if (!count || !is_integer(type.dtype)) return std::nullopt;
  const int bits = bits_of(type.dtype);
  const auto raw = patterns(data, bits, *count);
  if (!raw) return std::nullopt;
  std::vector<std::int64_t> out(*count);
  for (std::size_t i = 0; i < *count; ++i) {
    const int unused = 64 - bits;
    const std::uint64_t high = (*raw)[i] << unused;
    out[i] = is_signed(type.dtype) ? static_cast<std::int64_t>(high) >> unused
                                   : static_cast<std::int64_t>(high >> unused);
  }
  return out;
}

std::optional<std::vector<double>> reals(const ConstantData& data, const TensorType& type,
                                         std::size_t limit) {
  const auto count = countable(type, limit);
  const int bits = bits_of(type.dtype);
  if (!count || !is_float(type.dtype) || bits < 16) return std::nullopt;
  const auto raw = patterns(data, bits, *count);
  if (!raw) return std::nullopt;
  std::vector<double> out(*count);
  for (std::size_t i = 0; i < *count; ++i) {
    const std::uint64_t bit_pattern = (*raw)[i];
    switch (type.dtype) {
      case DataType::float64:
        out[i] = std::bit_cast<double>(bit_pattern);
        break;
      case DataType::float16:
        out[i] = half_to_double(bit_pattern);
        break;
      case DataType::bfloat16:
        out[i] = std::bit_cast<float>(static_cast<std::uint32_t>(bit_pattern << 16));
        break;
      default:
        out[i] = std::bit_cast<float>(static_cast<std::uint32_t>(bit_pattern));
    }
  }
  return out;
}

}  // namespace foretime
