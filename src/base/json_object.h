#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace foretime {

/// A text of a hostile file as it may stand in a message: cut after 60 bytes.
std::string in_message(std::string_view text);
/// How a value reads in a message: short ones as they are, others by their type.
std::string shown(const Json& value);

/// One object of a JSON file, which remembers where it stands and which of its keys were asked for, so that
/// whatever nobody asked for is an error: a slip of the hand never turns into a silent default. All errors
/// have where = "origin: /path/to/key". REQUIRES: the JSON outlives it.
class JsonObject {
 public:
  /// The allowed range of a number, ends included.
  struct Range {
    double low;
    double high;
  };

  /// Error: it is no object.
  JsonObject(const Json& json, std::string origin, std::string path = {});

  /// The value of an optional key, or null.
  const Json* find(const char* key);
  // Error, for each of these: the key is missing, or has another type or a value out of range.
  const Json& need(const char* key);
  JsonObject object(const char* key);
  /// A text that is not empty.
  std::string text(const char* key);
  std::string text_or_empty(const char* key);
  double number(const char* key, Range range);
  std::optional<double> number_if_given(const char* key, Range range);
  int integer(const char* key, int low, int high);

  /// REQUIRES: every key of this object that means something has been asked for.
  void refuse_other_keys() const;
  /// A child object of any name, of which its path is the one to blame.
  JsonObject child(const std::string& key, const Json& value) const;
  const Json& json() const { return json_; }

  [[noreturn]] void fail(const std::string& what, const std::string& accepted = {}) const;
  [[noreturn]] void fail_at(const std::string& key, const std::string& what,
                            const std::string& accepted = {}) const;

 private:
  const Json& json_;
  std::string origin_;
  std::string path_;  // as in RFC 6901, without its escapes
  std::vector<std::string> asked_;
};

}  // namespace foretime
