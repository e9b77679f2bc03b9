#include "report/measurements_report.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "base/json_values.h"
#include "report/cells.h"
#include "report/json_parts.h"
#include "report/measure_report.h"

namespace foretime::report {
namespace {

/// A count of at least one, if it is known.
std::optional<std::int64_t> known(std::int64_t count) {
  return count > 0 ? std::optional(count) : std::nullopt;
}

Cell time_cell(double ms) {
  return std::isfinite(ms) ? Cell{ms} : Cell{};
}

/// The kernels that a measurement was kept with; without rows if there were none.
Table kernel_table(const StoredMeasurement& row) {
  Table table;
  table.title = "Kernels";
  table.columns = {{.key = "name", .title = "kernel", .cut = true},
                   {.key = "kind", .title = "kind"},
                   {.key = "members", .title = "layers", .rank = 1, .cut = true},
                   {.key = "latency_ms", .title = "time", .unit = Unit::milliseconds},
                   {.key = "share_percent", .title = "share", .unit = Unit::percent, .bar = true}};
  const Json details = parse_json(row.details.empty() ? "{}" : row.details, "details");
  const Json kernels = details.is_object() ? details.value("kernels", Json()) : Json();
  double sum = 0;
  for (const Json& kernel : kernels) sum += number_at(kernel, "latency_ms");
  for (const Json& kernel : kernels) {
    std::string members;
    for (const Json& member : kernel.value("members", Json::array()))
      members += (members.empty() ? "" : ", ") + (member.is_string() ? member.get<std::string>() : "");
    const double ms = number_at(kernel, "latency_ms");
    table.rows.push_back(
        {text_at(kernel, "name"), text_at(kernel, "kind"), std::move(members), ms, share(ms, sum)});
  }
  return table;
}

/// The members of one measurement, into an object that is open.
void write_fields(JsonWriter& json, const StoredMeasurement& row) {
  json.field("id", known(row.id));
  json.field("time", row.time);
  json.field("model", row.model);
  json.field("model_hash", row.model_hash);
  json.field("structure_hash", row.structure_hash);
  json.field("cpu_signature", row.cpu_signature);
  json.key("runtime");
  json.begin_object();
  json.field("name", row.runtime);
  json.field("version", row.version);
  json.field("provider", row.provider);
  json.field("threads", known(row.threads));
  json.field("precision", row.precision);
  json.end_object();
  const Summary& l = row.latency;
  json.key("latency_ms");
  json.begin_object();
  json.field("min", l.min);
  json.field("p05", l.p05);
  json.field("median", l.median);
  json.field("mean", l.mean);
  json.field("p90", l.p90);
  json.field("p95", l.p95);
  json.field("p99", l.p99);
  json.field("p999", l.p999);
  json.field("max", l.max);
  json.field("stddev", l.stddev);
  json.array("ci95", std::vector<double>{row.ci95.low, row.ci95.high});
  json.end_object();
  json.field("iterations", known(row.iterations));
  json.field("sessions", known(row.sessions));
  json.field("launches", known(row.launches));
  json.field("verdict", row.verdict);
  json.key("details");
  json.raw(row.details.empty() ? "null" : row.details);
}

}  // namespace

std::string measurements_json(const std::vector<StoredMeasurement>& rows) {
  JsonWriter json = begin_document("measurements");
  json.array("measurements", rows, [&](const StoredMeasurement& row) {
    json.begin_object();
    write_fields(json, row);
    json.end_object();
  });
  write_diagnostics(json, {});
  json.end_object();
  return json.take();
}

Document measurements_document(const std::vector<StoredMeasurement>& rows) {
  Document document;
  Table table;
  table.selectable = true;
  table.columns = {
      {.key = "id", .title = "id", .unit = Unit::count},
      {.key = "time", .title = "time", .rank = 2},
      {.key = "model", .title = "model", .cut = true},
      {.key = "median_ms", .title = "median", .unit = Unit::milliseconds},
      {.key = "min_ms", .title = "min", .unit = Unit::milliseconds, .rank = 1},
      {.key = "stddev_ms", .title = "stddev", .unit = Unit::milliseconds, .detail = true},
      {.key = "verdict", .title = "verdict"},
      {.key = "runtime", .title = "runtime", .rank = 3},
      {.key = "provider", .title = "provider", .rank = 4},
      {.key = "threads", .title = "threads", .unit = Unit::count, .rank = 3},
      {.key = "iterations", .title = "samples", .unit = Unit::count, .rank = 4},
      {.key = "model_hash", .title = "hash", .detail = true},
      {.key = "structure_hash", .title = "structure", .detail = true},
      {.key = "cpu_signature", .title = "processor", .rank = 5, .cut = true},
  };
  for (const StoredMeasurement& row : rows) {
    const auto count = [](std::int64_t number) { return known(number) ? Cell{number} : Cell{}; };
    table.rows.push_back({count(row.id), row.time, row.model, row.latency.median, time_cell(row.latency.min),
                          time_cell(row.latency.stddev), row.verdict,
                          row.version.empty() ? row.runtime : row.runtime + " " + row.version, row.provider,
                          count(row.threads), count(row.iterations), row.model_hash, row.structure_hash,
                          row.cpu_signature});
  }
  document.tables.push_back(std::move(table));
  return document;
}

std::string measurement_json(const StoredMeasurement& row) {
  JsonWriter json = begin_document("measurements");
  write_fields(json, row);
  json.array("samples_ms", row.samples, [&](float sample) { json.value(static_cast<double>(sample)); });
  write_diagnostics(json, {});
  json.end_object();
  return json.take();
}

Document measurement_document(const StoredMeasurement& row) {
  Document document = measurements_document({row});
  document.title = fmt::format("Measurement {}", row.id);
  document.flat = document.tables.front();
  if (Table kernels = kernel_table(row); !kernels.rows.empty()) document.tables.push_back(std::move(kernels));
  if (!row.samples.empty()) {
    document.tables.push_back(histogram_table(histogram({row.samples.begin(), row.samples.end()}, 20)));
  }
  return document;
}

std::string imported_json(const api::ImportedMeasurements& imported) {
  JsonWriter json = begin_document("measurements");
  json.array("measurements", imported.rows, [&](const StoredMeasurement& row) {
    json.begin_object();
    write_fields(json, row);
    json.end_object();
  });
  write_failures(json, imported.failures);
  write_diagnostics(json, {});
  json.end_object();
  return json.take();
}

Document imported_document(const api::ImportedMeasurements& imported) {
  Document document = imported.rows.size() == 1 && !imported.batch
                          ? measurement_document(imported.rows.front())
                          : measurements_document(imported.rows);
  if (!imported.failures.empty()) document.tables.push_back(failure_table(imported.failures));
  return document;
}

std::string exported_json(const api::ExportedMeasurements& exported) {
  JsonWriter json = begin_document("measurements");
  json.field("output", exported.output);
  json.field("rows", exported.rows);
  write_diagnostics(json, {});
  json.end_object();
  return json.take();
}

Document exported_document(const api::ExportedMeasurements& exported) {
  Document document;
  Table table;
  table.columns = {{.key = "output", .title = "written"},
                   {.key = "rows", .title = "rows", .unit = Unit::count}};
  table.rows = {{exported.output, static_cast<std::int64_t>(exported.rows)}};
  document.tables.push_back(std::move(table));
  return document;
}

std::string pruned_json(std::int64_t removed) {
  JsonWriter json = begin_document("measurements");
  json.field("removed", removed);
  write_diagnostics(json, {});
  json.end_object();
  return json.take();
}

Document pruned_document(std::int64_t removed) {
  Document document;
  Table table;
  table.columns = {{.key = "removed", .title = "removed", .unit = Unit::count}};
  table.rows = {{removed}};
  document.tables.push_back(std::move(table));
  return document;
}

}  // namespace foretime::report
