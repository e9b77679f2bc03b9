#include <algorithm>
#include <limits>
#include <unordered_set>
#include <utility>

#include "base/error.h"
#include "base/json_repeated.h"
#include "formats/annette/raw_graph.h"

namespace foretime::annette {
namespace {

constexpr std::size_t kLooked = 1 << 16;  // bytes in which "layers" is looked for

Value value_of(const Json& json);

/// An integer of 64 bits; larger ones count as real numbers.
bool is_integer(const Json& json) {
  constexpr auto kLargest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return json.is_number_integer() && !(json.is_number_unsigned() && json.get<std::uint64_t>() > kLargest);
}

Value list_of(const Json& items) {
  Integers integers;
  integers.reserve(items.size());
  for (const Json& item : items) {
    if (!is_integer(item)) {
      Values values;
      for (const Json& each : items) values.push_back(value_of(each));
      return {std::move(values)};
    }
    integers.push_back(item.get<std::int64_t>());
  }
  return {std::move(integers)};
}

Value value_of(const Json& json) {
  if (json.is_array()) return list_of(json);
  if (json.is_object()) {
    Members members;
    for (const auto& [key, item] : json.items()) members.emplace_back(key, value_of(item));
    return {std::move(members)};
  }
  if (is_integer(json)) return {json.get<std::int64_t>()};
  if (json.is_number()) return {json.get<double>()};
  if (json.is_string()) return {json.get<std::string>()};
  if (json.is_boolean()) return {json.get<bool>()};
  return {};
}

class Reader {
 public:
  explicit Reader(const std::string& origin) : origin_(origin) {}

  RawGraph read(const Json& document) {
    if (!document.is_object()) throw Error(origin_, "is no ANNETTE graph", "an object");
    bool found = false;
    for (const auto& [key, json] : document.items()) {
      if (key == "layers") {
        if (std::exchange(found, true)) throw Error(origin_, "has 'layers' twice");
        read_layers(json);
      } else if (key == "name" && json.is_string()) {
        graph_.name = json.get<std::string>();
      } else {
        graph_.others.emplace_back(key, value_of(json));
      }
    }
    if (!found) throw Error(origin_, "is no ANNETTE graph", "an object with the key 'layers'");
    if (graph_.layers.empty()) throw Error(origin_, "holds no layer");
    return std::move(graph_);
  }

 private:
  void read_layers(const Json& json) {
    if (!json.is_object()) throw Error(origin_, "has 'layers' that are no object");
    graph_.layers.reserve(json.size());
    std::unordered_set<std::string_view> names;
    for (const auto& [name, layer] : json.items()) {
      if (name.empty()) throw Error(origin_, "has a layer without a name");
      if (!names.insert(name).second) throw Error(where(name), "there are two layers of this name");
      graph_.layers.push_back(layer_from(name, layer));
    }
  }

  RawLayer layer_from(const std::string& name, const Json& members) const {
    if (!members.is_object()) throw Error(where(name), "is no layer", R"({"type": …})");
    RawLayer layer;
    layer.name = name;
    layer.attributes.reserve(members.size());
    for (const auto& [key, item] : members.items()) {
      if (key == "type") {
        if (!item.is_string()) throw Error(where(name), "has a 'type' that is no text");
        layer.type = item.get<std::string>();
      } else if (key == "parents") {
        layer.parents = names_from(name, key, item);
      } else if (key == "children") {
        layer.children = names_from(name, key, item);
      } else {
        layer.attributes.emplace_back(key, value_of(item));
      }
    }
    if (layer.type.empty()) throw Error(where(name), "has no 'type'", "the operator's name");
    return layer;
  }

  std::vector<std::string> names_from(const std::string& layer, const std::string& key,
                                      const Json& items) const {
    if (!items.is_array()) throw Error(where(layer), "has '" + key + "' that are no list", "names of layers");
    std::vector<std::string> names;
    names.reserve(items.size());
    for (const Json& item : items) {
      if (!item.is_string())
        throw Error(where(layer), "has in '" + key + "' what is no name", "names of layers");
      names.push_back(item.get<std::string>());
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
  return Reader(origin).read(parse_json_with_repeated_keys(text, origin));
}

}  // namespace foretime::annette
