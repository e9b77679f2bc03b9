#include "report/inspect_report.h"
#include "report/json_parts.h"

namespace foretime::report {
namespace {

void write_model(JsonWriter& json, const api::ModelInfo& model) {
  json.key("model");
  json.begin_object();
  json.field("path", model.path);
  json.field("format", model.format);
  json.field("name", model.name);
  json.key("bytes");
  if (model.bytes.value > 0) {
    json.value(model.bytes);
  } else {
    json.value(nullptr);  // a built-in network lies in no file
  }
  json.end_object();
}

/// The predecessor's MACs may be fractional and replace ours; its other figures are keys of their own.
template <typename Known>
void write_macs(JsonWriter& json, const std::optional<api::AnalyzerColumns>& analyzer, const Known& macs) {
  if (analyzer) {
    json.field("macs", analyzer->macs);
  } else {
    json.field("macs", macs);
  }
}

void write_analyzer(JsonWriter& json, const std::optional<api::AnalyzerColumns>& analyzer) {
  if (!analyzer) return;
  json.field("storage_bytes", analyzer->storage_bytes);
  json.field("inference_bytes", analyzer->inference_bytes);
  json.field("mem_read_bytes", analyzer->mem_read_bytes);
  json.field("mem_write_bytes", analyzer->mem_write_bytes);
}

void write_totals(JsonWriter& json, const api::InspectTotals& totals) {
  json.key("totals");
  json.begin_object();
  json.field("layers", totals.layers);
  write_macs(json, totals.analyzer, totals.macs);
  json.field("folded_macs", totals.folded_macs);
  json.field("flops", totals.flops);
  json.field("parameters", totals.parameters);
  json.field("weight_bytes", totals.weight_bytes);
  json.field("activation_read_bytes", totals.activation_read_bytes);
  json.field("activation_write_bytes", totals.activation_write_bytes);
  json.field("activation_sum_bytes", totals.activation_sum_bytes);
  json.field("peak_activation_bytes", totals.peak_activation_bytes);
  json.field("layers_without_cost", totals.layers_without_cost);
  write_analyzer(json, totals.analyzer);
  json.end_object();
}

void write_peak(JsonWriter& json, const api::InspectResult& result) {
  json.key("peak");
  json.begin_object();
  json.key("at");
  if (result.peak_at.empty()) {
    json.value(nullptr);
  } else {
    json.value(result.peak_at);
  }
  json.array("alive", result.peak_alive, [&](const api::TensorInfo& tensor) { json.value(tensor.name); });
  json.end_object();
}

void write_layer(JsonWriter& json, const api::LayerRow& layer) {
  json.begin_object();
  json.field("name", layer.name);
  json.field("op", layer.op);
  json.field("module_path", layer.module_path);
  write_tensors(json, "inputs", layer.inputs);
  write_tensors(json, "outputs", layer.outputs);
  write_macs(json, layer.analyzer, layer.macs);
  json.field("flops", layer.flops);
  json.field("parameters", layer.parameters);
  json.field("weight_bytes", layer.weight_bytes);
  json.field("read_bytes", layer.read_bytes);
  json.field("write_bytes", layer.write_bytes);
  json.field("intensity", layer.intensity);
  write_analyzer(json, layer.analyzer);
  json.end_object();
}

/// The members of one model's object.
void write_inspection(JsonWriter& json, const api::InspectResult& result) {
  write_model(json, result.model);
  json.field("convention", "1 MAC = 2 FLOPs");
  write_tensors(json, "inputs", result.inputs);
  write_tensors(json, "outputs", result.outputs);
  write_totals(json, result.totals);
  write_peak(json, result);
  json.array("layers", result.layers, [&](const api::LayerRow& layer) { write_layer(json, layer); });
  if (result.kernels) write_kernels(json, *result.kernels);
}

}  // namespace

std::string inspect_json(const api::Inspections& inspections) {
  JsonWriter json = begin_document("inspect");
  if (!inspections.batch) {
    const api::InspectResult& result = inspections.results.front();
    write_inspection(json, result);
    Diagnostics all = inspections.diagnostics;
    all.insert(all.end(), result.diagnostics.begin(), result.diagnostics.end());
    write_diagnostics(json, all);
  } else {
    json.array("inspections", inspections.results, [&](const api::InspectResult& result) {
      json.begin_object();
      write_inspection(json, result);
      write_diagnostics(json, result.diagnostics);
      json.end_object();
    });
    write_failures(json, inspections.failures);
    write_diagnostics(json, inspections.diagnostics);
  }
  json.end_object();
  return json.take();
}

}  // namespace foretime::report
