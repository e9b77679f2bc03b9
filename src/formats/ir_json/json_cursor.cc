#include "formats/ir_json/json_cursor.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "base/suggest.h"

namespace foretime {
namespace {

/// A key in a JSON pointer (RFC 6901).
std::string pointer_key(std::string_view key) {
  std::string text;
  for (const char c : key)
    text += c == '~' ? std::string("~0") : c == '/' ? std::string("~1") : std::string(1, c);
  return text;
}

bool is_hex(const Json& json) {
  return json.is_object() && json.size() == 1 && json.contains("hex");
}

std::optional<std::string> bytes_of_hex(const Json& digits) {
  if (!digits.is_string()) return std::nullopt;
  const auto& text = digits.get_ref<const std::string&>();
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    unsigned byte = 0;
    const auto end = std::from_chars(text.data() + i, text.data() + i + 2, byte, 16).ptr;
    if (end != text.data() + i + 2) return std::nullopt;
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

}  // namespace

std::int64_t JsonCursor::integer() const {
  constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
  if (json_->is_number_unsigned() && json_->get<std::uint64_t>() > kLargest)
    throw error("is too large", "an integer of 64 bits");
  if (!json_->is_number_integer()) throw error("is no integer", "an integer of 64 bits");
  return json_->get<std::int64_t>();
}

std::string JsonCursor::string() const {
  if (json_->is_string()) return json_->get<std::string>();
  if (!is_hex(*json_)) throw error("is no string", "text in quotes");
  const auto bytes = bytes_of_hex(json_->front());
  if (!bytes) throw error("has no bytes", "pairs of hexadecimal digits");
  return *bytes;
}

bool JsonCursor::boolean() const {
  if (!json_->is_boolean()) throw error("is no boolean", "true or false");
  return json_->get<bool>();
}

bool JsonCursor::is_string() const {
  return json_->is_string() || is_hex(*json_);
}

void JsonCursor::check_keys(std::vector<std::string> known) const {
  if (!json_->is_object()) throw error("is no object", "expected { … }");
  for (const auto& [key, value] : json_->get_ref<const Json::object_t&>()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    throw error("unknown key '" + key + "'", suggestion(key, known));
  }
}

Error JsonCursor::error(const std::string& what, const std::string& accepted) const {
  const std::string place = path();
  return Error(place.empty() ? *origin_ : *origin_ + ": " + place, what, accepted);
}

std::string JsonCursor::path() const {
  if (parent_ == nullptr) return {};
  const bool in_list = parent_->json().is_array();
  return parent_->path() + "/" + (in_list ? std::to_string(index_) : pointer_key(key_));
}

}  // namespace foretime
