#include <simdjson.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/error.h"
#include "base/json.h"
#include "formats/annette/raw_graph.h"

namespace foretime::annette {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

constexpr std::size_t kLooked = 1 << 16;  // bytes in which "layers" is looked for

Value value_of(const element& json);

Value list_of(const array& items) {
  Integers integers;
  integers.reserve(items.size());
  for (const element item : items) {
    if (item.type() != element_type::INT64) {
      Values values;
      for (const element each : items) values.push_back(value_of(each));
      return {std::move(values)};
    }
    integers.push_back(item.get_int64().value_unsafe());
  }
  return {std::move(integers)};
}

Value value_of(const element& json) {
  switch (json.type()) {
    case element_type::ARRAY:
      return list_of(array(json.get_array().value_unsafe()));
    case element_type::OBJECT: {
      Members members;
      const object held = json.get_object().value_unsafe();
      for (const auto& [key, item] : held) members.emplace_back(std::string(key), value_of(item));
      return {std::move(members)};
    }
    case element_type::INT64:
      return {json.get_int64().value_unsafe()};
    case element_type::UINT64:
      return {static_cast<double>(json.get_uint64().value_unsafe())};
    case element_type::DOUBLE:
      return {json.get_double().value_unsafe()};
    case element_type::STRING:
      return {std::string(json.get_string().value_unsafe())};
    case element_type::BOOL:
      return {json.get_bool().value_unsafe()};
    case element_type::NULL_VALUE:
      break;
  }
  return {};
}

class Reader {
 public:
  explicit Reader(const std::string& origin) : origin_(origin) {}

  RawGraph read(const element& document) {
    object top;
    if (document.get(top) != simdjson::SUCCESS) throw Error(origin_, "is no ANNETTE graph", "an object");
    bool found = false;
    for (const auto& [key, json] : top) {
      if (key == "layers") {
        if (std::exchange(found, true)) throw Error(origin_, "has 'layers' twice");
        read_layers(json);
      } else if (key == "name" && json.is_string()) {
        graph_.name = json.get_string().value_unsafe();
      } else {
        graph_.others.emplace_back(std::string(key), value_of(json));
      }
    }
    if (!found) throw Error(origin_, "is no ANNETTE graph", "an object with the key 'layers'");
    if (graph_.layers.empty()) throw Error(origin_, "holds no layer");
    return std::move(graph_);
  }

 private:
  void read_layers(const element& json) {
    object layers;
    if (json.get(layers) != simdjson::SUCCESS) throw Error(origin_, "has 'layers' that are no object");
    graph_.layers.reserve(layers.size());
    std::unordered_set<std::string_view> names;
    for (const auto& [name, layer] : layers) {
      if (name.empty()) throw Error(origin_, "has a layer without a name");
      if (!names.insert(name).second) throw Error(where(name), "there are two layers of this name");
      graph_.layers.push_back(layer_from(name, layer));
    }
  }

  RawLayer layer_from(std::string_view name, const element& json) const {
    object members;
    if (json.get(members) != simdjson::SUCCESS) throw Error(where(name), "is no layer", R"({"type": …})");
    RawLayer layer;
    layer.name = name;
    layer.attributes.reserve(members.size());
    bool typed = false;
    for (const auto& [key, item] : members) {
      if (key == "type") {
        if (!item.is_string()) throw Error(where(name), "has a 'type' that is no text");
        layer.type = item.get_string().value_unsafe();
        typed = true;
      } else if (key == "parents") {
        layer.parents = names_from(name, key, item);
      } else if (key == "children") {
        layer.children = names_from(name, key, item);
      } else {
        layer.attributes.emplace_back(std::string(key), value_of(item));
      }
    }
    if (!typed || layer.type.empty()) throw Error(where(name), "has no 'type'", "the operator's name");
    return layer;
  }

  std::vector<std::string> names_from(std::string_view layer, std::string_view key,
                                      const element& json) const {
    array items;
    if (json.get(items) != simdjson::SUCCESS)
      throw Error(where(layer), "has '" + std::string(key) + "' that are no list", "names of layers");
    std::vector<std::string> names;
    names.reserve(items.size());
    for (const element item : items) {
      if (!item.is_string())
        throw Error(where(layer), "has in '" + std::string(key) + "' what is no name", "names of layers");
      names.emplace_back(item.get_string().value_unsafe());
    }
    return names;
  }

  std::string where(std::string_view layer) const { return origin_ + ": " + std::string(layer); }

  const std::string& origin_;
  RawGraph graph_;
};

}  // namespace

const Value* RawLayer::find(std::string_view attribute) const {
  const auto found = std::find_if(attributes.rbegin(), attributes.rend(),
                                  [&](const auto& member) { return member.first == attribute; });
  return found == attributes.rend() ? nullptr : &found->second;
}

std::string_view layer_of(std::string_view parent) {
  return parent.substr(0, parent.find(':'));
}

const Integers* sizes(const RawLayer& layer, std::string_view attribute) {
  const Value* value = layer.find(attribute);
  return value == nullptr ? nullptr : value->as<Integers>();
}

bool is_raw_graph(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos || text[start] != '{') return false;
  const std::string_view looked = text.substr(start, kLooked);
  constexpr std::string_view kKey = "\"layers\"";
  const std::size_t key = looked.find(kKey);
  if (key == std::string_view::npos) return false;
  const std::size_t colon = looked.find_first_not_of(" \t\r\n", key + kKey.size());
  if (colon == std::string_view::npos || looked[colon] != ':') return false;
  const std::size_t value = looked.find_first_not_of(" \t\r\n", colon + 1);
  return value != std::string_view::npos && looked[value] == '{';
}

RawGraph parse_raw_graph(std::string_view text, const std::string& origin) {
  simdjson::dom::parser parser;
  element document;
  const simdjson::error_code code = parser.parse(text.data(), text.size()).get(document);
  if (code != simdjson::SUCCESS) {
    parse_json(text, origin);  // knows the line
    throw Error(origin, simdjson::error_message(code));
  }
  return Reader(origin).read(document);
}

}  // namespace foretime::annette
