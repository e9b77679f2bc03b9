#include "report/text_width.h"

#include <algorithm>

namespace foretime::report {
namespace {

bool starts_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

/// Bytes of the first `count` characters.
std::size_t prefix_bytes(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (starts_character(text[at]) && count-- == 0) break;
    ++at;
  }
  return at;
}

std::string blanks(std::string_view text, std::size_t width) {
  return std::string(width - std::min(width, text_width(text)), ' ');
}

}  // namespace

std::size_t text_width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_character));
}

std::string cut_middle(const std::string& text, std::size_t width) {
  const std::size_t length = text_width(text);
  if (length <= width) return text;
  if (width == 0) return {};
  const std::size_t head = (width - 1) / 2;
  const std::size_t tail = width - 1 - head;
  return text.substr(0, prefix_bytes(text, head)) + "…" + text.substr(prefix_bytes(text, length - tail));
}

std::string padded_left(std::string_view text, std::size_t width) {
  return blanks(text, width).append(text);
}

std::string padded_right(std::string_view text, std::size_t width) {
  return std::string(text) + blanks(text, width);
}

}  // namespace foretime::report
