#include "report/annette_report.h"

#include <algorithm>
#include <array>

#include "report/cells.h"
#include "report/json_writer.h"

namespace foretime::report {
namespace {

constexpr std::array<const char*, 4> kCounts = {"num_ops", "num_inputs", "num_outputs", "num_weights"};

/// The name of a network: its file's, without folder and suffix.
std::string network_name(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string file = slash == std::string::npos ? path : path.substr(slash + 1);
  return file.substr(0, file.rfind('.'));
}

/// "ov" out of the basis "ANNETTE, mapping ov".
std::string mapping_name(const std::string& basis) {
  return network_name(basis.substr(basis.rfind(' ') + 1));
}

void write_network(JsonWriter& json, const api::PredictionRow& row) {
  json.begin_object();
  json.key("layers");
  json.begin_object();
  for (const api::KernelRow& kernel : row.kernels) json.field(kernel.name, kernel.latency);
  json.end_object();
  json.field("sum", row.latency);
  json.field("hardware", row.device);
  json.field("network", network_name(row.model));
  json.field("model", mapping_name(row.basis));
  json.end_object();
}

double count_of(const api::KernelRow& kernel, const char* key) {
  return kernel.quantity(key).value_or(0);
}

}  // namespace

std::string annette_json(const api::PredictResult& result) {
  JsonWriter json;
  const bool several = result.predictions.size() != 1;
  if (several) json.begin_array();
  for (const api::PredictionRow& row : result.predictions) write_network(json, row);
  if (several) json.end_array();
  return json.take();
}

std::string annette_place(const api::PredictionRow& row) {
  std::string model = row.device;
  std::replace(model.begin(), model.end(), '/', '_');
  if (model.empty() || model[0] == '.') model.insert(0, "_");
  return model + "/" + network_name(row.model) + "_" + mapping_name(row.basis);
}

Document annette_document(const api::PredictResult& result) {
  Document document;
  Table table;
  table.selectable = true;
  for (const char* name : {"index", "name", "type", "time(ms)"})
    table.columns.push_back({.key = name, .title = name});
  for (const char* name : kCounts) table.columns.push_back({.key = name, .title = name});
  for (const char* name : {"difficulty1", "difficulty2", "difficulty3"}) {
    table.columns.push_back({.key = name, .title = name, .detail = true});
  }
  for (const api::PredictionRow& row : result.predictions) {
    document.title += (document.title.empty() ? "" : ", ") + row.model;
    std::int64_t index = 0;
    for (const api::KernelRow& kernel : row.kernels) {
      Row cells = {index++, kernel.name, kernel.kind, cell(kernel.latency)};
      for (const char* name : kCounts) cells.emplace_back(static_cast<std::int64_t>(count_of(kernel, name)));
      for (int i = 0; i < 3; ++i) cells.push_back(cell(kernel.latency));
      table.rows.push_back(std::move(cells));
    }
    document.diagnostics.insert(document.diagnostics.end(), row.diagnostics.begin(), row.diagnostics.end());
  }
  document.tables = {std::move(table)};
  return document;
}

}  // namespace foretime::report
