#include "report/sweep_report.h"

#include "report/json_parts.h"

namespace foretime::report {

std::string sweep_json(const api::SweepResult& result) {
  JsonWriter json = begin_document("zoo");
  json.field("output", result.table);
  json.field("networks", result.networks);
  write_diagnostics(json, result.diagnostics);
  json.end_object();
  return json.take();
}

std::string fusion_json(const api::FusionResult& result) {
  JsonWriter json = begin_document("zoo");
  json.array("neighbours", result.rows, [&](const api::FusionRow& row) {
    json.begin_object();
    json.field("first", row.first);
    json.field("second", row.second);
    json.field("pairs", row.pairs);
    json.field("fused", row.fused);
    json.field("saved_percent", row.saved_percent);
    json.field("error_percent", row.error_percent);
    json.end_object();
  });
  json.field("unmeasured", result.unmeasured);
  json.field("fusion_rules", result.rules);
  write_diagnostics(json, result.diagnostics);
  json.end_object();
  return json.take();
}

void add_rules(const std::string& rules, Document& document) {
  document.remarks.emplace_back(rules.empty() ? "No fusion rules." : "Fusion rules:");
  for (std::size_t at = 0; at < rules.size();) {
    const std::size_t end = rules.find('\n', at);
    document.remarks.push_back("  " + rules.substr(at, end - at));
    at = end + 1;
  }
}

Document fusion_document(const api::FusionResult& result) {
  Table table;
  table.selectable = true;
  table.columns = {{.key = "first", .title = "first"},
                   {.key = "second", .title = "second"},
                   {.key = "pairs", .title = "pairs"},
                   {.key = "fused", .title = "fused"},
                   {.key = "saved", .title = "saved", .unit = Unit::percent}};
  for (const api::FusionRow& row : result.rows) {
    table.rows.push_back(
        {row.first, row.second, std::int64_t{row.pairs}, std::int64_t{row.fused}, row.saved_percent});
  }
  Document document;
  document.title = "Neighbours that run as one kernel";
  document.tables.push_back(std::move(table));
  if (result.unmeasured > 0)
    document.remarks.push_back(std::to_string(result.unmeasured) + " pairs were not measured in all parts.");
  add_rules(result.rules, document);
  return document;
}

}  // namespace foretime::report
