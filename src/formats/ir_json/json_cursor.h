#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace foretime {

/// A value inside a document, and the way to it, which is spelt out only in errors: where = "net.json:
/// /nodes/3/op". REQUIRES: the cursors it came from outlive it.
class JsonCursor {
 public:
  JsonCursor(const Json& document, const std::string& origin) : json_(&document), origin_(&origin) {}

  const Json& json() const { return *json_; }

  // Calls `f(element)` for each element of a list, `f(key, value)` for each member of an object, or of a list
  // of pairs.
  template <typename F>
  void each_element(F f) const;
  template <typename F>
  void each_item(F f) const;

  /// Calls `f(value)` if the object has the key.
  template <typename F>
  void with(std::string_view key, F f) const;

  // Error: the value is something else.
  std::int64_t integer() const;
  std::string string() const;
  bool boolean() const;

  /// `string()` would not fail: text, or {"hex": "…"} for bytes that are not UTF-8.
  bool is_string() const;

  /// Error: a key is none of these, or the value is no object.
  void check_keys(std::vector<std::string> known) const;

  Error error(const std::string& what, const std::string& accepted = {}) const;
  /// Runs `f`, which knows no places; its errors get this one.
  template <typename F>
  auto at_place(F f) const {
    try {
      return f();
    } catch (const Error& problem) {
      throw error(problem.problem());
    }
  }

 private:
  JsonCursor(const JsonCursor& parent, const Json& json, std::string_view key, std::size_t index)
      : json_(&json), origin_(parent.origin_), parent_(&parent), key_(key), index_(index) {}

  std::string path() const;

  const Json* json_;
  const std::string* origin_;
  const JsonCursor* parent_ = nullptr;
  std::string_view key_;   // of an object's member
  std::size_t index_ = 0;  // of a list's element
};

template <typename F>
void JsonCursor::each_element(F f) const {
  if (!json_->is_array()) throw error("is no list", "expected [ … ]");
  for (std::size_t i = 0; i < json_->size(); ++i) f(JsonCursor(*this, (*json_)[i], {}, i));
}

template <typename F>
void JsonCursor::each_item(F f) const {
  if (json_->is_object()) {
    for (const auto& [key, value] : json_->get_ref<const Json::object_t&>())
      f(key, JsonCursor(*this, value, key, 0));
    return;
  }
  if (!json_->is_array()) throw error("is no object", "expected { … } or a list of [key, value]");
  each_element([&](const JsonCursor& pair) {
    if (!pair.json().is_array() || pair.json().size() != 2)
      throw pair.error("is no pair", "expected [key, value]");
    f(JsonCursor(pair, pair.json()[0], {}, 0).string(), JsonCursor(pair, pair.json()[1], {}, 1));
  });
}

template <typename F>
void JsonCursor::with(std::string_view key, F f) const {
  const auto found = json_->find(key);
  if (found != json_->end()) f(JsonCursor(*this, *found, key, 0));
}

}  // namespace foretime
