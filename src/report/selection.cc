#include "report/selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "base/suggest.h"

namespace foretime::report {
namespace {

std::optional<std::size_t> find_column(const Table& table, const std::string& key) {
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].key == key) return i;
  }
  return std::nullopt;
}

/// Not known comes last, whichever way the rest is sorted.
bool before(const Cell& a, const Cell& b, bool descending) {
  const bool known_a = !std::holds_alternative<std::monostate>(a);
  const bool known_b = !std::holds_alternative<std::monostate>(b);
  if (!known_a || !known_b) return known_a && !known_b;
  return descending ? b < a : a < b;
}

void sort_rows(Table& table, const std::string& request) {
  const bool descending = request.starts_with('-');
  const auto column = find_column(table, descending ? request.substr(1) : request);
  if (!column) return;
  std::stable_sort(table.rows.begin(), table.rows.end(),
                   [&](const Row& a, const Row& b) { return before(a[*column], b[*column], descending); });
}

Row picked(const Row& row, const std::vector<std::size_t>& columns) {
  Row result;
  result.reserve(columns.size());
  for (const std::size_t column : columns) result.push_back(row[column]);
  return result;
}

void pick_columns(Table& table, const std::vector<std::string>& keys) {
  std::vector<std::size_t> columns;
  for (const std::string& key : keys) {
    if (const auto column = find_column(table, key)) columns.push_back(*column);
  }
  std::vector<Column> kept;
  for (const std::size_t column : columns) {
    kept.push_back(table.columns[column]);
    kept.back().detail = false;
    kept.back().rank = 0;
  }
  for (Row& row : table.rows) row = picked(row, columns);
  if (!table.totals.empty()) table.totals = picked(table.totals, columns);
  table.columns = std::move(kept);
}

void select(Table& table, const Selection& selection) {
  if (!selection.sort.empty()) sort_rows(table, selection.sort);
  if (selection.top && *selection.top < table.rows.size()) table.rows.resize(*selection.top);
  if (!selection.columns.empty()) pick_columns(table, selection.columns);
}

void check_key(const std::vector<Table*>& tables, const std::string& key) {
  std::vector<std::string> known;
  for (const Table* table : tables) {
    if (find_column(*table, key)) return;
    for (const Column& column : table->columns) {
      if (std::find(known.begin(), known.end(), column.key) == known.end()) known.push_back(column.key);
    }
  }
  const std::string close = closest(key, known);
  throw Error(fmt::format("column '{}'", key), "this result has none of that name",
              close.empty() ? fmt::format("one of {}", fmt::join(known, ", "))
                            : fmt::format("did you mean {}?", close));
}

}  // namespace

void select(Document& document, const Selection& selection) {
  std::vector<Table*> tables;
  for (Table& table : document.tables) {
    if (table.selectable) tables.push_back(&table);
  }
  if (document.flat) tables.push_back(&*document.flat);
  for (const std::string& key : selection.columns) check_key(tables, key);
  const std::string& sort = selection.sort;
  if (!sort.empty()) check_key(tables, sort.starts_with('-') ? sort.substr(1) : sort);

  std::size_t shown = 0;
  std::size_t all = 0;
  for (Table* table : tables) {
    const std::size_t rows = table->rows.size();
    select(*table, selection);
    if (document.flat && table == &*document.flat) continue;
    shown += table->rows.size();
    all += rows;
  }
  if (shown < all) document.remarks.push_back(fmt::format("{} of {} rows are shown.", shown, all));
}

}  // namespace foretime::report
