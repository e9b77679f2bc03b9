#include <charconv>
#include <utility>

#include "base/error.h"
#include "base/json.h"
#include "formats/mmdnn/model.h"

namespace foretime::mmdnn {
namespace {

using annette::Integers;
using annette::Value;
using annette::Values;

const Json* member(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

/// proto3's JSON writes 64-bit integers as texts.
std::optional<std::int64_t> integer(const Json& json) {
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (!json.is_string()) return std::nullopt;
  const auto& text = json.get_ref<const std::string&>();
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Bytes are in base 64 (RFC 4648).
std::string decoded(const std::string& text) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  std::uint32_t held = 0;
  int bits = 0;
  for (const char c : text) {
    const std::size_t digit = kDigits.find(c == '-' ? '+' : c == '_' ? '/' : c);
    if (digit == std::string_view::npos) break;
    held = (held << 6 | static_cast<std::uint32_t>(digit)) & 0xFFFFFFU;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(held >> bits & 0xFFU);
  }
  return bytes;
}

class JsonReader {
 public:
  explicit JsonReader(const std::string& origin) : origin_(origin) {}

  Model read(const Json& document) {
    const Json* nodes = member(document, "node");
    if (nodes == nullptr || !nodes->is_array()) throw Error(origin_, "is no MMdnn model", R"({"node": […]})");
    Model model;
    for (const Json& json : *nodes) model.nodes.push_back(node_from(json));
    return model;
  }

 private:
  Node node_from(const Json& json) {
    Node node;
    node.name = text(json, "name");
    where_ = origin_ + ": " + node.name;
    node.op = text(json, "op");
    if (const Json* inputs = member(json, "input"); inputs != nullptr && inputs->is_array()) {
      for (const Json& input : *inputs) {
        if (!input.is_string()) throw Error(where_, "has an input that is no name");
        node.inputs.push_back(input.get<std::string>());
      }
    }
    if (const Json* attributes = member(json, "attr"); attributes != nullptr && attributes->is_object()) {
      for (const auto& [key, value] : attributes->get_ref<const Json::object_t&>())
        node.attributes.emplace_back(key, attribute_from(value));
    }
    return node;
  }

  std::string text(const Json& json, const char* key) const {
    const Json* found = member(json, key);
    if (found == nullptr) return {};
    if (!found->is_string()) throw Error(where_.empty() ? origin_ : where_, std::string(key) + " is no text");
    return found->get<std::string>();
  }

  Value attribute_from(const Json& json) const {
    if (const Json* list = member(json, "list")) return list_from(*list);
    if (const Json* shape = member(json, "shape")) return shape_from(*shape);
    if (const Json* i = member(json, "i")) return {whole(*i)};
    if (const Json* f = member(json, "f"); f != nullptr && f->is_number()) return {f->get<double>()};
    if (const Json* b = member(json, "b"); b != nullptr && b->is_boolean()) return {b->get<bool>()};
    if (const Json* s = member(json, "s"); s != nullptr && s->is_string())
      return {decoded(s->get<std::string>())};
    return {};
  }

  Value list_from(const Json& json) const {
    if (const Json* i = member(json, "i"); i != nullptr && i->is_array()) {
      Integers integers;
      for (const Json& item : *i) integers.push_back(whole(item));
      return {std::move(integers)};
    }
    Values values;
    if (const Json* shapes = member(json, "shape"); shapes != nullptr && shapes->is_array()) {
      for (const Json& shape : *shapes) values.push_back(shape_from(shape));
    }
    if (const Json* f = member(json, "f"); f != nullptr && f->is_array()) {
      for (const Json& item : *f) values.push_back({item.is_number() ? item.get<double>() : 0});
    }
    if (values.empty()) return {Integers()};
    return {std::move(values)};
  }

  Value shape_from(const Json& json) const {
    Integers sizes;
    if (const Json* dims = member(json, "dim"); dims != nullptr && dims->is_array()) {
      for (const Json& dim : *dims) {
        const Json* size = member(dim, "size");
        sizes.push_back(size == nullptr ? 0 : whole(*size));
      }
    }
    return {std::move(sizes)};
  }

  std::int64_t whole(const Json& json) const {
    const auto number = integer(json);
    if (!number) throw Error(where_, "has an integer that is none", "\"12\" or 12");
    return *number;
  }

  const std::string& origin_;
  std::string where_;
};

}  // namespace

bool is_json(std::string_view text) {
  const auto take = [&](std::string_view wanted) {
    const std::size_t start = text.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos || !text.substr(start).starts_with(wanted)) return false;
    text.remove_prefix(start + wanted.size());
    return true;
  };
  return take("{") && take("\"node\"") && take(":") && take("[");
}

Model parse_json_form(std::string_view text, const std::string& origin) {
  return JsonReader(origin).read(parse_json(text, origin));
}

}  // namespace foretime::mmdnn
