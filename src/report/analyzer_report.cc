// DNN analyzer rounds every figure, turns it into text and hands it to Python's tabulate, which reads the
// texts back as numbers, prints them with six digits and aligns them on the decimal point: the detours show
// in the result, so they are taken here, too.

#include "report/analyzer_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "report/text_width.h"

namespace foretime::report {
namespace {

constexpr double kMega = 1e6;
constexpr double kMebi = 1024.0 * 1024.0;

/// Python's round(): to the nearest decimal of the number as it is stored, ties to even.
double rounded(double value, int decimals) {
  return std::strtod(fmt::format("{:.{}f}", value, decimals).c_str(), nullptr);
}

/// Python's repr(): shortest digits, and ".0" after a whole number.
std::string python_text(double value) {
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

/// tabulate's "g": six significant digits, no trailing zeros.
std::string six_digits(double value) {
  return fmt::format("{:g}", value);
}

/// Characters behind the decimal point (or behind the exponent's mark); one less than none without a point.
int behind_point(const std::string& text) {
  std::size_t at = text.rfind('.');
  if (at == std::string::npos) at = text.rfind('e');
  return at == std::string::npos ? -1 : static_cast<int>(text.size() - at) - 1;
}

struct PsqlColumn {
  std::string_view header;
  bool numeric = true;
  std::vector<std::string> cells;
};

/// Aligns the cells and gives the width, at least two more than the header's.
std::size_t align(PsqlColumn& column) {
  int most = -1;
  for (const std::string& cell : column.cells) most = std::max(most, behind_point(cell));
  std::size_t width = column.header.size() + 2;
  for (std::string& cell : column.cells) {
    if (column.numeric) cell.append(static_cast<std::size_t>(most - behind_point(cell)), ' ');
    width = std::max(width, cell.size());
  }
  for (std::string& cell : column.cells) {
    cell = column.numeric ? padded_left(cell, width) : padded_right(cell, width);
  }
  return width;
}

std::string rule(const std::vector<std::size_t>& widths, char end) {
  std::string text;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    text += i == 0 ? end : '+';
    text.append(widths[i] + 2, '-');
  }
  return text + end + '\n';
}

std::string psql_table(std::vector<PsqlColumn> columns) {
  std::vector<std::size_t> widths;
  // Without rows tabulate knows no numbers and aligns every header as text.
  const bool empty = columns.front().cells.empty();
  for (PsqlColumn& column : columns) widths.push_back(align(column));
  std::string text = rule(widths, '+') + '|';
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const bool right = columns[i].numeric && !empty;
    text += ' ';
    text += right ? padded_left(columns[i].header, widths[i]) : padded_right(columns[i].header, widths[i]);
    text += " |";
  }
  text += '\n' + rule(widths, '|');
  for (std::size_t row = 0; row < columns.front().cells.size(); ++row) {
    text += '|';
    for (const PsqlColumn& column : columns) text += ' ' + column.cells[row] + " |";
    text += '\n';
  }
  return text + rule(widths, '+');
}

std::string mebibytes(Bytes bytes) {
  return six_digits(rounded(static_cast<double>(bytes.value) / kMebi, 3));
}

std::string table_of(const std::vector<api::LayerRow>& layers) {
  std::vector<PsqlColumn> columns = {{"module name", false, {}},  {"parameters", true, {}},
                                     {"mem read (MB)", true, {}}, {"mem write (MB)", true, {}},
                                     {"storage (MB)", true, {}},  {"inference (MB)", true, {}},
                                     {"MACs (Mega)", true, {}},   {"duration[%]", false, {}}};
  for (const api::LayerRow& layer : layers) {
    if (!layer.analyzer) continue;
    const api::AnalyzerColumns& figures = *layer.analyzer;
    const std::array<std::string, 8> cells = {layer.op,
                                              fmt::format("{}", layer.parameters),
                                              mebibytes(figures.mem_read_bytes),
                                              mebibytes(figures.mem_write_bytes),
                                              mebibytes(figures.storage_bytes),
                                              mebibytes(figures.inference_bytes),
                                              six_digits(rounded(figures.macs / kMega, 3)),
                                              "-"};
    for (std::size_t i = 0; i < cells.size(); ++i) columns[i].cells.push_back(cells[i]);
  }
  return psql_table(std::move(columns));
}

/// "581.5 MB": the largest prefix that leaves a whole part, two decimals, shortest digits. `real`: the sum
/// was a floating-point number in Python, which shows in "432.0MAC".
std::string with_prefix(double value, double base, const char* unit, bool real) {
  constexpr std::string_view kPrefixes = "KMGT";
  for (std::size_t i = kPrefixes.size(); i-- > 0;) {
    const double scale = std::pow(base, static_cast<double>(i + 1));
    if (std::floor(value / scale) > 0) {
      return fmt::format("{} {}{}", python_text(rounded(value / scale, 2)), kPrefixes[i], unit);
    }
  }
  return (real ? python_text(rounded(value, 2)) : fmt::format("{:.0f}", value)) + unit;
}

std::string bytes_text(Bytes bytes) {
  return with_prefix(static_cast<double>(bytes.value), 1024, "B", false);
}

}  // namespace

std::string print_analyzer(const api::InspectResult& result) {
  const api::AnalyzerColumns totals = result.totals.analyzer.value_or(api::AnalyzerColumns{});
  const bool divided = std::any_of(result.layers.begin(), result.layers.end(), [](const auto& layer) {
    return layer.analyzer && layer.op.starts_with("Conv");  // the only rule that divides
  });
  return table_of(result.layers) + fmt::format("Total Storage:  {}\n", bytes_text(totals.storage_bytes)) +
         fmt::format("Total Parameters:  {}\n", result.totals.parameters) +
         fmt::format("Total inference memory:  {}\n", bytes_text(totals.inference_bytes)) +
         fmt::format("Total number of Macs:  {}\n", with_prefix(totals.macs, 1000, "MAC", divided)) +
         fmt::format("Total Memory Read + Write:  {}\n",
                     bytes_text(totals.mem_read_bytes + totals.mem_write_bytes));
}

}  // namespace foretime::report
