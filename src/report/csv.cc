#include <fmt/format.h>

#include "report/numbers.h"
#include "report/printers.h"

namespace foretime::report {
namespace {

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"') result += '"';
    result += c;
  }
  return result + '"';
}

std::string field(const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return quoted(*text);
  if (const auto* whole = std::get_if<std::int64_t>(&cell)) return fmt::format("{}", *whole);
  if (const auto* real = std::get_if<double>(&cell)) return shortest(*real);
  return {};
}

}  // namespace

std::string print_csv(const Document& document) {
  constexpr const char* kLineEnd = "\r\n";
  const Table& table = flat_table(document);
  std::string text;
  for (const Column& column : table.columns) {
    if (!text.empty()) text += ',';
    text += quoted(column.key);
  }
  text += kLineEnd;
  for (const Row& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) text += ',';
      text += field(row[i]);
    }
    text += kLineEnd;
  }
  return text;
}

}  // namespace foretime::report
