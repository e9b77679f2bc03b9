// The CSV that snpe_bench.py of Qualcomm's SNPE writes, in microseconds: a preamble, then a row that names
// the runtimes ("GPU_timing"), each above its own columns, a row that names these ("avg (us)", "max", "min",
// …), and a row for each quantity, of which "Total Inference Time" is the whole and "layer_000 (Name:conv1
// Type:conv)" a layer. Columns are found by their names, since which runtimes there are differs.

#include <algorithm>
#include <map>

#include "base/csv.h"
#include "base/error.h"
#include "runtimes/import/readers.h"
#include "runtimes/import/text.h"

namespace foretime::import {
namespace {

constexpr std::string_view kTotal = "Total Inference Time";

using Row = std::vector<std::string>;

/// Columns of one runtime.
struct Group {
  std::string name;
  std::map<std::string, std::size_t> columns;  // "avg" → its place
};

/// "avg" of "avg (us)".
std::string first_word(std::string_view cell) {
  const auto words = words_of(cell);
  return words.empty() ? std::string() : std::string(words.front());
}

/// Groups of columns by the row of their names and the row of runtimes above it.
std::vector<Group> groups_of(const Row& runtimes, const Row& names) {
  std::vector<Group> groups;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string name = first_word(names[i]);
    if (name.empty()) continue;
    const std::string_view above = i < runtimes.size() ? trimmed(runtimes[i]) : std::string_view();
    // A group begins where a runtime is named, or, failing that, where a column comes again.
    if (groups.empty() || (!above.empty() && above != groups.back().name) ||
        groups.back().columns.contains(name)) {
      groups.push_back({above.empty() && !groups.empty() ? groups.back().name : std::string(above), {}});
    }
    groups.back().columns.emplace(name, i);
  }
  return groups;
}

std::optional<double> ms_in(const Group& group, const char* column, const Row& row) {
  const auto found = group.columns.find(column);
  if (found == group.columns.end() || found->second >= row.size()) return std::nullopt;
  const auto us = number_in(row[found->second]);
  return us ? std::optional(*us / 1e3) : std::nullopt;
}

/// A layer's name and type: "layer_003 (Name:conv2 Type:convolutional)".
ExecutedKernel layer_of(std::string_view label, double ms) {
  const auto part = [&](std::string_view key, std::string_view end) -> std::string {
    const std::size_t from = label.find(key);
    if (from == std::string_view::npos) return "";
    const std::string_view rest = label.substr(from + key.size());
    return std::string(trimmed(rest.substr(0, rest.find(end))));
  };
  std::string name = part("Name:", " Type:");
  return {part("Type:", ")"), name.empty() ? std::string(label) : std::move(name), {}, {ms}};
}

ReportedRun run_of(const Group& group, const std::vector<Row>& rows, std::size_t from,
                   const std::string& model) {
  ReportedRun run;
  std::vector<ExecutedKernel> layers;
  for (std::size_t i = from; i < rows.size(); ++i) {
    const std::string_view label = trimmed(rows[i].front());
    const auto avg = ms_in(group, "avg", rows[i]);
    if (!avg) continue;
    if (label == kTotal) {
      run = summarised(ms_in(group, "min", rows[i]).value_or(kUnknown), *avg,
                       ms_in(group, "max", rows[i]).value_or(kUnknown));
    } else if (label.starts_with("layer_")) {
      layers.push_back(layer_of(label, *avg));
    }
  }
  run.kernels = std::move(layers);
  run.model = model;
  run.runtime.name = "snpe";
  run.runtime.provider = group.name.substr(0, group.name.find("_timing"));
  return run;
}

}  // namespace

bool matches_snpe(std::string_view text) {
  return text.find(kTotal) != std::string_view::npos && text.find(',') != std::string_view::npos;
}

std::vector<ReportedRun> read_snpe(std::string_view text, const std::string& origin) {
  std::vector<Row> rows;
  std::size_t names = 0;  // row of the columns' names
  std::string model;
  for (const auto& [number, line] : lines_of(text)) {
    rows.push_back(split_csv(line, at_line(origin, number)));
    const Row& row = rows.back();
    if (names == 0 && rows.size() > 1 && std::any_of(row.begin(), row.end(), [](const std::string& cell) {
          return first_word(cell) == "avg";
        })) {
      names = rows.size() - 1;
    }
    if (row.size() > 1 && model.empty() && trimmed(row.front()).starts_with("Model")) model = trimmed(row[1]);
  }
  if (names == 0)
    throw Error(origin, "has no row of columns with avg", "runtimes in one row, avg, max and min below");
  std::vector<ReportedRun> runs;
  for (const Group& group : groups_of(rows[names - 1], rows[names])) {
    ReportedRun run = run_of(group, rows, names + 1, model);
    if (run.latency.mean > 0)
      runs.push_back(std::move(run));  // a runtime that could not run the network has none
  }
  return runs;
}

}  // namespace foretime::import
