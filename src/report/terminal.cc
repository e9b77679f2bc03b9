// Tables for a terminal. Every column is as wide as its longest cell; when they do not fit side by side, long
// names are cut in the middle (their ends tell them apart), then columns of high rank are left out.

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "report/numbers.h"
#include "report/plot.h"
#include "report/printers.h"
#include "report/text_width.h"

namespace foretime::report {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kShortestName = 18;  // cut below this, names cannot be told apart

/// One column, formatted: a number is right-aligned, its suffix stands in a strip of its own.
struct Strip {
  const Column* column = nullptr;
  std::vector<Human> cells;  // totals last, where there are some
  std::size_t number = 0;    // width of the longest number
  std::size_t suffix = 0;    // width of the longest suffix

  std::size_t cell_width() const { return number + (suffix == 0 ? 0 : suffix + 1); }
  std::size_t width() const { return std::max(cell_width(), text_width(column->title)); }
  bool is_text() const { return column->unit == Unit::text; }
};

Strip make_strip(const Table& table, std::size_t index) {
  Strip strip;
  strip.column = &table.columns[index];
  const Unit unit = strip.column->unit;
  strip.cells.reserve(table.rows.size() + 1);
  for (const Row& row : table.rows) strip.cells.push_back(human(row[index], unit));
  if (!table.totals.empty()) {
    const Cell& total = table.totals[index];
    // A column without a total is blank there, not unknown.
    strip.cells.push_back(std::holds_alternative<std::monostate>(total) ? Human{} : human(total, unit));
  }
  for (const Human& cell : strip.cells) {
    strip.number = std::max(strip.number, text_width(cell.number));
    strip.suffix = std::max(strip.suffix, text_width(cell.suffix));
  }
  return strip;
}

std::size_t total_width(const std::vector<Strip>& strips) {
  std::size_t sum = strips.empty() ? 0 : kGap * (strips.size() - 1);
  for (const Strip& strip : strips) sum += strip.width();
  return sum;
}

/// Cuts the texts that may be cut, the widest column first, as far as needed and allowed.
void cut_texts(std::vector<Strip>& strips, std::size_t width) {
  while (total_width(strips) > width) {
    Strip* widest = nullptr;
    for (Strip& strip : strips) {
      const bool can =
          strip.column->cut && strip.number > std::max(kShortestName, text_width(strip.column->title));
      if (can && (widest == nullptr || strip.number > widest->number)) widest = &strip;
    }
    if (widest == nullptr) return;
    --widest->number;
  }
}

bool drop_column(std::vector<Strip>& strips) {
  const auto last = std::max_element(strips.begin(), strips.end(), [](const Strip& a, const Strip& b) {
    return a.column->rank < b.column->rank;
  });
  if (last == strips.end() || last->column->rank == 0) return false;
  strips.erase(last);
  return true;
}

/// The table's columns, fitted into `width` (0: any).
std::vector<Strip> layout(const Table& table, std::size_t width) {
  std::vector<Strip> strips;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (!table.columns[i].detail) strips.push_back(make_strip(table, i));
  }
  if (width == 0) return strips;
  while (true) {
    std::vector<Strip> fitted = strips;
    cut_texts(fitted, width);
    if (total_width(fitted) <= width || !drop_column(strips)) return fitted;
  }
}

void append_text(std::string& line, const std::string& text, std::size_t width) {
  const std::size_t length = text_width(text);
  line += length > width ? cut_middle(text, width) : text;
  line.append(width - std::min(width, length), ' ');
}

void append_number(std::string& line, const Strip& strip, const Human& cell) {
  line.append(strip.width() - strip.cell_width() + strip.number - text_width(cell.number), ' ');
  line += cell.number;
  if (strip.suffix == 0) return;
  line.append(1, ' ').append(cell.suffix).append(strip.suffix - text_width(cell.suffix), ' ');
}

class TerminalPrinter {
 public:
  explicit TerminalPrinter(const TerminalStyle& style) : style_(style) {}

  void print(const Document& document) {
    if (!document.title.empty()) line(painted(printable(document.title), "1"));
    print_facts(document.facts);
    for (const Plot& plot : document.plots) {
      if (plot.points) continue;
      if (!text_.empty()) line("");
      line(painted(printable(plot.title), "1"));
      line(plot_text(plot));
    }
    for (const Table& table : document.tables) {
      if (!text_.empty()) line("");
      print_table(table);
    }
    if (!document.remarks.empty() && !text_.empty()) line("");
    for (const std::string& remark : document.remarks) line(printable(remark));
  }

  std::string take() { return std::move(text_); }

 private:
  std::string painted(const std::string& text, const char* code) const {
    return style_.color && !text.empty() ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
  }

  void line(std::string text) {
    while (text.ends_with(' ')) text.pop_back();
    text_ += text;
    text_ += '\n';
  }

  void print_facts(const std::vector<Fact>& facts) {
    std::size_t width = 0;
    for (const Fact& fact : facts) width = std::max(width, text_width(fact.label));
    for (const Fact& fact : facts) {
      line(painted(padded_right(fact.label, width), "2") + "  " + human_text(fact.value, fact.unit));
    }
  }

  void print_table(const Table& table) {
    const std::vector<Strip> strips = layout(table, static_cast<std::size_t>(std::max(style_.width, 0)));
    if (!table.title.empty()) line(painted(printable(table.title), "1"));
    std::string header;
    for (const Strip& strip : strips) {
      if (!header.empty()) header.append(kGap, ' ');
      header += strip.is_text() ? padded_right(strip.column->title, strip.width())
                                : padded_left(strip.column->title, strip.width());
    }
    line(painted(header, "1"));
    rule(strips);
    for (std::size_t row = 0; row < table.rows.size(); ++row) print_row(strips, row);
    if (table.totals.empty()) return;
    rule(strips);
    print_row(strips, table.rows.size());
  }

  void print_row(const std::vector<Strip>& strips, std::size_t row) {
    std::string text;
    for (const Strip& strip : strips) {
      if (!text.empty()) text.append(kGap, ' ');
      if (strip.is_text()) {
        append_text(text, strip.cells[row].number, strip.width());
      } else {
        append_number(text, strip, strip.cells[row]);
      }
    }
    line(std::move(text));
  }

  void rule(const std::vector<Strip>& strips) {
    std::string text;
    for (std::size_t i = 0; i < total_width(strips); ++i) text += "─";
    line(painted(text, "2"));
  }

  const TerminalStyle& style_;
  std::string text_;
};

}  // namespace

std::string print_terminal(const Document& document, const TerminalStyle& style) {
  TerminalPrinter printer(style);
  printer.print(document);
  return printer.take();
}

}  // namespace foretime::report
