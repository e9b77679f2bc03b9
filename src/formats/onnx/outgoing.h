#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "formats/onnx/onnx_fields.h"
#include "formats/onnx/onnx_writer.h"
#include "formats/weights/weights.h"
#include "graph/tensor.h"

namespace foretime::onnx {

template <typename Tag>
using Message = protozero::pbf_builder<Tag>;

template <typename Tag>
void add_entry(Message<Tag>& parent, Tag field, std::string_view key, std::string_view value) {
  std::string bytes;
  Message<Entry> entry(bytes);
  entry.add_string(Entry::key, key.data(), key.size());
  entry.add_string(Entry::value, value.data(), value.size());
  parent.add_message(field, bytes);
}

/// The key of a field whose value, of that length, is written after it.
void append_key(std::string& bytes, protozero::pbf_tag_type field, std::uint64_t length);

/// A constant on its way into a file.
struct Outgoing {
  std::string name;    // empty in an attribute
  std::string stream;  // what its random numbers are drawn for
  const TensorType* type = nullptr;
  const ConstantData* data = nullptr;
  Purpose purpose;
  Content content = Content::kept;
  std::string fields;      // of its TensorProto but the values, which are the next `size` bytes
  std::uint64_t size = 0;  // 0, too, when there are none, or when they are strings and stand in `fields`
  std::optional<std::uint64_t> offset;  // in the external file; then nothing follows `fields`

  bool keeps_strings() const { return content == Content::kept && data->encoding == Encoding::strings; }
  std::uint64_t message_size() const { return fields.size() + (offset ? 0 : size); }
};

/// `name`, `stream` and `purpose` as in Outgoing; `type` and `data` must live as long.
Outgoing outgoing(std::string name, std::string stream, const TensorType& type, const ConstantData& data,
                  const Purpose& purpose, const WriteOptions& options);

/// The field of a TensorProto that holds its values.
TensorField values_field(const Outgoing& constant);

/// Sets `fields`. `data_file` is where values with an offset are.
void make_fields(Outgoing& constant, std::string_view data_file);

void write_values(const Outgoing& constant, const WriteOptions& options, const Sink& sink);

/// The whole TensorProto.
std::string whole_tensor(const Outgoing& constant, const WriteOptions& options);

}  // namespace foretime::onnx
