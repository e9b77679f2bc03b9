#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include "base/json.h"
#include "base/utf8.h"
#include "formats/ir_json/ir_json.h"
#include "graph/literals.h"

namespace foretime {
namespace {

constexpr std::size_t kMostElements = 64;  // of a constant whose values are written

/// JSON holds UTF-8 only; other bytes are written in hexadecimal digits.
Json string_json(std::string_view text) {
  if (is_utf8(text)) return Json(text);
  constexpr char kDigits[] = "0123456789abcdef";
  std::string digits;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    digits += {kDigits[byte / 16], kDigits[byte % 16]};
  }
  return Json{{"hex", digits}};
}

/// An object, or where it cannot be one (a key twice, or not UTF-8) a list of pairs.
Json items_json(const std::vector<std::pair<std::string, Json>>& items) {
  std::set<std::string_view> keys;
  const bool plain = std::all_of(items.begin(), items.end(), [&](const auto& item) {
    return is_utf8(item.first) && keys.insert(item.first).second;
  });
  Json out = plain ? Json::object() : Json::array();
  for (const auto& [key, value] : items) {
    if (plain) {
      // Below operator[], which looks through all keys first.
      static_cast<Json::object_t::Container&>(out.get_ref<Json::object_t&>()).emplace_back(key, value);
    } else {
      out.push_back(Json::array({string_json(key), value}));
    }
  }
  return out;
}

/// JSON has no number for infinities and NaN: their names are written.
Json number_json(const std::string& literal) {
  if (literal.find_first_of("in") != std::string::npos) return literal;
  return Json::parse(literal);
}

Json list_json(const std::vector<std::string>& literals) {
  Json out = Json::array();
  for (const std::string& literal : literals)
    out.push_back(literal == "true" || literal == "false" ? Json(literal == "true") : number_json(literal));
  return out;
}

Json size_json(const Dim& dim) {
  if (dim.is_number()) return dim.number();
  if (dim.lower() == 0 && dim.upper() == Dim::kUnbounded) return string_json(dim.name());
  Json out{{"name", string_json(dim.name())}, {"lower", dim.lower()}};
  if (dim.upper() != Dim::kUnbounded) out["upper"] = dim.upper();
  return out;
}

/// Adds what is known of the type.
void add_type(Json& out, const TensorType& type) {
  if (type.sequence) out["sequence"] = true;
  if (type.dtype != DataType::undefined) out["dtype"] = name_of(type.dtype);
  if (!type.shape) return;
  Json sizes = Json::array();
  for (const Dim& dim : *type.shape) sizes.push_back(size_json(dim));
  out["shape"] = std::move(sizes);
}

Json values_json(const ConstantData& data, const TensorType& type) {
  if (const auto literals = literals_of(data, type, kMostElements)) return list_json(*literals);
  return data.encoding == Encoding::derived ? Json("derived") : Json(nullptr);
}

// A kind is named where the value alone does not show it.

Json attribute_json(std::int64_t value) {
  return value;
}
Json attribute_json(const std::string& value) {
  return string_json(value);
}

Json attribute_json(float value) {
  Json number = number_json(literal(value));
  return number.is_string() ? Json{{"float", std::move(number)}} : number;
}

Json attribute_json(const std::vector<std::int64_t>& values) {
  return values;
}

Json attribute_json(const std::vector<float>& values) {
  Json out = Json::array();
  for (const float value : values) out.push_back(number_json(literal(value)));
  const bool plain =
      !values.empty() && std::none_of(out.begin(), out.end(), [](const Json& j) { return j.is_string(); });
  return plain ? out : Json{{"floats", std::move(out)}};
}

Json attribute_json(const std::vector<std::string>& values) {
  Json out = Json::array();
  for (const std::string& value : values) out.push_back(string_json(value));
  return values.empty() ? Json{{"strings", std::move(out)}} : out;
}

Json attribute_json(const TensorAttribute& value) {
  Json tensor = Json::object();
  add_type(tensor, value.type);
  tensor["values"] = values_json(value.data, value.type);
  return Json{{"tensor", std::move(tensor)}};
}

Json names_json(const Graph& graph, std::span<const TensorId> ids) {
  Json out = Json::array();
  for (const TensorId id : ids) out.push_back(id == kNoTensor ? Json(nullptr) : string_json(graph[id].name));
  return out;
}

Json graph_json(const Graph& graph, std::span<const TensorId> captures, const Graph* outer);

Json node_json(const Graph& graph, const Node& node) {
  Json out = Json::object();
  out["name"] = string_json(node.name);
  out["op"] = string_json(node.op);
  if (!node.domain.empty()) out["domain"] = string_json(node.domain);
  out["inputs"] = names_json(graph, node.inputs);
  out["outputs"] = names_json(graph, node.outputs);
  std::vector<std::pair<std::string, Json>> attributes;
  for (const auto& [name, value] : node.attributes) {
    attributes.emplace_back(name, std::visit([](const auto& held) { return attribute_json(held); }, value));
  }
  for (const Subgraph& subgraph : node.subgraphs) {
    attributes.emplace_back(subgraph.attribute,
                            Json{{"graph", graph_json(subgraph.body, subgraph.captures, &graph)}});
  }
  if (!attributes.empty()) out["attributes"] = items_json(attributes);
  if (!node.source_op.empty()) out["source_op"] = string_json(node.source_op);
  if (!node.module_path.empty()) out["module_path"] = string_json(node.module_path);
  return out;
}

Json captures_json(const Graph& graph, std::span<const TensorId> captures, const Graph* outer) {
  Json out = names_json(graph, graph.captures());
  for (std::size_t i = 0; i < std::min(out.size(), captures.size()); ++i) {
    const std::string& outside = (*outer)[captures[i]].name;
    if (outside != graph[graph.captures()[i]].name)
      out[i] = Json{{"name", out[i]}, {"outer", string_json(outside)}};
  }
  return out;
}

/// Tensors of which more is known than their name.
Json tensors_json(const Graph& graph) {
  Json out = Json::array();
  for (const Tensor& tensor : graph.tensors()) {
    if (!tensor.constant && tensor.type == TensorType{}) continue;
    Json item{{"name", string_json(tensor.name)}};
    add_type(item, tensor.type);
    if (tensor.constant) item["values"] = values_json(*tensor.constant, tensor.type);
    out.push_back(std::move(item));
  }
  return out;
}

void add_graph(Json& out, const Graph& graph, std::span<const TensorId> captures, const Graph* outer) {
  if (!graph.name().empty()) out["name"] = string_json(graph.name());
  std::vector<std::pair<std::string, Json>> items;
  for (const auto& [domain, version] : graph.opsets()) items.emplace_back(domain, version);
  if (!items.empty()) out["opsets"] = items_json(items);
  items.clear();
  for (const auto& [key, value] : graph.metadata()) items.emplace_back(key, string_json(value));
  if (!items.empty()) out["metadata"] = items_json(items);
  out["inputs"] = names_json(graph, graph.inputs());
  if (!graph.captures().empty()) out["captures"] = captures_json(graph, captures, outer);
  out["outputs"] = names_json(graph, graph.outputs());
  out["tensors"] = tensors_json(graph);
  Json nodes = Json::array();
  for (const Node& node : graph.nodes()) nodes.push_back(node_json(graph, node));
  out["nodes"] = std::move(nodes);
}

Json graph_json(const Graph& graph, std::span<const TensorId> captures, const Graph* outer) {
  Json out = Json::object();
  add_graph(out, graph, captures, outer);
  return out;
}

/// A line for each item of the long lists, so that people can read and compare the file.
std::string lines(const Json& list) {
  std::string text = "[";
  for (const Json& item : list) text += (text.size() > 1 ? ",\n    " : "\n    ") + item.dump();
  return text + (list.empty() ? "]" : "\n  ]");
}

}  // namespace

std::string to_ir_json(const Graph& graph) {
  Json document{{"foretime.graph", 1}};
  add_graph(document, graph, {}, nullptr);
  std::string text = "{";
  for (const auto& [key, value] : document.items()) {
    text += (text.size() > 1 ? ",\n  " : "\n  ") + Json(key).dump() + ": ";
    text += key == "tensors" || key == "nodes" ? lines(value) : value.dump();
  }
  return text + "\n}\n";
}

}  // namespace foretime
