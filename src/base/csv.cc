#include "base/csv.h"

#include "base/error.h"

namespace foretime {

std::vector<std::string> split_csv(std::string_view line, const std::string& where, char separator) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back() += line[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == separator && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  if (quoted) throw Error(where, "a quotation mark is not closed", "\"…\"");
  return fields;
}

}  // namespace foretime
