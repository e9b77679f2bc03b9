#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <string_view>

#include "report/cells.h"
#include "report/kernel_table.h"
#include "report/numbers.h"
#include "report/predict_report.h"

namespace foretime::report {
namespace {

using Rows = std::vector<api::PredictionRow>;

Cell interval_text(const api::PredictionRow& row) {
  if (!row.interval_low || !row.interval_high) return {};
  return fmt::format("{} … {} ms", human(cell(row.interval_low), Unit::milliseconds).number,
                     human(cell(row.interval_high), Unit::milliseconds).number);
}

Row prediction_row(const api::PredictionRow& row) {
  return {row.model,
          row.device,
          cell(row.latency),
          interval_text(row),
          cell(row.interval_low),
          cell(row.interval_high),
          cell(row.overhead),
          static_cast<std::int64_t>(row.kernels.size()),
          row.coverage_kernels_percent,
          row.coverage_time_percent,
          row.basis};
}

/// Every prediction, a row each; `model` is shown only where there are several.
Table prediction_table(const Rows& predictions) {
  Table table;
  table.selectable = true;
  table.columns = {
      {.key = "model", .title = "model", .detail = true, .cut = true},
      {.key = "device", .title = "device"},
      {.key = "latency_ms", .title = "latency", .unit = Unit::milliseconds},
      {.key = "interval90", .title = "90 % interval", .rank = 1},
      {.key = "interval90_low_ms", .title = "low", .unit = Unit::milliseconds, .detail = true},
      {.key = "interval90_high_ms", .title = "high", .unit = Unit::milliseconds, .detail = true},
      {.key = "overhead_ms", .title = "overhead", .unit = Unit::milliseconds, .detail = true},
      {.key = "kernels", .title = "kernels", .unit = Unit::count, .rank = 4},
      {.key = "kernels_percent", .title = "kernels learnt", .unit = Unit::percent, .rank = 3},
      {.key = "time_percent", .title = "time learnt", .unit = Unit::percent, .rank = 3},
      {.key = "basis", .title = "basis", .rank = 2},
  };
  for (const api::PredictionRow& row : predictions) table.rows.push_back(prediction_row(row));
  return table;
}

void drop_column(Table& table, std::string_view key) {
  const auto found =
      std::find_if(table.columns.begin(), table.columns.end(), [&](const Column& c) { return c.key == key; });
  if (found == table.columns.end()) return;
  const auto at = found - table.columns.begin();
  for (Row& row : table.rows) row.erase(row.begin() + at);
  table.columns.erase(found);
}

/// Values of `of(row)` without repetition, in order of appearance.
template <typename Of>
std::vector<std::string> distinct(const Rows& predictions, Of of) {
  std::vector<std::string> values;
  std::map<std::string, bool> seen;
  for (const api::PredictionRow& row : predictions) {
    if (seen.emplace(of(row), true).second) values.push_back(of(row));
  }
  return values;
}

/// Models down, devices across.
Table matrix(const Rows& predictions, const std::vector<std::string>& models,
             const std::vector<std::string>& devices) {
  Table table;
  table.title = "Latency";
  table.selectable = true;
  table.columns = {{.key = "model", .title = "model", .cut = true}};
  std::map<std::string, std::size_t> column;
  for (const std::string& device : devices) {
    column[device] = table.columns.size();
    table.columns.push_back({.key = device, .title = device, .unit = Unit::milliseconds});
    table.columns.push_back({.key = device + "_interval90", .title = "90 % interval", .rank = 1});
  }
  std::map<std::string, std::size_t> line;
  for (const std::string& model : models) {
    line[model] = table.rows.size();
    table.rows.emplace_back(table.columns.size());
    table.rows.back()[0] = model;
  }
  for (const api::PredictionRow& row : predictions) {
    Row& cells = table.rows[line[row.model]];
    cells[column[row.device]] = cell(row.latency);
    cells[column[row.device] + 1] = interval_text(row);
  }
  return table;
}

/// What the numbers of each device rest on, over all models.
Table device_table(const Rows& predictions, const std::vector<std::string>& devices) {
  Table table;
  table.title = "Devices";
  table.columns = {
      {.key = "device", .title = "device"},
      {.key = "basis", .title = "basis"},
      {.key = "kernels_percent", .title = "kernels learnt, least", .unit = Unit::percent},
      {.key = "time_percent", .title = "time learnt, least", .unit = Unit::percent},
  };
  for (const std::string& device : devices) {
    double kernels = 100;
    double time = 100;
    std::string basis;
    for (const api::PredictionRow& row : predictions) {
      if (row.device != device) continue;
      kernels = std::min(kernels, row.coverage_kernels_percent);
      time = std::min(time, row.coverage_time_percent);
      basis = row.basis;
    }
    table.rows.push_back({device, basis, kernels, time});
  }
  return table;
}

/// Kernels of all predictions in one table, for CSV.
Table flat_kernels(const Rows& predictions) {
  Table all = kernel_table({});
  all.columns.insert(all.columns.begin(),
                     {{.key = "model", .title = "model"}, {.key = "device", .title = "device"}});
  for (const api::PredictionRow& row : predictions) {
    for (Row& cells : kernel_table(row.kernels).rows) {
      cells.insert(cells.begin(), {Cell{row.model}, Cell{row.device}});
      all.rows.push_back(std::move(cells));
    }
  }
  return all;
}

/// The kernels become the main table.
void add_kernels(Document& document, const Rows& predictions) {
  for (Table& table : document.tables) table.selectable = false;
  for (const api::PredictionRow& row : predictions) {
    Table table = kernel_table(row.kernels);
    table.title = fmt::format("Kernels of {} on {}", row.model, row.device);
    if (row.overhead.value > 0) {
      table.title += fmt::format(" (and {} overhead)", human_text(cell(row.overhead), Unit::milliseconds));
    }
    document.tables.push_back(std::move(table));
  }
  document.flat = flat_kernels(predictions);
}

void add_diagnostics(Document& document, const api::PredictResult& result) {
  document.diagnostics = result.diagnostics;
  // A model's own notes come with it on every device: once is enough.
  std::map<std::string, std::vector<std::string>> told;
  for (const api::PredictionRow& row : result.predictions) {
    for (const Diagnostic& diagnostic : row.diagnostics) {
      auto& before = told[row.model];
      const std::string note = diagnostic.code + '\0' + diagnostic.message + '\0' + diagnostic.where;
      if (std::find(before.begin(), before.end(), note) != before.end()) continue;
      before.push_back(note);
      document.diagnostics.push_back(diagnostic);
    }
  }
}

}  // namespace

Document predict_document(const api::PredictResult& result, bool kernels) {
  const Rows& predictions = result.predictions;
  const auto models = distinct(predictions, [](const auto& row) { return row.model; });
  const auto devices = distinct(predictions, [](const auto& row) { return row.device; });
  Document document;
  document.flat = prediction_table(predictions);
  if (models.size() > 1) {
    document.title = counted(static_cast<std::int64_t>(models.size()), "model") + " on " +
                     counted(static_cast<std::int64_t>(devices.size()), "device");
    document.tables = {matrix(predictions, models, devices), device_table(predictions, devices)};
  } else if (models.size() == 1) {
    document.title = models.front();
    document.tables = {*document.flat};
  }
  drop_column(*document.flat, "interval90");  // its two ends are numbers there
  if (kernels) add_kernels(document, predictions);
  document.failed = failure_table(result.failures);
  add_diagnostics(document, result);
  if (predictions.empty() || !predictions.front().interval_low) return document;
  document.remarks.emplace_back(
      "Nine in ten networks are expected inside the interval. Learnt: priced by models trained on kernels "
      "like "
      "these; the rest by the device's roofline.");
  return document;
}

}  // namespace foretime::report
