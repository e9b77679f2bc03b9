#include "formats/onnx/messages.h"

#include "formats/onnx/node_metadata.h"

namespace foretime::onnx {

std::pair<std::string_view, std::string_view> parse_entry(std::string_view bytes) {
  std::pair<std::string_view, std::string_view> out;
  auto entry = message_of<Entry>(bytes);
  while (entry.next()) {
    switch (entry.tag()) {
      case Entry::key:
        out.first = view(entry.get_view());
        break;
      case Entry::value:
        out.second = view(entry.get_view());
        break;
      default:
        entry.skip();
    }
  }
  return out;
}

std::pair<std::string, std::int64_t> parse_opset(std::string_view bytes) {
  std::string domain;
  std::int64_t version = 0;
  auto message = message_of<OperatorSet>(bytes);
  while (message.next()) {
    switch (message.tag()) {
      case OperatorSet::domain:
        domain = message.get_string();
        break;
      case OperatorSet::version:
        version = message.get_int64();
        break;
      default:
        message.skip();
    }
  }
  if (domain == "ai.onnx") domain.clear();
  return {std::move(domain), version};
}

NodeFields parse_node(std::string_view bytes) {
  NodeFields fields;
  auto message = message_of<NodeField>(bytes);
  while (message.next()) {
    switch (message.tag()) {
      case NodeField::input:
        fields.inputs.push_back(view(message.get_view()));
        break;
      case NodeField::output:
        fields.outputs.push_back(view(message.get_view()));
        break;
      case NodeField::name:
        fields.name = view(message.get_view());
        break;
      case NodeField::op_type:
        fields.op = view(message.get_view());
        break;
      case NodeField::attribute:
        fields.attributes.push_back(view(message.get_view()));
        break;
      case NodeField::domain:
        fields.domain = view(message.get_view());
        break;
      case NodeField::overload:
        fields.overload = view(message.get_view());
        break;
      case NodeField::metadata_props: {
        const auto [key, value] = parse_entry(view(message.get_view()));
        if (key == kNameScopes) fields.scopes = value;
        if (key == kModulePath) fields.module_path = value;
        if (key == kSourceOp) fields.source_op = value;
        break;
      }
      default:
        message.skip();
    }
  }
  if (fields.domain == "ai.onnx") fields.domain = {};
  return fields;
}

FunctionFields parse_function(std::string_view bytes) {
  FunctionFields function;
  auto message = message_of<FunctionField>(bytes);
  while (message.next()) {
    switch (message.tag()) {
      case FunctionField::name:
        function.name = view(message.get_view());
        break;
      case FunctionField::domain:
        function.domain = view(message.get_view());
        break;
      case FunctionField::overload:
        function.overload = view(message.get_view());
        break;
      case FunctionField::opset_import:
        function.opsets.push_back(parse_opset(view(message.get_view())));
        break;
      case FunctionField::input:
        function.inputs.push_back(view(message.get_view()));
        break;
      case FunctionField::output:
        function.outputs.push_back(view(message.get_view()));
        break;
      case FunctionField::node:
        function.nodes.push_back(view(message.get_view()));
        break;
      case FunctionField::attribute_proto: {
        const std::string_view attribute = view(message.get_view());
        auto fields = message_of<AttributeField>(attribute);
        while (fields.next(AttributeField::name))
          function.defaults.emplace(view(fields.get_view()), attribute);
        break;
      }
      default:
        message.skip();
    }
  }
  if (function.domain == "ai.onnx") function.domain = {};
  return function;
}

AttributeFields parse_attribute(std::string_view bytes) {
  AttributeFields fields;
  auto message = message_of<AttributeField>(bytes);
  while (message.next()) {
    const bool packed = message.wire_type() == protozero::pbf_wire_type::length_delimited;
    switch (message.tag()) {
      case AttributeField::type:
        fields.type = static_cast<AttributeType>(message.get_int32());
        break;
      case AttributeField::i:
        fields.integer = message.get_int64();
        break;
      case AttributeField::f:
        fields.number = message.get_float();
        break;
      case AttributeField::s:
        fields.text = view(message.get_view());
        break;
      case AttributeField::t:
        fields.tensor = view(message.get_view());
        break;
      case AttributeField::g:
        fields.graph = view(message.get_view());
        break;
      case AttributeField::strings:
        fields.texts.push_back(message.get_string());
        break;
      case AttributeField::ints:
        if (packed) {
          for (const std::int64_t value : message.get_packed_int64()) fields.integers.push_back(value);
        } else {
          fields.integers.push_back(message.get_int64());
        }
        break;
      case AttributeField::floats:
        if (packed) {
          for (const float value : message.get_packed_float()) fields.numbers.push_back(value);
        } else {
          fields.numbers.push_back(message.get_float());
        }
        break;
      default:
        message.skip();
    }
  }
  return fields;
}

std::string module_path_of(const NodeFields& fields) {
  if (fields.module_path) return std::string(*fields.module_path);
  return fields.scopes.empty() ? module_path_in_name(fields.name) : module_path_in_scopes(fields.scopes);
}

}  // namespace foretime::onnx
