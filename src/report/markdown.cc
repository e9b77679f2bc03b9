#include <fmt/format.h>

#include "report/notes.h"
#include "report/numbers.h"
#include "report/plot.h"
#include "report/printers.h"

namespace foretime::report {
namespace {

/// What Markdown would read as markup stays text.
std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : printable(text)) {
    if (std::string_view("\\|`*_<>[]").find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

void print_row(std::string& text, const Table& table, const Row& row, bool strong) {
  text += '|';
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (table.columns[i].detail) continue;
    const bool blank = strong && std::holds_alternative<std::monostate>(row[i]);
    const std::string cell = blank ? "" : escaped(human_text(row[i], table.columns[i].unit));
    text += strong && !cell.empty() ? fmt::format(" **{}** |", cell) : fmt::format(" {} |", cell);
  }
  text += '\n';
}

void print_table(std::string& text, const Table& table) {
  text += '\n';
  if (!table.title.empty()) text += fmt::format("## {}\n\n", escaped(table.title));
  std::string header = "|";
  std::string rule = "|";
  for (const Column& column : table.columns) {
    if (column.detail) continue;
    header += fmt::format(" {} |", escaped(column.title));
    rule += column.unit == Unit::text ? " --- |" : " ---: |";
  }
  text += header + "\n" + rule + "\n";
  for (const Row& row : table.rows) print_row(text, table, row, false);
  if (!table.totals.empty()) print_row(text, table, table.totals, true);
}

}  // namespace

std::string print_markdown(const Document& document) {
  std::string text;
  if (!document.title.empty()) text += fmt::format("# {}\n\n", escaped(document.title));
  for (const Fact& fact : document.facts) {
    text += fmt::format("- {}: {}\n", fact.label, escaped(human_text(fact.value, fact.unit)));
  }
  for (const Plot& plot : document.plots) {
    if (plot.points) continue;
    text += fmt::format("\n## {}\n\n{}\n", escaped(plot.title), plot_text(plot));
  }
  for (const Table& table : document.tables) print_table(text, table);
  if (!document.failed.rows.empty()) print_table(text, document.failed);
  for (const std::string& remark : document.remarks) text += fmt::format("\n{}\n", escaped(remark));
  const auto notes = grouped_notes(document.diagnostics);
  if (!notes.empty()) text += "\n## Notes\n\n";
  for (const std::string& note : notes) text += fmt::format("- {}\n", escaped(note));
  return text;
}

}  // namespace foretime::report
