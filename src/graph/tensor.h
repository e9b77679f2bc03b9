#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/units.h"
#include "graph/data_type.h"
#include "graph/dim.h"

namespace foretime {

enum class NodeId : std::uint32_t {};
enum class TensorId : std::uint32_t {};
/// A graph input's, constant's or capture's producer.
constexpr NodeId kNoNode{UINT32_MAX};
/// An optional input or output that is left out.
constexpr TensorId kNoTensor{UINT32_MAX};

constexpr std::size_t index(NodeId id) {
  return static_cast<std::size_t>(id);
}
constexpr std::size_t index(TensorId id) {
  return static_cast<std::size_t>(id);
}

/// What is known of a value's type. A sequence holds tensors of this element type and shape.
struct TensorType {
  DataType dtype = DataType::undefined;
  std::optional<Shape> shape;  // absent: not even the rank is known
  bool sequence = false;

  bool operator==(const TensorType&) const = default;
};

/// "float32[1,3,224,224]", "float32[?]" when the rank is unknown, "seq(…)".
std::string to_string(const TensorType& type);

/// Bytes of one tensor, named sizes at their upper bound; absent when dtype or shape is unknown, or a size
/// unbounded.
std::optional<std::int64_t> bytes_of(const TensorType& type);

/// How the bytes of a constant are laid out.
enum class Encoding : std::uint8_t {
  raw,      // little-endian elements, packed below one byte
  varint,   // protobuf varints, one per element (bit patterns for float16 and narrower)
  strings,  // of strings: for each its length as a varint, then its bytes
  packed,   // the file holds values, in a form that is not unpacked here (TFLite's sparse weights and texts)
  omitted,  // the file states shape and type, but holds no values (`--weights none`)
  derived,  // computed from other constants; not evaluated
};

/// Values of a constant, located and not copied: a view into a mapped file, or into memory it shares.
struct ConstantData {
  Encoding encoding = Encoding::omitted;
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> keeper;  // what the view points into
  // Of a derived constant: the constants it was computed from, tensors of the same graph. The first
  // `value_sources` of them hold values; the others only say how to compute (a shape, a quantisation scale).
  std::vector<TensorId> sources;
  std::size_t value_sources = 0;
  Macs macs;  // of computing a derived constant from its sources, once

  /// Owned raw bytes.
  static ConstantData owning(std::vector<std::byte> content);
  static ConstantData of(std::span<const std::int64_t> values);
  static ConstantData of(std::span<const float> values);
};

/// How whole numbers stand for real ones: real = scale · (number − zero point). One scale for the tensor, or
/// one for each slice along `axis`. `zero_points` are as many as `scales`, or none: all 0.
struct Quantization {
  std::vector<float> scales;
  std::vector<std::int64_t> zero_points;
  std::int64_t axis = 0;

  bool operator==(const Quantization&) const = default;
};

/// The elements of a constant as integers (booleans are 0 and 1), or absent when the values are not there,
/// the type has no integers, there are more than `limit` elements, or fewer bytes than the type asks for.
std::optional<std::vector<std::int64_t>> integers(const ConstantData& data, const TensorType& type,
                                                  std::size_t limit);

/// The same for floating-point types of 16, 32 and 64 bits.
std::optional<std::vector<double>> reals(const ConstantData& data, const TensorType& type, std::size_t limit);

}  // namespace foretime
