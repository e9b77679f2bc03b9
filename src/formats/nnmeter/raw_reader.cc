#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/json.h"
#include "formats/nnmeter/raw_attribute.h"
#include "formats/nnmeter/raw_graph.h"

namespace foretime::nnmeter {
namespace {

/// Reads the beginning of a JSON text without parsing the rest of it.
class Beginning {
 public:
  explicit Beginning(std::string_view text) : text_(text) {}

  bool take(char sign) {
    text_.remove_prefix(std::min(text_.find_first_not_of(" \t\r\n"), text_.size()));
    if (text_.empty() || text_[0] != sign) return false;
    text_.remove_prefix(1);
    return true;
  }

  /// A string, escapes left as they are.
  std::optional<std::string_view> string() {
    if (!take('"')) return std::nullopt;
    for (std::size_t i = 0; i < text_.size(); i += text_[i] == '\\' ? 2 : 1) {
      if (text_[i] != '"') continue;
      const std::string_view found = text_.substr(0, i);
      text_.remove_prefix(i + 1);
      return found;
    }
    return std::nullopt;
  }

 private:
  std::string_view text_;
};

const Json* member(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

/// Reads one node; `error` and `note` name it.
class NodeReader {
 public:
  NodeReader(std::string name, const std::string& origin, Diagnostics& diagnostics)
      : origin_(origin), diagnostics_(diagnostics) {
    node_.name = std::move(name);
  }

  RawNode read(const Json& json) {
    if (!json.is_object()) throw error("is no node", R"({"attr": …, "inbounds": …, "outbounds": …})");
    const Json* attr = member(json, "attr");
    if (attr == nullptr || !attr->is_object())
      throw error("has no object 'attr'", "type and shapes of the node");
    read_type(*attr);
    read_attributes(*attr);
    read_shapes(*attr, "input_shape", node_.input_shapes);
    read_shapes(*attr, "output_shape", node_.output_shapes);
    read_inbounds(json);
    return std::move(node_);
  }

 private:
  void read_type(const Json& attr) {
    const Json* type = member(attr, "type");
    if (type != nullptr && !type->is_string()) throw error("has a 'type' that is no string");
    if (type != nullptr) node_.type = type->get<std::string>();
    if (!node_.type.empty()) return;
    node_.type = "Unknown";
    note("type-missing", "the file does not say what this node computes");
  }

  void read_attributes(const Json& attr) {
    const Json* held = member(attr, "attr");
    if (held == nullptr || held->is_null()) return;
    if (!held->is_object()) throw error("has an 'attr/attr' that is no object");
    std::vector<std::pair<std::string, Attribute>> items;
    for (const auto& [key, value] : held->get_ref<const Json::object_t&>()) {
      std::optional<Attribute> attribute = attribute_of(value);
      if (attribute) {
        items.emplace_back(key, std::move(*attribute));
      } else {
        note("attribute-dropped",
             "attribute '" + key + "' is neither number, string, nor a list of one of these");
      }
    }
    node_.attributes = Attributes(std::move(items));
  }

  void read_shapes(const Json& attr, const char* key, std::vector<RawShape>& shapes) {
    const Json* list = member(attr, key);
    if (list == nullptr || list->is_null()) return;
    if (!list->is_array()) throw error(std::string("has '") + key + "' that is no list", "a list of shapes");
    for (const Json& shape : *list) {
      if (!shape.is_array())
        throw error(std::string("has in '") + key + "' what is no shape", "a list of integers");
      RawShape& sizes = shapes.emplace_back();
      for (const Json& size : shape) sizes.push_back(size_of(size));
    }
  }

  std::int64_t size_of(const Json& json) {
    const std::optional<Attribute> size = attribute_of(json);
    if (size && std::holds_alternative<std::int64_t>(*size)) return std::get<std::int64_t>(*size);
    note("size-unknown", "a size is no integer; it is taken as not known");
    return -1;
  }

  void read_inbounds(const Json& json) {
    const Json* list = member(json, "inbounds");
    if (list == nullptr || list->is_null()) return;
    if (!list->is_array()) throw error("has 'inbounds' that is no list", "names of nodes");
    for (const Json& name : *list) {
      if (!name.is_string()) throw error("has in 'inbounds' what is no name", "names of nodes");
      node_.inbounds.push_back(name.get<std::string>());
    }
  }

  Error error(const std::string& what, const std::string& accepted = {}) const {
    return Error(origin_ + ": " + node_.name, what, accepted);
  }
  void note(const char* code, const std::string& message) {
    diagnostics_.push_back({Severity::warning, code, message, node_.name});
  }

  RawNode node_;
  const std::string& origin_;
  Diagnostics& diagnostics_;
};

}  // namespace

bool is_raw_graph(std::string_view text) {
  constexpr std::array<std::string_view, 3> kKeys = {"attr", "inbounds", "outbounds"};
  Beginning beginning(text);
  if (!beginning.take('{') || !beginning.string() || !beginning.take(':') || !beginning.take('{'))
    return false;
  const auto key = beginning.string();
  if (!key || std::find(kKeys.begin(), kKeys.end(), *key) == kKeys.end() || !beginning.take(':'))
    return false;
  return beginning.take(*key == "attr" ? '{' : '[');
}

RawGraph parse_raw_graph(std::string_view text, const std::string& origin, Diagnostics& diagnostics) {
  const Json document = parse_json(text, origin);
  if (!document.is_object())
    throw Error(origin, "is no nn-Meter graph", "an object with a member for each node");
  RawGraph graph;
  graph.nodes.reserve(document.size());
  for (const auto& [name, json] : document.get_ref<const Json::object_t&>()) {
    graph.nodes.push_back(NodeReader(name, origin, diagnostics).read(json));
  }
  if (graph.nodes.empty()) throw Error(origin, "holds no node");
  return graph;
}

}  // namespace foretime::nnmeter
