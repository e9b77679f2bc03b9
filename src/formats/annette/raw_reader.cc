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

/// Makes the value from the events of a reader. What stands in containers that are not closed yet lies in one
/// stack, so that each container is made once, at its size.
class ValueBuilder : public nlohmann::json_sax<Json> {
 public:
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

  bool start_object(std::size_t) override { return open(); }
  bool start_array(std::size_t) override { return open(); }
  bool key(string_t& value) override {
    key_ = std::move(value);
    return true;
  }
  bool end_object() override {
    Value object{Members(std::move_iterator(inner()), std::move_iterator(items_.end()))};
    return close(std::move(object));
  }
  bool end_array() override {
    const auto is_integer = [](const Member& item) { return item.second.as<std::int64_t>() != nullptr; };
    return std::all_of(inner(), items_.end(), is_integer) ? close({integers()}) : close({values()});
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override {
    return false;
  }

  /// REQUIRES: a whole document was read.
  Value document() && { return std::move(items_.front().second); }

 private:
  bool add(Value value) {
    items_.push_back({std::move(key_), std::move(value)});
    return true;
  }

  bool open() {
    if (open_.size() == kDeepest) return false;
    open_.push_back(items_.size());
    return add({});
  }

  /// Instead of the place that `open` kept for it, under the key that it had there.
  bool close(Value container) {
    items_.resize(open_.back() + 1);
    items_.back().second = std::move(container);
    open_.pop_back();
    return true;
  }

  /// The first item in the innermost container.
  std::vector<Member>::iterator inner() {
    return items_.begin() + static_cast<std::ptrdiff_t>(open_.back()) + 1;
  }

  Integers integers() {
    Integers integers;
    integers.reserve(static_cast<std::size_t>(items_.end() - inner()));
    for (auto item = inner(); item != items_.end(); ++item)
      integers.push_back(*item->second.as<std::int64_t>());
    return integers;
  }

  Values values() {
    Values values;
    values.reserve(static_cast<std::size_t>(items_.end() - inner()));
    for (auto item = inner(); item != items_.end(); ++item) values.push_back(std::move(item->second));
    return values;
  }

  std::vector<Member> items_;      // behind each open container what it holds so far
  std::vector<std::size_t> open_;  // their places
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
  ValueBuilder builder;
  read_json(text, origin, builder);
  return Reader(origin).read(std::move(builder).document());
}

}  // namespace foretime::annette
