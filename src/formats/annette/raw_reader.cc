#include <algorithm>
#include <limits>
#include <unordered_set>
#include <utility>

#include "base/error.h"
#include "base/json_events.h"
#include "formats/annette/raw_graph.h"

namespace foretime::annette {
namespace {

constexpr std::size_t kDeepest = 512;
constexpr std::size_t kLooked = 1 << 16;  // bytes in which "layers" is looked for

/// Makes the value from the events of a reader.
class ValueBuilder : public nlohmann::json_sax<Json> {
 public:
  explicit ValueBuilder(Value& document) : document_(document) {}

  bool null() override { return add({}); }
  bool boolean(bool value) override { return add({value}); }
  bool number_integer(number_integer_t value) override { return add({value}); }
  /// What has more than 63 bits counts as a real number.
  bool number_unsigned(number_unsigned_t value) override {
    const bool fits = value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    return fits ? add({static_cast<std::int64_t>(value)}) : add({static_cast<double>(value)});
  }
  bool number_float(number_float_t value, const string_t&) override { return add({value}); }
  bool string(string_t& value) override { return add({std::move(value)}); }
  bool binary(binary_t&) override { return false; }

  bool start_object(std::size_t) override { return open({Members()}); }
  bool start_array(std::size_t) override { return open({Integers()}); }
  bool key(string_t& value) override {
    key_ = std::move(value);
    return true;
  }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override {
    return false;
  }

 private:
  bool add(Value value) {
    if (Integers* integers = list(); integers != nullptr) {
      if (const auto* integer = value.as<std::int64_t>()) {
        integers->push_back(*integer);
        return true;
      }
    }
    place(std::move(value));
    return true;
  }

  bool open(Value container) {
    if (open_.size() == kDeepest) return false;
    open_.push_back(&place(std::move(container)));
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  /// The innermost container, if it is a list of integers so far.
  Integers* list() { return open_.empty() ? nullptr : std::get_if<Integers>(&open_.back()->held); }

  /// Into the innermost container; a list of integers becomes one of values.
  Value& place(Value value) {
    if (open_.empty()) return document_ = std::move(value);
    Value& parent = *open_.back();
    if (auto* members = std::get_if<Members>(&parent.held)) {
      members->push_back({std::move(key_), std::move(value)});
      return members->back().second;
    }
    if (const Integers* integers = list(); integers != nullptr) {
      Values values;
      for (const std::int64_t integer : *integers) values.push_back({integer});
      parent.held = std::move(values);
    }
    return std::get<Values>(parent.held).emplace_back(std::move(value));
  }

  Value& document_;
  std::vector<Value*> open_;  // containers not closed yet; a parent does not change while its child is open
  std::string key_;
};

class Reader {
 public:
  explicit Reader(const std::string& origin) : origin_(origin) {}

  RawGraph read(Value document) {
    auto* top = std::get_if<Members>(&document.held);
    if (top == nullptr) throw Error(origin_, "is no ANNETTE graph", "an object");
    bool found = false;
    for (auto& [key, value] : *top) {
      if (key == "layers") {
        if (std::exchange(found, true)) throw Error(origin_, "has 'layers' twice");
        read_layers(value);
      } else if (auto* name = std::get_if<std::string>(&value.held); key == "name" && name != nullptr) {
        graph_.name = std::move(*name);
      } else {
        graph_.others.push_back({std::move(key), std::move(value)});
      }
    }
    if (!found) throw Error(origin_, "is no ANNETTE graph", "an object with the key 'layers'");
    if (graph_.layers.empty()) throw Error(origin_, "holds no layer");
    return std::move(graph_);
  }

 private:
  void read_layers(Value& value) {
    auto* layers = std::get_if<Members>(&value.held);
    if (layers == nullptr) throw Error(origin_, "has 'layers' that are no object");
    graph_.layers.reserve(layers->size());
    std::unordered_set<std::string_view> names;
    for (auto& [name, layer] : *layers) {
      if (name.empty()) throw Error(origin_, "has a layer without a name");
      if (!names.insert(name).second) throw Error(where(name), "there are two layers of this name");
      graph_.layers.push_back(layer_from(name, layer));
    }
  }

  RawLayer layer_from(const std::string& name, Value& value) const {
    auto* members = std::get_if<Members>(&value.held);
    if (members == nullptr) throw Error(where(name), "is no layer", R"({"type": …})");
    RawLayer layer;
    layer.name = name;
    layer.attributes.reserve(members->size());
    for (auto& [key, item] : *members) {
      if (key == "type") {
        auto* type = std::get_if<std::string>(&item.held);
        if (type == nullptr) throw Error(where(name), "has a 'type' that is no text");
        layer.type = std::move(*type);
      } else if (key == "parents") {
        layer.parents = names_from(name, key, item);
      } else if (key == "children") {
        layer.children = names_from(name, key, item);
      } else {
        layer.attributes.push_back({std::move(key), std::move(item)});
      }
    }
    if (layer.type.empty()) throw Error(where(name), "has no 'type'", "the operator's name");
    return layer;
  }

  std::vector<std::string> names_from(const std::string& layer, const std::string& key, Value& items) const {
    std::vector<std::string> names;
    if (const auto* none = items.as<Integers>(); none != nullptr && none->empty()) return names;
    auto* values = std::get_if<Values>(&items.held);
    if (values == nullptr && items.as<Integers>() == nullptr)
      throw Error(where(layer), "has '" + key + "' that are no list", "names of layers");
    const auto no_name = [&] {
      return Error(where(layer), "has in '" + key + "' what is no name", "names of layers");
    };
    if (values == nullptr) throw no_name();
    names.reserve(values->size());
    for (Value& value : *values) {
      auto* text = std::get_if<std::string>(&value.held);
      if (text == nullptr) throw no_name();
      names.push_back(std::move(*text));
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
  Value document;
  ValueBuilder builder(document);
  read_json(text, origin, builder);
  return Reader(origin).read(std::move(document));
}

}  // namespace foretime::annette
