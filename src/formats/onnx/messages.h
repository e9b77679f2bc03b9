#pragma once

// The messages of an ONNX file taken apart into their fields, as views into the file. Nothing is interpreted
// here.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/onnx/onnx_fields.h"

namespace foretime::onnx {

/// A StringStringEntryProto: key and value.
std::pair<std::string_view, std::string_view> parse_entry(std::string_view bytes);

/// An OperatorSetIdProto: domain ("" for ONNX's own) and version.
std::pair<std::string, std::int64_t> parse_opset(std::string_view bytes);

/// The fields of a NodeProto as they stand in the file.
struct NodeFields {
  std::string_view name, op, domain, overload, scopes, source_op;
  std::optional<std::string_view> module_path;
  std::vector<std::string_view> inputs, outputs, attributes;
};

NodeFields parse_node(std::string_view bytes);

/// The module a node comes from, by its metadata or its name; empty when neither says so.
std::string module_path_of(const NodeFields& fields);

/// The fields of a FunctionProto.
struct FunctionFields {
  std::string_view name, domain, overload;
  std::vector<std::string_view> inputs, outputs, nodes;
  std::map<std::string_view, std::string_view> defaults;  // attribute name to its AttributeProto
  std::vector<std::pair<std::string, std::int64_t>> opsets;
};

FunctionFields parse_function(std::string_view bytes);

/// The fields of an AttributeProto; `type` says which one counts.
struct AttributeFields {
  AttributeType type = AttributeType::undefined;
  std::int64_t integer = 0;
  float number = 0;
  std::string_view text, tensor, graph;
  std::vector<std::int64_t> integers;
  std::vector<float> numbers;
  std::vector<std::string> texts;
};

AttributeFields parse_attribute(std::string_view bytes);

}  // namespace foretime::onnx
