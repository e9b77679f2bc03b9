// RapidJSON reads, several times faster than nlohmann's own reader; where it finds fault, nlohmann's reader
// goes over the text again, for its clearer messages.

#include "base/json.h"

#ifdef __SSE2__
#define RAPIDJSON_SSE2
#endif
#include <rapidjson/error/error.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/json_events.h"
#include "base/json_repeated.h"
#include "base/utf8.h"

namespace foretime {
namespace {

constexpr std::size_t kDeepest = 512;

/// Builds the document from the events of nlohmann's parser.
class DocumentBuilder : public nlohmann::json_sax<Json> {
 public:
  DocumentBuilder(Json& document, bool repeated_keys) : document_(document), repeated_keys_(repeated_keys) {}

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return fail("binary values are not JSON"); }

  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool key(string_t& value) override {
    key_ = std::move(value);
    return true;
  }
  bool end_object() override {
    const bool distinct = repeated_keys_ || keys_are_distinct();
    open_.pop_back();
    return distinct;
  }
  bool end_array() override {
    open_.pop_back();
    return true;
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::json::exception& error) override {
    position_ = position;
    return fail(reason(error.what()));
  }

  const std::string& problem() const { return problem_; }
  /// Bytes read before the text stopped being JSON, that one included; 0: it is JSON, but not accepted.
  std::size_t position() const { return position_; }

 private:
  bool fail(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

  Json& place(Json value) {
    if (open_.empty()) return document_ = std::move(value);
    Json& parent = *open_.back();
    if (parent.is_array()) return parent.get_ref<Json::array_t&>().emplace_back(std::move(value));
    auto& members = parent.get_ref<Json::object_t&>();
    // The vector below the ordered map: its own emplace looks for the key first.
    auto& items = static_cast<Json::object_t::Container&>(members);
    return items.emplace_back(std::move(key_), std::move(value)).second;
  }

  bool add(Json value) {
    place(std::move(value));
    return true;
  }

  bool open(Json container) {
    if (open_.size() == kDeepest) return fail("is nested more than 512 deep");
    open_.push_back(&place(std::move(container)));
    return true;
  }

  bool keys_are_distinct() {
    const auto& members = open_.back()->get_ref<const Json::object_t&>();
    std::vector<std::string_view> keys;
    keys.reserve(members.size());
    for (const auto& member : members) keys.emplace_back(member.first);
    std::sort(keys.begin(), keys.end());
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    return twice == keys.end() || fail("the key '" + std::string(*twice) + "' occurs twice in one object");
  }

  /// The last part of nlohmann's "[json.exception.…] parse error at line 1, column 2: syntax error …:
  /// reason", or "[json.exception.…] reason".
  static std::string reason(std::string text) {
    std::size_t start = text.find(": ");
    if (start == std::string::npos) start = text.find("] ");
    return start == std::string::npos ? text : text.substr(start + 2);
  }

  Json& document_;
  const bool repeated_keys_;  // are accepted
  std::vector<Json*> open_;   // containers not closed yet; a parent does not change while its child is open
  std::string key_;
  std::string problem_;
  std::size_t position_ = 0;
};

/// RapidJSON's events, handed on as nlohmann's.
class FastHandler {
 public:
  using Ch = char;
  explicit FastHandler(nlohmann::json_sax<Json>& events) : events_(events) {}

  bool Null() { return events_.null(); }
  bool Bool(bool value) { return events_.boolean(value); }
  /// RapidJSON finds where a number ends. Its own conversion goes wrong where the digits kept of a long
  /// number round up to 2^64.
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
    const char* end = text + size;
    if (std::find_if(text, end, [](char c) { return c == '.' || c == 'e' || c == 'E'; }) == end) {
      std::int64_t small = 0;
      std::uint64_t large = 0;
      if (*text == '-') {
        if (is_number(text, end, small)) return events_.number_integer(small);
      } else if (is_number(text, end, large)) {
        return events_.number_unsigned(large);
      }
    }
    double real = 0;
    return is_number(text, end, real) && events_.number_float(real, {});
  }
  // Never called, as numbers are asked for as texts.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    std::string value(text, size);
    return events_.string(value);
  }
  bool StartObject() { return ++depth_ <= kDeepest && events_.start_object(0); }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    std::string value(text, size);
    return events_.key(value);
  }
  bool EndObject(rapidjson::SizeType) {
    --depth_;
    return events_.end_object();
  }
  bool StartArray() { return ++depth_ <= kDeepest && events_.start_array(0); }
  bool EndArray(rapidjson::SizeType) {
    --depth_;
    return events_.end_array();
  }

 private:
  template <typename T>
  static bool is_number(const char* text, const char* end, T& number) {
    const auto [read, error] = std::from_chars(text, end, number);
    return error == std::errc{} && read == end;
  }

  nlohmann::json_sax<Json>& events_;
  std::size_t depth_ = 0;  // RapidJSON calls itself for each level
};

bool read_fast(std::string_view text, nlohmann::json_sax<Json>& events) {
  if (!is_utf8(text)) return false;
  FastHandler handler(events);
  // Strings are decoded where they stand, in a copy with a zero behind it; a zero inside ends the text early,
  // and then the length differs. RapidJSON reads whole vectors, also where the text ends inside one.
  constexpr std::size_t kVector = 16;
  std::string copy;
  copy.reserve(text.size() + kVector);
  copy = text;
  rapidjson::InsituStringStream stream(copy.data());
  rapidjson::Reader reader;
  constexpr unsigned kFlags = rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseInsituFlag;
  const bool whole = !reader.Parse<kFlags>(stream, handler).IsError();
  return whole && stream.Tell() == text.size();
}

std::string place_in(std::string_view text, std::size_t position) {
  const std::string_view before = text.substr(0, position == 0 ? 0 : position - 1);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t start = before.rfind('\n');
  const std::size_t column = before.size() - (start == std::string_view::npos ? 0 : start + 1) + 1;
  return std::to_string(line) + ":" + std::to_string(column);
}

Json parse_slowly(std::string_view text, bool repeated_keys, const std::string& origin) {
  Json document;
  DocumentBuilder builder(document, repeated_keys);
  if (Json::sax_parse(text.begin(), text.end(), &builder)) return document;
  if (builder.position() == 0) throw Error(origin, builder.problem());
  throw Error(origin + ":" + place_in(text, std::min(builder.position(), text.size() + 1)),
              builder.problem());
}

Json parse(std::string_view text, bool repeated_keys, const std::string& origin) {
  Json document;
  DocumentBuilder builder(document, repeated_keys);
  return read_fast(text, builder) ? document : parse_slowly(text, repeated_keys, origin);
}

}  // namespace

void read_json(std::string_view text, const std::string& origin, nlohmann::json_sax<Json>& events) {
  if (read_fast(text, events)) return;
  parse_slowly(text, true, origin);  // says what is wrong
  throw Error(origin, "holds what cannot be read");
}

Json parse_json(std::string_view text, const std::string& origin) {
  return parse(text, false, origin);
}

Json parse_json_with_repeated_keys(std::string_view text, const std::string& origin) {
  return parse(text, true, origin);
}

}  // namespace foretime
