#include "report/fit_report.h"

#include <algorithm>
#include <cmath>

#include "report/accuracy_table.h"
#include "report/cells.h"
#include "report/json_parts.h"

namespace foretime::report {
namespace {

constexpr std::size_t kWorst = 10;

double error_percent(const Scored& times) {
  return 100 * (times.predicted / times.measured - 1);
}

std::vector<const api::EvaluatedRow*> worst_of(const api::EvaluateResult& result) {
  std::vector<const api::EvaluatedRow*> rows;
  for (const api::EvaluatedRow& row : result.rows) rows.push_back(&row);
  const std::size_t count = std::min(kWorst, rows.size());
  std::partial_sort(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(count), rows.end(),
                    [](const api::EvaluatedRow* a, const api::EvaluatedRow* b) {
                      return std::abs(error_percent(a->times)) > std::abs(error_percent(b->times));
                    });
  rows.resize(count);
  return rows;
}

void write_families(JsonWriter& json, const std::map<std::string, AccuracyFigures, std::less<>>& families) {
  json.array("families", families, [&](const auto& family) {
    json.begin_object();
    json.field("family", family.first);
    write_figures(json, family.second);
    json.end_object();
  });
}

Table network_table(const std::string& title, const std::vector<const api::EvaluatedRow*>& rows) {
  Table table;
  table.title = title;
  table.columns = {
      {.key = "id", .title = "network"},
      {.key = "family", .title = "family", .rank = 2},
      {.key = "measured_ms", .title = "measured", .unit = Unit::milliseconds},
      {.key = "predicted_ms", .title = "predicted", .unit = Unit::milliseconds},
      {.key = "error_percent", .title = "error", .unit = Unit::percent},
      {.key = "interval_low_ms", .title = "from", .unit = Unit::milliseconds, .rank = 1},
      {.key = "interval_high_ms", .title = "to", .unit = Unit::milliseconds, .rank = 1},
  };
  for (const api::EvaluatedRow* row : rows) {
    table.rows.push_back({row->id, row->family, row->times.measured, row->times.predicted,
                          error_percent(row->times), row->times.low, row->times.high});
  }
  return table;
}

std::string name_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::networks:
      return "networks";
    case Protocol::families:
      return "families";
    case Protocol::few:
      return "few";
    case Protocol::devices:
      return "devices";
  }
  return {};
}

std::string method_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::networks:
      return "fitted on four fifths of the networks, scored on the rest; equal structures on one side";
    case Protocol::families:
      return "each family predicted by a model without it; then with 3 and 10 of its networks (five draws)";
    case Protocol::few:
      return "fitted on a few networks, random (five draws) or chosen, scored on a fifth of all";
    case Protocol::devices:
      return "adapted with a few networks, random (five draws) or chosen, scored on a fifth of all";
  }
  return {};
}

}  // namespace

void write_fit(JsonWriter& json, const api::FitResult& result) {
  json.field("profile", result.profile);
  json.field("name", result.name);
  json.field("bytes", result.bytes);
  json.field("seconds", result.time.value / 1e3);
  json.field("networks", result.networks);
  json.key("cross_validation");
  json.begin_object();
  json.field("method", result.cross_validation.method);
  write_figures(json, result.cross_validation.figures);
  json.field("noise_floor_percent", result.noise_floor_percent);
  write_families(json, result.cross_validation.families);
  json.end_object();
  write_diagnostics(json, result.diagnostics);
}

std::string fit_json(const api::FitResult& result) {
  JsonWriter json = begin_document("fit");
  write_fit(json, result);
  json.end_object();
  return json.take();
}

std::string adapt_json(const api::AdaptResult& result) {
  JsonWriter json = begin_document("adapt");
  write_fit(json, result);
  json.array("tried", result.tried, [&](const api::TriedCandidate& each) {
    json.begin_object();
    json.field("what", each.what);
    json.field("error_percent", each.error_percent);
    json.end_object();
  });
  json.end_object();
  return json.take();
}

Document fit_document(const api::FitResult& result) {
  Document document;
  document.title = "Fitted " + result.name;
  document.facts = {{"profile", result.profile},
                    {"size", static_cast<std::int64_t>(result.bytes), Unit::bytes},
                    {"networks", static_cast<std::int64_t>(result.networks), Unit::count},
                    {"took", result.time.value, Unit::milliseconds},
                    {"noise floor", cell(result.noise_floor_percent), Unit::percent}};
  Table table;
  table.title = "Cross-validation: networks that their model never saw";
  table.columns = accuracy_columns("family");
  for (const auto& [family, figures] : result.cross_validation.families) {
    table.rows.push_back(accuracy_row(family, figures));
  }
  table.totals = accuracy_row("all", result.cross_validation.figures);
  table.selectable = true;
  document.tables.push_back(std::move(table));
  document.diagnostics = result.diagnostics;
  return document;
}

Document adapt_document(const api::AdaptResult& result) {
  Document document = fit_document(result);
  document.title = "Adapted " + result.name;
  Table table;
  table.title = "What was tried: the first one was taken";
  table.columns = {{.key = "what", .title = "model"},
                   {.key = "error_percent", .title = "error", .unit = Unit::percent}};
  for (const api::TriedCandidate& each : result.tried) table.rows.push_back({each.what, each.error_percent});
  document.tables.push_back(std::move(table));
  return document;
}

std::string export_json(const api::ExportResult& result) {
  JsonWriter json = begin_document("dataset");
  json.field("output", result.output);
  json.field("networks", result.networks);
  json.field("test_networks", result.test);
  json.field("nodes", result.nodes);
  json.field("edges", result.edges);
  json.array("operators", result.operators);
  json.array("devices", result.devices);
  write_diagnostics(json, {});
  json.end_object();
  return json.take();
}

Document export_document(const api::ExportResult& result) {
  Document document;
  document.title = "Wrote " + result.output;
  const auto count = [](std::size_t number) { return static_cast<std::int64_t>(number); };
  document.facts = {{"networks", count(result.networks), Unit::count},
                    {"of these for testing", count(result.test), Unit::count},
                    {"nodes", count(result.nodes), Unit::count},
                    {"edges", count(result.edges), Unit::count},
                    {"operators", count(result.operators.size()), Unit::count},
                    {"devices", count(result.devices.size()), Unit::count}};
  return document;
}

std::string evaluate_json(const api::EvaluateResult& result, bool rows) {
  JsonWriter json = begin_document("evaluate");
  json.field("device", result.device);
  write_figures(json, result.figures);
  json.field("noise_floor_percent", result.noise_floor_percent);
  json.array("families", result.families, [&](const auto& family) {
    json.begin_object();
    json.field("family", family.first);
    write_figures(json, family.second);
    json.end_object();
  });
  json.array("worst", worst_of(result), [&](const api::EvaluatedRow* row) {
    json.begin_object();
    json.field("id", row->id);
    json.field("measured_ms", row->times.measured);
    json.field("predicted_ms", row->times.predicted);
    json.field("error_percent", error_percent(row->times));
    json.end_object();
  });
  if (rows) {
    json.array("rows", result.rows, [&](const api::EvaluatedRow& row) {
      json.begin_object();
      json.field("id", row.id);
      json.field("family", row.family);
      json.field("measured_ms", row.times.measured);
      json.field("predicted_ms", row.times.predicted);
      json.array("interval90_ms", std::vector<double>{row.times.low, row.times.high});
      json.end_object();
    });
  }
  write_diagnostics(json, result.diagnostics);
  json.end_object();
  return json.take();
}

Document evaluate_document(const api::EvaluateResult& result, bool rows) {
  Document document;
  document.title = "Predicted against measured: " + result.device;
  document.facts = {{"noise floor", cell(result.noise_floor_percent), Unit::percent}};
  Table table;
  table.columns = accuracy_columns("family");
  for (const auto& [family, figures] : result.families) table.rows.push_back(accuracy_row(family, figures));
  table.totals = accuracy_row("all", result.figures);
  table.selectable = !rows;
  document.flat = table;
  document.tables.push_back(std::move(table));
  document.tables.push_back(network_table("Worst", worst_of(result)));
  if (rows) {
    std::vector<const api::EvaluatedRow*> all;
    for (const api::EvaluatedRow& row : result.rows) all.push_back(&row);
    Table networks = network_table("Networks", all);
    networks.selectable = true;
    document.flat = networks;
    document.tables.push_back(std::move(networks));
  }
  document.diagnostics = result.diagnostics;
  return document;
}

std::string protocol_json(const api::ProtocolReport& report) {
  JsonWriter json = begin_document("evaluate");
  json.field("device", report.column);
  json.field("protocol", name_of(report.protocol));
  json.field("method", method_of(report.protocol));
  json.field("seed", report.seed);
  json.field("fitted", report.result.fitted);
  json.field("scored", report.result.scored);
  json.field("seconds", report.time.value / 1e3);
  json.field("noise_floor_percent", report.noise_floor_percent);
  json.array("families", report.result.rows, [&](const ProtocolRow& row) {
    json.begin_object();
    json.field("family", row.what);
    write_figures(json, row.figures);
    if (report.protocol == Protocol::families) {
      json.field("within_10_percent_with_3", row.within_10_with_3);
      json.field("within_10_percent_with_10", row.within_10_with_10);
    }
    if (row.spread) json.field("within_10_percent_spread", row.spread);
    json.end_object();
  });
  write_diagnostics(json, {});
  json.end_object();
  return json.take();
}

Document protocol_document(const api::ProtocolReport& report) {
  Document document;
  document.title = "How well fitting does: " + report.column;
  document.facts = {{"method", method_of(report.protocol)},
                    {"seed", static_cast<std::int64_t>(report.seed)},
                    {"networks fitted on", static_cast<std::int64_t>(report.result.fitted), Unit::count},
                    {"networks scored", static_cast<std::int64_t>(report.result.scored), Unit::count},
                    {"noise floor", cell(report.noise_floor_percent), Unit::percent},
                    {"took", report.time.value, Unit::milliseconds}};
  if (report.result.fitted == 0) document.facts.erase(document.facts.begin() + 2);
  Table table;
  table.selectable = true;
  table.columns = accuracy_columns(report.protocol == Protocol::few ? "fitted on" : "family");
  const bool families = report.protocol == Protocol::families;
  const bool few = report.protocol == Protocol::few;
  if (families) {
    table.columns.push_back({.key = "with_3", .title = "within 10 %, 3 known", .unit = Unit::percent});
    table.columns.push_back({.key = "with_10", .title = "10 known", .unit = Unit::percent});
  }
  if (few)
    table.columns.push_back({.key = "spread", .title = "spread of within 10 %", .unit = Unit::percent});
  for (const ProtocolRow& row : report.result.rows) {
    Row cells = accuracy_row(row.what, row.figures);
    if (families) cells.push_back(cell(row.within_10_with_3));
    if (families) cells.push_back(cell(row.within_10_with_10));
    if (few) cells.push_back(cell(row.spread));
    table.rows.push_back(std::move(cells));
  }
  document.tables.push_back(std::move(table));
  return document;
}

}  // namespace foretime::report
