#pragma once

// ONNX messages written by hand, for tests: what no well-behaved writer would write.

#include <filesystem>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/mapped_file.h"
#include "formats/onnx/onnx_fields.h"
#include "formats/onnx/onnx_reader.h"
#include "graph/graph_text.h"

namespace foretime::onnx {

using Fields = std::initializer_list<std::pair<int, std::string>>;

/// A message of length-delimited fields.
inline std::string message(Fields fields) {
  std::string bytes;
  protozero::pbf_writer writer(bytes);
  for (const auto& [tag, content] : fields)
    writer.add_bytes(static_cast<protozero::pbf_tag_type>(tag), content);
  return bytes;
}

inline std::string varint_field(int tag, std::int64_t value) {
  std::string bytes;
  protozero::pbf_writer(bytes).add_int64(static_cast<protozero::pbf_tag_type>(tag), value);
  return bytes;
}

/// A NodeProto; `more` are further fields, ready made.
inline std::string node(std::string op, std::vector<std::string> inputs, std::vector<std::string> outputs,
                        const std::string& more = {}) {
  std::string bytes;
  for (const std::string& input : inputs) bytes += message({{1, input}});
  for (const std::string& output : outputs) bytes += message({{2, output}});
  return bytes + message({{4, std::move(op)}}) + more;
}

/// An AttributeProto of an integer, as a node's field.
inline std::string int_attribute(const std::string& name, std::int64_t value) {
  return message({{5, message({{1, name}}) + varint_field(3, value) + varint_field(20, 2)}});
}

/// One that refers to the calling node's.
inline std::string reference(const std::string& name, const std::string& to) {
  return message({{5, message({{1, name}, {21, to}}) + varint_field(20, 2)}});
}

inline std::string graph_attribute(const std::string& name, const std::string& graph) {
  return message({{5, message({{1, name}, {6, graph}}) + varint_field(20, 5)}});
}

/// A ValueInfoProto of a tensor of float32 with these sizes.
inline std::string value(const std::string& name, std::initializer_list<std::int64_t> sizes) {
  std::string shape;
  for (const std::int64_t size : sizes) shape += message({{1, varint_field(1, size)}});
  const std::string tensor = varint_field(1, 1) + message({{2, shape}});
  return message({{1, name}, {2, message({{1, tensor}})}});
}

/// A TensorProto without values, or with those of `more`.
inline std::string tensor(const std::string& name, std::int64_t dtype,
                          std::initializer_list<std::int64_t> sizes, const std::string& more = {}) {
  std::string bytes;
  for (const std::int64_t size : sizes) bytes += varint_field(1, size);
  return bytes + varint_field(2, dtype) + (name.empty() ? "" : message({{8, name}})) + more;
}

/// The field of a ModelProto that holds the graph.
inline std::string model_of(const std::string& graph, const std::string& more = {}) {
  return varint_field(1, 8) + message({{7, graph}}) + message({{8, varint_field(2, 20)}}) + more;
}

inline std::shared_ptr<const MappedFile> in_memory(const std::string& bytes, std::string name = "m.onnx") {
  const auto* begin = reinterpret_cast<const std::byte*>(bytes.data());
  return MappedFile::of(std::move(name), {begin, begin + bytes.size()});
}

/// The text form of what the reader makes of the bytes, or "error: …".
inline std::string read_text(const std::string& bytes, const std::string& name = "m.onnx") {
  try {
    Diagnostics diagnostics;
    return to_text(read_onnx(in_memory(bytes, name), diagnostics));
  } catch (const Error& error) {
    return std::string("error: ") + error.what();
  }
}

}  // namespace foretime::onnx
