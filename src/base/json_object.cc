#include "base/json_object.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <utility>

#include "base/error.h"
#include "base/suggest.h"

namespace foretime {
namespace {

std::string in_short(double number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.15g", number);
  return text.data();
}

}  // namespace

std::string in_message(std::string_view text) {
  constexpr std::size_t kShown = 60;
  if (text.size() <= kShown) return std::string(text);
  std::size_t end = kShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80u)
    --end;  // not inside a character
  return std::string(text.substr(0, end)) + "…";
}

std::string shown(const Json& value) {
  constexpr std::size_t kShown = 40;
  if (value.is_structured()) return value.is_array() ? "an array" : "an object";
  const std::string text = value.dump();
  return text.size() <= kShown ? text : std::string("a ") + value.type_name();
}

JsonObject::JsonObject(const Json& json, std::string origin, std::string path)
    : json_(json), origin_(std::move(origin)), path_(std::move(path)) {
  if (!json.is_object()) fail("is " + shown(json), "an object");
}

const Json* JsonObject::find(const char* key) {
  if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) asked_.emplace_back(key);
  const auto found = json_.find(key);
  return found == json_.end() ? nullptr : &*found;
}

const Json& JsonObject::need(const char* key) {
  const Json* value = find(key);
  if (value == nullptr) fail_at(key, "is missing");
  return *value;
}

JsonObject JsonObject::object(const char* key) {
  return {need(key), origin_, path_ + "/" + key};
}

std::string JsonObject::text(const char* key) {
  const Json& value = need(key);
  if (!value.is_string() || value.get_ref<const std::string&>().empty()) {
    fail_at(key, "is " + shown(value), "a text that is not empty");
  }
  return value.get<std::string>();
}
std::string JsonObject::text_or_empty(const char* key) {
  return find(key) == nullptr ? std::string() : text(key);
}

double JsonObject::number(const char* key, Range range) {
  const Json& value = need(key);
  if (!value.is_number() || !(value.get<double>() >= range.low && value.get<double>() <= range.high)) {
    fail_at(key, "is " + shown(value),
            "a number from " + in_short(range.low) + " to " + in_short(range.high));
  }
  return value.get<double>();
}
std::optional<double> JsonObject::number_if_given(const char* key, Range range) {
  if (find(key) == nullptr) return std::nullopt;
  return number(key, range);
}

int JsonObject::integer(const char* key, int low, int high) {
  const Json& value = need(key);
  const bool fits = value.is_number_unsigned() && value.get<std::uint64_t>() <= static_cast<unsigned>(high) &&
                    value.get<std::uint64_t>() >= static_cast<unsigned>(low);
  if (!fits) {
    fail_at(key, "is " + shown(value),
            "a whole number from " + std::to_string(low) + " to " + std::to_string(high));
  }
  return value.get<int>();
}

void JsonObject::refuse_other_keys() const {
  for (const auto& [key, value] : json_.items()) {
    if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) {
      fail("has the unknown key '" + in_message(key) + "'", suggestion(key, asked_));
    }
  }
}

JsonObject JsonObject::child(const std::string& key, const Json& value) const {
  return {value, origin_, path_ + "/" + in_message(key)};
}

void JsonObject::fail(const std::string& what, const std::string& accepted) const {
  throw Error(origin_ + ": " + (path_.empty() ? "/" : path_), what, accepted);
}
void JsonObject::fail_at(const std::string& key, const std::string& what, const std::string& accepted) const {
  throw Error(origin_ + ": " + path_ + "/" + key, what, accepted);
}

}  // namespace foretime
