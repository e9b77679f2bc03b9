#include <fmt/format.h>

#include <string_view>

#include "report/html_page.h"
#include "report/notes.h"
#include "report/numbers.h"
#include "report/plot.h"
#include "report/printers.h"

namespace foretime::report {
namespace {

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

/// What the page sorts by: the raw number, not "12.3 M". Unknown has none and sorts last.
std::string sort_key(const Cell& cell) {
  if (const auto* whole = std::get_if<std::int64_t>(&cell)) return fmt::format(" data-n=\"{}\"", *whole);
  if (const auto* real = std::get_if<double>(&cell)) return fmt::format(" data-n=\"{}\"", shortest(*real));
  return {};
}

std::string cell_element(const Column& column, const Cell& cell) {
  const std::string shown = escaped(human_text(cell, column.unit));
  const char* kind = column.unit == Unit::text ? "" : " class=\"n\"";
  const auto* share = std::get_if<double>(&cell);
  if (!column.bar || share == nullptr) return fmt::format("<td{}{}>{}</td>", kind, sort_key(cell), shown);
  return fmt::format("<td class=\"n bar\"{}><i style=\"width:{:.1f}%\"></i><span>{}</span></td>",
                     sort_key(cell), *share, shown);
}

void print_row(std::string& text, const Table& table, const Row& row, bool total) {
  text += "<tr>";
  for (std::size_t i = 0; i < row.size(); ++i) {
    const Column& column = table.columns[i];
    if (column.detail) continue;
    const bool blank = total && std::holds_alternative<std::monostate>(row[i]);
    text += blank ? "<td></td>" : cell_element(column, row[i]);
  }
  text += "</tr>\n";
}

void print_table(std::string& text, const Table& table) {
  if (!table.title.empty()) text += fmt::format("<h2>{}</h2>\n", escaped(table.title));
  text += "<div class=\"scroll\"><table>\n<thead><tr>";
  for (const Column& column : table.columns) {
    if (column.detail) continue;
    text += fmt::format("<th{} aria-sort=\"none\"><button>{}</button></th>",
                        column.unit == Unit::text ? "" : " class=\"n\"", escaped(column.title));
  }
  text += "</tr></thead>\n<tbody>\n";
  for (const Row& row : table.rows) print_row(text, table, row, false);
  text += "</tbody>\n";
  if (!table.totals.empty()) {
    text += "<tfoot>\n";
    print_row(text, table, table.totals, true);
    text += "</tfoot>\n";
  }
  text += "</table></div>\n";
}

void print_facts(std::string& text, const std::vector<Fact>& facts) {
  if (facts.empty()) return;
  text += "<dl>\n";
  for (const Fact& fact : facts) {
    text += fmt::format("<dt>{}</dt><dd>{}</dd>\n", escaped(fact.label),
                        escaped(human_text(fact.value, fact.unit)));
  }
  text += "</dl>\n";
}

}  // namespace

std::string print_html(const Document& document) {
  const std::string title = document.title.empty() ? "Foretime" : escaped(document.title);
  std::string text = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n<h1>{}</h1>\n",
      title, kPageStyle, title);
  print_facts(text, document.facts);
  for (const Plot& plot : document.plots) {
    text += fmt::format("<h2>{}</h2>\n{}", escaped(plot.title), plot_svg(plot));
  }
  for (const Table& table : document.tables) print_table(text, table);
  if (!document.failed.rows.empty()) print_table(text, document.failed);
  for (const std::string& remark : document.remarks) text += fmt::format("<p>{}</p>\n", escaped(remark));
  const auto notes = grouped_notes(document.diagnostics);
  if (!notes.empty()) text += "<h2>Notes</h2>\n<ul>\n";
  for (const std::string& note : notes) text += fmt::format("<li>{}</li>\n", escaped(note));
  if (!notes.empty()) text += "</ul>\n";
  text += fmt::format("</main>\n<script>{}</script>\n</body>\n</html>\n", kPageScript);
  return text;
}

}  // namespace foretime::report
