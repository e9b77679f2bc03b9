#include <map>
#include <type_traits>
#include <variant>

#include "base/error.h"
#include "base/json.h"
#include "base/utf8.h"
#include "formats/nnmeter/raw_graph.h"

namespace foretime::nnmeter {
namespace {

/// Python's json writes 32-bit floats as the doubles they are. It has no infinities that others could read.
Json json_of(const Attribute& attribute) {
  return std::visit(
      [](const auto& value) -> Json {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, TensorAttribute>) {
          return nullptr;
        } else {
          return value;
        }
      },
      attribute);
}

Json node_json(const RawNode& node, const std::vector<std::string>& outbounds) {
  std::map<std::string, Json> attributes;
  for (const auto& [name, value] : node.attributes) attributes[name] = json_of(value);
  Json held = Json::object();
  for (const auto& [name, value] : attributes) held[name] = value;
  Json attr = Json::object();
  attr["attr"] = std::move(held);
  attr["input_shape"] = node.input_shapes;
  attr["output_shape"] = node.output_shapes;
  attr["type"] = node.type;
  return {{"attr", std::move(attr)}, {"inbounds", node.inbounds}, {"outbounds", outbounds}};
}

}  // namespace

std::string to_json(const RawGraph& graph) {
  std::map<std::string, std::vector<std::string>> outbounds;
  for (const RawNode& node : graph.nodes) {
    for (const std::string& producer : node.inbounds) outbounds[producer].push_back(node.name);
  }
  std::map<std::string, const RawNode*> sorted;
  for (const RawNode& node : graph.nodes) {
    if (!is_utf8(node.name)) throw Error("node " + node.name, "has a name that JSON cannot hold", "UTF-8");
    sorted[node.name] = &node;
  }
  Json document = Json::object();
  auto& members = static_cast<Json::object_t::Container&>(document.get_ref<Json::object_t&>());
  for (const auto& [name, node] : sorted) members.emplace_back(name, node_json(*node, outbounds[name]));
  return document.dump(4, ' ', true, Json::error_handler_t::replace);
}

}  // namespace foretime::nnmeter
