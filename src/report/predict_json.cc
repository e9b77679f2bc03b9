#include "report/json_parts.h"
#include "report/predict_report.h"

namespace foretime::report {
namespace {

void write_prediction(JsonWriter& json, const api::PredictionRow& row) {
  json.begin_object();
  json.field("model", row.model);
  json.field("device", row.device);
  json.field("latency_ms", row.latency);
  json.key("interval90_ms");
  json.begin_array();
  json.value(row.interval_low);
  json.value(row.interval_high);
  json.end_array();
  json.field("overhead_ms", row.overhead);
  json.key("coverage");
  json.begin_object();
  json.field("kernels_percent", row.coverage_kernels_percent);
  json.field("time_percent", row.coverage_time_percent);
  json.end_object();
  json.field("basis", row.basis);
  write_kernels(json, row.kernels);
  write_diagnostics(json, row.diagnostics);
  json.end_object();
}

}  // namespace

std::string predict_json(const api::PredictResult& result) {
  JsonWriter json = begin_document("predict");
  json.array("predictions", result.predictions,
             [&](const api::PredictionRow& row) { write_prediction(json, row); });
  write_failures(json, result.failures);
  write_diagnostics(json, result.diagnostics);
  json.end_object();
  return json.take();
}

}  // namespace foretime::report
