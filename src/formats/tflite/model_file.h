#pragma once

// A TFLite file, verified: every offset in it leads to where it should. What it asks for is bounded by its
// size.

#include <tflite_schema.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/mapped_file.h"
#include "graph/data_type.h"

namespace foretime::tflite {

/// The root table. Error: an offset leads astray, or tables nest deeper or are more than any model's.
const schema::Model& verified_model(const MappedFile& file);

/// Element types; `undefined` for those that hold no elements (resource, variant) and unknown ones.
DataType data_type_of(schema::TensorType type);
/// Error: TFLite has no such type.
schema::TensorType tensor_type_of(DataType type);

/// The bytes of a buffer, inside the table or behind all tables; empty when it holds none. Error: they are
/// not all in the file.
std::span<const std::byte> bytes_of(const schema::Buffer& buffer, const MappedFile& file);

/// Elements of a vector, or none when it is left out.
template <typename T>
std::span<const T> elements(const flatbuffers::Vector<T>* vector) {
  if (vector == nullptr) return {};
  return {vector->data(), vector->size()};
}

inline std::string_view text(const flatbuffers::String* string) {
  return string == nullptr ? std::string_view() : std::string_view(string->c_str(), string->size());
}

}  // namespace foretime::tflite
