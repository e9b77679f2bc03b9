#pragma once

// Small results made by hand, for tests of what prints them.

#include "report/inspect_report.h"
#include "report/predict_report.h"

namespace foretime::report::testing {

inline api::TensorInfo tensor(std::string name, std::vector<std::int64_t> sizes) {
  return {std::move(name), {DataType::float32, Shape(sizes.begin(), sizes.end())}};
}

/// A convolution and an operator that nobody knows.
inline api::InspectResult inspection() {
  api::InspectResult result;
  result.model = {"net.onnx", "onnx", "net", {2048}};
  result.inputs = {tensor("x", {1, 3, 8, 8})};
  result.outputs = {{"z", {DataType::float32, Shape{Dim(1), Dim::named("found", 0, 100)}}}};
  api::LayerRow conv;
  conv.name = "conv, \"first\"";
  conv.op = "Conv";
  conv.module_path = "features.0";
  conv.inputs = result.inputs;
  conv.outputs = {tensor("y", {1, 16, 8, 8})};
  conv.macs = Macs{27648};
  conv.flops = Flops{56320};
  conv.parameters = 448;
  conv.weight_bytes = {1792};
  conv.read_bytes = Bytes{768};
  conv.write_bytes = Bytes{4096};
  conv.intensity = 8.5;
  api::LayerRow odd;
  odd.name = "odd";
  odd.op = "Odd";
  odd.inputs = conv.outputs;
  odd.outputs = result.outputs;
  result.layers = {conv, odd};
  result.totals.layers = 2;
  result.totals.macs = {27648};
  result.totals.flops = {56320};
  result.totals.parameters = 448;
  result.totals.weight_bytes = {1792};
  result.totals.activation_read_bytes = {768};
  result.totals.activation_write_bytes = {4096};
  result.totals.activation_sum_bytes = {4096};
  result.totals.peak_activation_bytes = {4864};
  result.totals.layers_without_cost = 1;
  result.peak_at = conv.name;
  result.peak_alive = {conv.outputs[0], conv.inputs[0]};
  result.diagnostics = {{Severity::warning, "unknown-operator", "no rule for Odd", "odd"}};
  return result;
}

inline api::PredictionRow prediction(std::string model, std::string device, double latency_ms) {
  api::PredictionRow row;
  row.model = std::move(model);
  row.device = std::move(device);
  row.latency = {latency_ms};
  row.interval_low = Milliseconds{latency_ms / 2};
  row.interval_high = Milliseconds{latency_ms * 3};
  row.overhead = {0.25};
  row.basis = "analytic roofline";
  row.kernels = {
      {"conv", "conv", {"conv", "relu"}, Milliseconds{latency_ms - 0.25}, "analytic", {{"macs", 27648}}, {}},
      {"none", "view", {"view"}, Milliseconds{0}, "rule", {}, {}}};
  row.diagnostics = {{Severity::info, "batch-assumed", "'n' is 1", "x"}};
  return row;
}

}  // namespace foretime::report::testing
