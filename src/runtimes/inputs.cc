#include "runtimes/inputs.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/checked.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/mapped_file.h"

namespace foretime {
namespace {

constexpr std::int64_t kMostBytes = std::int64_t{2} << 30;

/// Splitmix64: the next number of a sequence that depends on nothing but the seed.
std::uint64_t next(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15U);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

/// Uniform in [0, 1), with no more bits than float32 has.
float next_float(std::uint64_t& state) {
  return static_cast<float>(next(state) >> 40) * 0x1p-24F;
}

/// Rounded towards zero, for numbers in [0, 1); results below the smallest normal one become zero.
std::uint16_t to_half(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  const int exponent = static_cast<int>(bits >> 23) - 127 + 15;
  if (exponent <= 0) return 0;
  return static_cast<std::uint16_t>((static_cast<unsigned>(exponent) << 10) | ((bits & 0x7fffffU) >> 13));
}

template <typename T, typename Make>
void fill(std::vector<std::byte>& bytes, const Make& make) {
  for (std::size_t at = 0; at + sizeof(T) <= bytes.size(); at += sizeof(T)) {
    const T value = static_cast<T>(make());
    std::memcpy(bytes.data() + at, &value, sizeof value);
  }
}

void fill_random(TensorValue& value, std::uint64_t seed) {
  std::uint64_t state = hash_of(value.name, kHashSeed ^ (seed * 0x9e3779b97f4a7c15U));
  const auto unit = [&] { return next_float(state); };
  const auto bit = [&] { return next(state) & 1; };
  switch (value.dtype) {
    case DataType::float32:
      return fill<float>(value.bytes, unit);
    case DataType::float64:
      return fill<double>(value.bytes, unit);
    case DataType::float16:
      return fill<std::uint16_t>(value.bytes, [&] { return to_half(unit()); });
    case DataType::bfloat16:
      return fill<std::uint16_t>(value.bytes, [&] {
        const float number = unit();
        std::uint32_t bits = 0;
        std::memcpy(&bits, &number, sizeof bits);
        return bits >> 16;
      });
    case DataType::int8:
    case DataType::uint8:
      return fill<std::uint8_t>(value.bytes, [&] { return next(state); });
    case DataType::int16:
    case DataType::uint16:
      return fill<std::uint16_t>(value.bytes, bit);
    case DataType::int32:
    case DataType::uint32:
      return fill<std::uint32_t>(value.bytes, bit);
    case DataType::int64:
    case DataType::uint64:
      return fill<std::uint64_t>(value.bytes, bit);
    case DataType::boolean:
      return fill<std::uint8_t>(value.bytes, bit);
    default:
      return;  // zeros: rare types, whose bit patterns may be NaN
  }
}

constexpr std::string_view kNpy = "\x93NUMPY";

/// NumPy's code of the type: "<f4".
std::string numpy_code(DataType type) {
  switch (type) {
    case DataType::float16:
      return "<f2";
    case DataType::float32:
      return "<f4";
    case DataType::float64:
      return "<f8";
    case DataType::int8:
      return "|i1";
    case DataType::uint8:
      return "|u1";
    case DataType::boolean:
      return "|b1";
    case DataType::int16:
      return "<i2";
    case DataType::uint16:
      return "<u2";
    case DataType::int32:
      return "<i4";
    case DataType::uint32:
      return "<u4";
    case DataType::int64:
      return "<i8";
    case DataType::uint64:
      return "<u8";
    default:
      return "";
  }
}

/// The header of a .npy file that would hold the value, without blanks, from its first key on.
std::string npy_shape(const std::vector<std::int64_t>& sizes) {
  std::string text = "(";
  for (std::size_t i = 0; i < sizes.size(); ++i) text += (i == 0 ? "" : ",") + std::to_string(sizes[i]);
  return text + (sizes.size() == 1 ? ",)" : ")");
}

/// The values of a .npy file of format 1, 2 or 3, row by row. Error: another type, order or shape.
std::string_view npy_values(std::string_view file, const InputPlan& plan) {
  const auto byte = [&](std::size_t at) {
    return static_cast<std::size_t>(static_cast<unsigned char>(file[at]));
  };
  const auto fail = [&](const std::string& what) {
    throw Error(plan.path, what,
                "descr '" + numpy_code(plan.dtype) + "', shape " + npy_shape(plan.sizes) +
                    ", in C order, for input " + plan.name);
  };
  if (file.size() < 12) fail("the header is cut off");
  const std::size_t start = byte(6) == 1 ? 10 : 12;
  const std::size_t length =
      byte(6) == 1 ? byte(8) | byte(9) << 8 : byte(8) | byte(9) << 8 | byte(10) << 16 | byte(11) << 24;
  if (length > file.size() - start) fail("the header is cut off");
  std::string header(file.substr(start, length));
  std::erase(header, ' ');
  const auto holds = [&](const std::string& what) { return header.find(what) != std::string::npos; };
  if (!holds("'descr':'" + numpy_code(plan.dtype) + "'")) fail("holds another type");
  if (!holds("'shape':" + npy_shape(plan.sizes))) fail("holds another shape");
  if (!holds("'fortran_order':False")) fail("is in Fortran's order");
  return file.substr(start + length);
}

void fill_from_file(TensorValue& value, const InputPlan& plan) {
  const auto file = MappedFile::open(plan.path);
  const bool npy = file->text().starts_with(kNpy);
  const std::string_view bytes = npy ? npy_values(file->text(), plan) : file->text();
  if (bytes.size() != value.bytes.size()) {
    throw Error(plan.path, "holds " + std::to_string(bytes.size()) + " bytes",
                std::to_string(value.bytes.size()) + " for input " + plan.name);
  }
  std::memcpy(value.bytes.data(), bytes.data(), bytes.size());
}

/// Floating-point values as double; empty for other types.
std::vector<double> floats(const TensorValue& value) {
  std::vector<double> out;
  const auto read = [&]<typename T>(T) {
    for (std::size_t at = 0; at + sizeof(T) <= value.bytes.size(); at += sizeof(T)) {
      T number{};
      std::memcpy(&number, value.bytes.data() + at, sizeof number);
      out.push_back(static_cast<double>(number));
    }
  };
  if (value.dtype == DataType::float32) read(float{});
  if (value.dtype == DataType::float64) read(double{});
  if (value.dtype == DataType::float16) {
    for (std::size_t at = 0; at + 2 <= value.bytes.size(); at += 2) {
      std::uint16_t bits = 0;
      std::memcpy(&bits, value.bytes.data() + at, 2);
      const int exponent = (bits >> 10) & 31;
      const double fraction = (bits & 1023) / 1024.0;
      const double size = exponent == 31  ? (fraction == 0 ? INFINITY : NAN)
                          : exponent == 0 ? std::ldexp(fraction, -14)
                                          : std::ldexp(1 + fraction, exponent - 15);
      out.push_back((bits & 0x8000) != 0 ? -size : size);
    }
  }
  return out;
}

}  // namespace

TensorValue fill_input(const InputPlan& plan) {
  TensorValue value{plan.name, plan.dtype, plan.sizes, {}};
  std::int64_t elements = 1;
  for (const std::int64_t size : plan.sizes) elements = saturating_mul(elements, size);
  const std::int64_t bytes = bytes_of(plan.dtype, elements);
  if (bits_of(plan.dtype) == 0) throw Error("input " + plan.name, "is text, which is not made up", "numbers");
  if (bytes > kMostBytes) throw Error("input " + plan.name, "is larger than 2 GiB", "--dim or --shape");
  value.bytes.resize(static_cast<std::size_t>(bytes));
  if (plan.fill == Fill::random) fill_random(value, plan.seed);
  if (plan.fill == Fill::file) fill_from_file(value, plan);
  return value;
}

std::string not_finite(const std::vector<TensorValue>& outputs) {
  for (const TensorValue& output : outputs) {
    const std::vector<double> values = floats(output);
    if (!std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); }))
      return output.name;
  }
  return "";
}

double largest_difference(const std::vector<TensorValue>& outputs, const std::vector<TensorValue>& others) {
  double worst = 0;
  for (const TensorValue& output : outputs) {
    const auto found = std::find_if(others.begin(), others.end(),
                                    [&](const TensorValue& o) { return o.name == output.name; });
    const TensorValue* other = found != others.end() ? &*found : nullptr;
    if (other == nullptr && outputs.size() == 1 && others.size() == 1) other = &others.front();
    if (other == nullptr) throw Error("output " + output.name, "only one of the two runtimes gives it");
    if (output.dtype != other->dtype || output.bytes.size() != other->bytes.size()) {
      throw Error("output " + output.name, "has another type or size in the other runtime");
    }
    const std::vector<double> a = floats(output);
    const std::vector<double> b = floats(*other);
    if (a.empty() && output.bytes != other->bytes) return INFINITY;
    double scale = 0;
    double difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      scale = std::max(scale, std::abs(a[i]));
      difference = std::max(difference, std::abs(a[i] - b[i]));
      if (std::isnan(a[i]) != std::isnan(b[i])) return INFINITY;
    }
    if (difference > 0) worst = std::max(worst, scale > 0 ? difference / scale : INFINITY);
  }
  return worst;
}

}  // namespace foretime
