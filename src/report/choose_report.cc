#include "report/cells.h"
#include "report/fit_report.h"
#include "report/json_parts.h"

namespace foretime::report {

std::string choose_json(const api::ChooseResult& result) {
  JsonWriter json = begin_document("adapt");
  json.field("basis", result.basis);
  json.field("networks", result.networks);
  json.field("known", result.known);
  json.array("chosen", result.chosen, [&](const api::ChosenNetwork& row) {
    json.begin_object();
    json.field("id", row.id);
    json.field("family", row.family);
    json.field("predicted_ms", row.predicted ? std::optional(row.predicted->value) : std::nullopt);
    json.field("new_time_percent", row.new_time_percent);
    json.field("covered_percent", row.covered_percent);
    json.field("uncertainty_percent", row.uncertainty_percent);
    json.end_object();
  });
  write_diagnostics(json, result.diagnostics);
  write_failures(json, result.failures);
  json.end_object();
  return json.take();
}

Document choose_document(const api::ChooseResult& result) {
  Document document;
  document.title = "Networks to measure";
  document.facts = {{"chosen by", result.basis},
                    {"networks in the pool", static_cast<std::int64_t>(result.networks), Unit::count},
                    {"measured already", static_cast<std::int64_t>(result.known), Unit::count}};
  Table table;
  table.columns = {
      {.key = "id", .title = "network"},
      {.key = "family", .title = "family", .rank = 2},
      {.key = "predicted_ms", .title = "predicted", .unit = Unit::milliseconds, .rank = 1},
      {.key = "new_time_percent", .title = "time in new kernels", .unit = Unit::percent},
      {.key = "covered_percent", .title = "pool covered", .unit = Unit::percent},
      {.key = "uncertainty_percent", .title = "uncertainty left", .unit = Unit::percent},
  };
  for (const api::ChosenNetwork& row : result.chosen) {
    table.rows.push_back({row.id, row.family,
                          cell(row.predicted ? std::optional(row.predicted->value) : std::nullopt),
                          row.new_time_percent, row.covered_percent, row.uncertainty_percent});
  }
  table.selectable = true;
  document.tables.push_back(std::move(table));
  document.diagnostics = result.diagnostics;
  return document;
}

}  // namespace foretime::report
