#include "base/one_line.h"

namespace foretime {

std::string one_line(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t from = text.find_first_not_of(kBlank);
  if (from == std::string_view::npos) return "";
  text = text.substr(from, text.find_last_not_of(kBlank) - from + 1);
  std::string line;
  for (const char c : text) line += c == '\n' ? std::string(" | ") : std::string(1, c);
  return line;
}

}  // namespace foretime
