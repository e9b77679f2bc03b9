#pragma once

// What a result looks like before anybody decides how to print it: facts, tables of typed cells, remarks.
// One function per result makes a Document (inspect_report.h, …); one printer per output format
// (printers.h) shows any Document and knows no verb. JSON is the exception: its keys are a contract, so it is
// written from the result itself (json_writer.h).

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/diagnostics.h"

namespace foretime::report {

/// What a number counts; printers for people choose prefix and digits by it.
enum class Unit {
  text,
  count,         // decimal prefixes: 12.3 M
  bytes,         // binary prefixes: 1.50 MB = 1.5 * 2^20 B
  milliseconds,  // 12.3 ms
  percent,       // 12.3 %
  ratio,         // 12.3
};

/// monostate: not known. Never 0 in its place.
using Cell = std::variant<std::monostate, std::string, std::int64_t, double>;

struct Column {
  std::string key;    // in CSV and for --columns and --sort; as the JSON calls it
  std::string title;  // for people
  Unit unit = Unit::text;
  int rank = 0;         // a narrow terminal drops the highest rank first; 0 stays
  bool detail = false;  // shown only when asked for (and in CSV)
  bool cut = false;     // a long text may be cut in the middle
  bool bar = false;     // a percentage that HTML draws
};

using Row = std::vector<Cell>;  // one cell per column

struct Table {
  std::string title;  // may be empty
  std::vector<Column> columns;
  std::vector<Row> rows;
  Row totals;               // empty: none
  bool selectable = false;  // --columns, --sort and --top mean this one
};

/// Numbers over another number, drawn: as a curve in HTML, as a line of blocks elsewhere.
struct Plot {
  std::string title;
  std::string x_title;        // "s"
  Unit unit = Unit::ratio;    // of y
  std::vector<double> x;      // ascending
  std::vector<double> y;      // one for each x
  std::vector<double> y_low;  // a band around y; may be empty
  std::vector<double> y_high;
  bool points = false;  // not joined by a line; drawings only
};

struct Fact {
  std::string label;
  Cell value;
  Unit unit = Unit::text;
};

struct Document {
  std::string title;
  std::vector<Fact> facts;
  std::vector<Table> tables;
  std::vector<Plot> plots;
  std::vector<std::string> remarks;
  Diagnostics diagnostics;
  std::optional<Table> flat;  // every row of the result in one table, where that is not the last of `tables`
  Table failed;               // of a batch, for pages that are read alone; a terminal has these on stderr
};

/// What CSV prints.
/// REQUIRES: `flat`, or a table.
inline const Table& flat_table(const Document& document) {
  return document.flat ? *document.flat : document.tables.back();
}

}  // namespace foretime::report
