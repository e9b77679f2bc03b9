#include "report/json_writer.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <utility>

#include "base/utf8.h"

namespace foretime::report {
namespace {

bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

}  // namespace

void JsonWriter::open(char bracket) {
  separate();
  text_ += bracket;
  open_ += bracket;
  first_ = true;
}

void JsonWriter::close(char bracket) {
  text_ += bracket;
  open_.pop_back();
  first_ = false;
}

void JsonWriter::separate() {
  if (std::exchange(after_key_, false) || open_.empty()) return;
  if (!first_) text_ += ',';
  // The very first member stays beside its bracket: documents begin with {"schema":"foretime.
  const bool line = (open_.size() == 1 && !first_) || (open_.size() == 2 && open_.back() == '[');
  if (line) text_.append(1, '\n').append(open_.size(), ' ');
  first_ = false;
}

void JsonWriter::key(std::string_view name) {
  separate();
  quote(name);
  text_ += ':';
  after_key_ = true;
}

void JsonWriter::value(std::nullptr_t) {
  separate();
  text_ += "null";
}

void JsonWriter::value(bool flag) {
  separate();
  text_ += flag ? "true" : "false";
}

void JsonWriter::value(std::string_view text) {
  separate();
  quote(text);
}

void JsonWriter::value(double number) {
  if (!std::isfinite(number)) return value(nullptr);
  separate();
  fmt::format_to(std::back_inserter(text_), "{}", number);
}

void JsonWriter::whole(std::int64_t number) {
  separate();
  const fmt::format_int digits(number);
  text_.append(digits.data(), digits.size());
}

void JsonWriter::raw(std::string_view json) {
  separate();
  text_ += json;
}

void JsonWriter::quote(std::string_view text) {
  text_ += '"';
  while (!text.empty()) {
    std::size_t run = 0;
    while (run < text.size() && is_plain(text[run])) ++run;
    text_ += text.substr(0, run);
    text.remove_prefix(run);
    if (text.empty()) break;
    const char c = text[0];
    const std::size_t length = utf8_character(text);
    if (c == '"' || c == '\\')
      text_.append(1, '\\').append(1, c);
    else if (c == '\n')
      text_ += "\\n";
    else if (c == '\t')
      text_ += "\\t";
    else if (length == 0)
      text_ += "\xEF\xBF\xBD";
    else if (length == 1)
      fmt::format_to(std::back_inserter(text_), "\\u{:04x}", c);
    else
      text_ += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  text_ += '"';
}

std::string JsonWriter::take() {
  text_ += '\n';
  return std::move(text_);
}

}  // namespace foretime::report
