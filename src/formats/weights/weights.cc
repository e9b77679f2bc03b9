#include "formats/weights/weights.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>

#include "base/error.h"

namespace foretime {
namespace {

// A scalar or a vector of that many elements tells more about what is computed than about what was learnt.
constexpr std::int64_t kSmall = 64;

bool is_learnt(Use use) {
  return use >= Use::bias;
}

/// Where values of a use lie, and what stands for them with Weights::zero.
struct Range {
  double low;
  double high;
  double zero = 0;
};

Range range_of(const Purpose& purpose) {
  switch (purpose.use) {
    case Use::weight: {
      // Variance 1 / fan_in (LeCun): the sum of fan_in products has the size of one activation.
      const double bound = std::sqrt(3.0 / static_cast<double>(std::max<std::int64_t>(purpose.fan_in, 1)));
      return {-bound, bound};
    }
    case Use::scale:
      return {0.9, 1.1};
    case Use::variance:
      return {0.5, 1.5, 1};
    case Use::factor:
      return {0.5, 1.5};
    case Use::divisor:
      return {0.5, 1.5, 1};
    case Use::mean:
      return {-0.1, 0.1};
    case Use::parameter:
      return {0.01, 0.03, 1};  // floats that decide and have no values: scales of quantisation
    default:
      return {-0.05, 0.05};
  }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every machine.
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  /// In [low, high).
  double between(double low, double high) {
    return std::fma(high - low, static_cast<double>(next() >> 11) * 0x1p-53,
                    low);  // fused, or not, everywhere alike
  }

 private:
  std::uint64_t state_;
};

/// FNV-1a.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

struct FloatFormat {
  int exponent_bits;
  int fraction_bits;
  int bias;
};

FloatFormat format_of(DataType type) {
  switch (type) {
    case DataType::float16:
      return {5, 10, 15};
    case DataType::bfloat16:
      return {8, 7, 127};
    case DataType::float8e4m3fn:
      return {4, 3, 7};
    case DataType::float8e4m3fnuz:
      return {4, 3, 8};
    case DataType::float8e5m2:
      return {5, 2, 15};
    case DataType::float8e5m2fnuz:
      return {5, 2, 16};
    case DataType::float4e2m1:
      return {2, 1, 1};
    default:
      return {8, 0, 127};  // float8e8m0, which has no sign and no zero
  }
}

/// `value` as the pattern of a narrow float, cut off towards zero. REQUIRES: |value| < 2.
std::uint64_t narrowed(double value, DataType type) {
  const FloatFormat format = format_of(type);
  int power = 0;
  const double fraction = std::frexp(std::abs(value), &power);  // in [0.5, 1)
  std::int64_t pattern = 0;
  if (value != 0 && power - 1 + format.bias > 0) {
    const auto exponent = static_cast<std::int64_t>(power - 1 + format.bias);
    pattern = (exponent << format.fraction_bits) +
              static_cast<std::int64_t>(std::ldexp(2 * fraction - 1, format.fraction_bits));
  } else {
    pattern = static_cast<std::int64_t>(std::ldexp(std::abs(value), format.bias - 1 + format.fraction_bits));
  }
  const bool has_sign = type != DataType::float8e8m0;
  const bool negative = value < 0 && pattern != 0;  // a negative zero would be NaN in the types called fnuz
  if (has_sign && negative) pattern |= std::int64_t{1} << (format.exponent_bits + format.fraction_bits);
  return static_cast<std::uint64_t>(pattern);
}

std::uint64_t pattern_of(double value, DataType type) {
  if (type == DataType::float64) return std::bit_cast<std::uint64_t>(value);
  if (type == DataType::float32 || type == DataType::complex64) {
    return std::bit_cast<std::uint32_t>(static_cast<float>(value));
  }
  if (type == DataType::complex128) return std::bit_cast<std::uint64_t>(value);
  return narrowed(value, type);
}

/// Integers: quantised weights fill their range (wider ones that of int8), biases are small, all else is 0,
/// which is a zero point, and an index that exists, also in a table of indices. So do constants of 8 bits that
/// meet activations.
std::uint64_t random_integer(Generator& generator, const Purpose& purpose, DataType type) {
  const std::uint64_t bits = generator.next();
  if (type == DataType::boolean) return purpose.use == Use::weight ? bits & 1 : 0;
  if (purpose.use == Use::bias) return (bits % 65) - (name_of(type)[0] == 'u' ? 0 : 32);
  const bool met = type == DataType::uint8 && purpose.use > Use::parameter;
  if (purpose.use != Use::weight && purpose.use != Use::table && !met) return 0;
  if (bits_of(type) <= 8) return bits;
  if (purpose.use == Use::table) return 0;
  return name_of(type)[0] == 'u' ? bits & 0xff : (bits & 0xff) - 128;
}

/// Collects elements of any width, and hands them on in pieces.
class Packer {
 public:
  Packer(int bits, const Sink& sink) : bits_(bits), sink_(sink) { buffer_.reserve(kPiece + 8); }

  void add(std::uint64_t pattern) {
    if (bits_ >= 8) {
      for (int shift = 0; shift < bits_; shift += 8) buffer_.push_back(static_cast<char>(pattern >> shift));
    } else {  // packed, the first element in the low bits
      pending_ |= (pattern & ((1u << bits_) - 1u)) << filled_;
      filled_ += bits_;
      if (filled_ == 8) flush_byte();
    }
    if (buffer_.size() >= kPiece) hand_on();
  }
  void finish() {
    if (filled_ > 0) flush_byte();
    hand_on();
  }

 private:
  static constexpr std::size_t kPiece = 64 * 1024;

  void flush_byte() {
    buffer_.push_back(static_cast<char>(pending_));
    pending_ = 0;
    filled_ = 0;
  }
  void hand_on() {
    sink_(buffer_);
    buffer_.clear();
  }

  int bits_;
  const Sink& sink_;
  std::string buffer_;
  std::uint64_t pending_ = 0;
  int filled_ = 0;
};

bool has_values(const TensorType& type, const ConstantData& data) {
  return data.encoding == Encoding::raw || data.encoding == Encoding::varint ||
         data.encoding == Encoding::strings || elements_of(*type.shape) == 0;
}

}  // namespace

Content content_of(std::string_view name, const TensorType& type, const ConstantData& data,
                   const Purpose& purpose, Weights weights) {
  const std::string where = "constant '" + std::string(name) + "'";
  if (type.dtype == DataType::undefined || type.sequence || !type.shape || !is_static(*type.shape)) {
    throw Error(where, "has the type " + to_string(type),
                "a constant is written with a data type and plain sizes");
  }
  const bool there = has_values(type, data);
  if (weights == Weights::original) {
    if (there) return Content::kept;
    if (data.encoding == Encoding::derived) {
      throw Error(where, "is computed from other constants, and its values are not known",
                  "the graph before folding, or --weights random, zero or none");
    }
    throw Error(where, "has no values to write",
                "--weights random or zero makes some, --weights none does without");
  }
  const bool decides =
      purpose.use == Use::parameter ||
      (!is_learnt(purpose.use) && (!is_float(type.dtype) || elements_of(*type.shape) <= kSmall));
  if (there && (decides || elements_of(*type.shape) == 0)) return Content::kept;
  return weights == Weights::none || type.dtype == DataType::string ? Content::absent : Content::made;
}

void make_values(std::string_view name, const TensorType& type, const Purpose& purpose, Weights weights,
                 std::uint64_t seed, const Sink& sink) {
  const bool complex = type.dtype == DataType::complex64 || type.dtype == DataType::complex128;
  const std::int64_t count = saturating_mul(elements_of(*type.shape), complex ? 2 : 1);
  const Range range = range_of(purpose);
  Generator generator(Generator(seed).next() ^ hash_of(name));
  Packer packer(bits_of(type.dtype) / (complex ? 2 : 1), sink);
  const std::uint64_t zero = is_integer(type.dtype) ? 0 : pattern_of(range.zero, type.dtype);
  for (std::int64_t i = 0; i < count; ++i) {
    if (weights == Weights::zero) {
      packer.add(zero);
    } else if (is_integer(type.dtype)) {
      packer.add(random_integer(generator, purpose, type.dtype));
    } else {
      packer.add(pattern_of(generator.between(range.low, range.high), type.dtype));
    }
  }
  packer.finish();
}

}  // namespace foretime
