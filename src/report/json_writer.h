#pragma once

// Writes JSON front to back into one string, without a document in memory: 2,000 layers take a millisecond.
// Members of the outermost object stand on lines of their own, and so do the elements of its arrays.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/units.h"

namespace foretime::report {

class JsonWriter {
 public:
  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }
  void key(std::string_view name);

  void value(std::nullptr_t);
  void value(bool flag);
  void value(std::string_view text);  // bytes that are not UTF-8 become U+FFFD
  void value(const char* text) { value(std::string_view(text)); }
  void value(const std::string& text) { value(std::string_view(text)); }
  void value(double number);  // not finite: null
  template <std::integral Number>
  void value(Number number) {
    whole(static_cast<std::int64_t>(number));
  }
  template <typename Tag, typename Number>
  void value(const Quantity<Tag, Number>& quantity) {
    value(quantity.value);
  }
  template <typename Value>
  void value(const std::optional<Value>& maybe) {
    if (maybe)
      value(*maybe);
    else
      value(nullptr);
  }
  /// A value that is JSON already.
  void raw(std::string_view json);

  template <typename Value>
  void field(std::string_view name, const Value& content) {
    key(name);
    value(content);
  }
  /// An array of what `write(element)` writes.
  template <typename Elements, typename Write>
  void array(std::string_view name, const Elements& elements, const Write& write) {
    key(name);
    begin_array();
    for (const auto& element : elements) write(element);
    end_array();
  }
  template <typename Elements>
  void array(std::string_view name, const Elements& elements) {
    array(name, elements, [this](const auto& element) { value(element); });
  }

  /// The document, with a line end.
  std::string take();

 private:
  void open(char bracket);
  void close(char bracket);
  void separate();
  void whole(std::int64_t number);
  void quote(std::string_view text);

  std::string text_;
  std::string open_;   // brackets of the containers that are open
  bool first_ = true;  // nothing stands in the innermost container yet
  bool after_key_ = false;
};

}  // namespace foretime::report
