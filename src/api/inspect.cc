#include "api/inspect.h"

#include <map>

#include "analysis/costs.h"
#include "analysis/dnn_analyzer.h"
#include "analysis/memory.h"
#include "api/devices.h"
#include "api/nn_meter.h"
#include "api/rows.h"
#include "base/error.h"
#include "base/stopwatch.h"
#include "kernels/kernel_graph.h"
#include "predictors/device_model.h"

namespace foretime::api {
namespace {

LayerRow layer_row(const analysis::Layer& layer) {
  LayerRow row;
  row.name = layer.name;
  row.op = layer.node->op;
  row.module_path = layer.node->module_path;
  row.inputs = tensor_infos(*layer.graph, layer.node->inputs);
  row.outputs = tensor_infos(*layer.graph, layer.node->outputs);
  if (layer.work) {
    row.macs = layer.work->macs;
    row.flops = layer.work->flops;
  }
  row.parameters = layer.parameters;
  row.weight_bytes = layer.weight_bytes;
  row.read_bytes = layer.read_bytes;
  row.write_bytes = layer.write_bytes;
  row.intensity = layer.intensity();
  return row;
}

InspectTotals totals_of(const analysis::Totals& totals) {
  InspectTotals out;
  out.layers = totals.layers;
  out.macs = totals.macs;
  out.folded_macs = totals.folded_macs;
  out.flops = totals.flops;
  out.parameters = totals.parameters;
  out.weight_bytes = totals.weight_bytes;
  out.activation_read_bytes = totals.activation_read_bytes;
  out.activation_write_bytes = totals.activation_write_bytes;
  out.activation_sum_bytes = totals.activation_sum_bytes;
  out.layers_without_cost = totals.layers_without_cost;
  return out;
}

void add(std::optional<Bytes>& sum, const std::optional<Bytes>& bytes) {
  sum = sum && bytes ? std::optional(*sum + *bytes) : std::nullopt;
}

using LayersByNode = std::map<const Node*, const analysis::Layer*>;

/// Standard columns of a call: sums over its nodes. Absent when one of them is not known.
void add_standard(const analysis::ModuleCall& call, const LayersByNode& layers, LayerRow& row) {
  Macs macs;
  Flops flops;
  bool known = true;
  row.read_bytes = row.write_bytes = Bytes{};
  for (const Node& node : call.nodes) {
    const analysis::Layer& layer = *layers.at(&node);
    known = known && layer.work.has_value();
    if (layer.work) macs += layer.work->macs;
    if (layer.work) flops += layer.work->flops;
    row.weight_bytes += layer.weight_bytes;
    add(row.read_bytes, layer.read_bytes);
    add(row.write_bytes, layer.write_bytes);
  }
  if (!known) return;
  row.macs = macs;
  row.flops = flops;
  if (!row.read_bytes || !row.write_bytes) return;
  const Bytes moved = *row.read_bytes + *row.write_bytes + row.weight_bytes;
  if (moved.value > 0) row.intensity = static_cast<double>(flops.value) / static_cast<double>(moved.value);
}

AnalyzerColumns columns_of(const analysis::AnalyzerCounts& counts) {
  return {counts.macs, counts.storage, counts.inference, counts.mem_read, counts.mem_write};
}

LayerRow layer_row(const Graph& graph, const analysis::AnalyzerRow& counted, const LayersByNode& layers) {
  LayerRow row;
  row.name = counted.call.name;
  row.op = counted.call.type;
  row.module_path = counted.layer().module_path;
  row.inputs = tensor_infos(graph, {counted.input});
  row.outputs = tensor_infos(graph, {counted.output});
  add_standard(counted.call, layers, row);
  if (counted.counts) {
    row.parameters = counted.counts->parameters;
    row.analyzer = columns_of(*counted.counts);
  }
  return row;
}

/// Puts the rows of DNN analyzer in the place of the layers. Layers, parameters and the analyzer's columns
/// are totals of the rows; what the analyzer has no rule for stays a total of the graph.
void count_by_dnn_analyzer(const Graph& graph, const analysis::Costs& costs, InspectResult& result) {
  LayersByNode layers;
  for (const analysis::Layer& layer : costs.layers) layers[layer.node] = &layer;
  const analysis::AnalyzerTable table = analysis::dnn_analyzer(graph, result.diagnostics);
  result.totals.layers_without_cost = 0;
  for (const analysis::AnalyzerRow& row : table.rows) {
    result.layers.push_back(layer_row(graph, row, layers));
    if (!row.counts) ++result.totals.layers_without_cost;
  }
  result.totals.layers = static_cast<std::int64_t>(table.rows.size());
  result.totals.parameters = table.totals.parameters;
  result.totals.analyzer = columns_of(table.totals);
}

void add_peak(const Graph& graph, bool alias, InspectResult& result) {
  const analysis::Peak peak = analysis::peak_memory(graph, alias);
  result.totals.peak_activation_bytes = peak.bytes;
  if (peak.at) result.peak_at = graph[*peak.at].name;
  for (const TensorId id : peak.alive) result.peak_alive.push_back(tensor_info(graph[id]));
  if (!peak.complete) {
    result.diagnostics.push_back({Severity::warning, "peak-incomplete",
                                  "the peak is a lower bound: sizes of some tensors are not known",
                                  result.peak_at});
  }
}

}  // namespace

InspectResult inspect(const InspectRequest& request) {
  Model model = load_model(request.model, request.bindings);
  const Stopwatch watch;
  InspectResult result;
  result.model = model.info;
  result.diagnostics = std::move(model.diagnostics);
  result.used_bindings = std::move(model.used_bindings);
  result.stages = std::move(model.stages);
  for (const TensorId id : model.graph.inputs()) result.inputs.push_back(tensor_info(model.graph[id]));
  for (const TensorId id : model.graph.outputs()) result.outputs.push_back(tensor_info(model.graph[id]));

  const analysis::Costs costs = analysis::costs(model.graph, result.diagnostics);
  result.totals = totals_of(costs.totals);
  if (request.rules == Rules::dnn_analyzer) {
    count_by_dnn_analyzer(model.graph, costs, result);
  } else {
    result.layers.reserve(costs.layers.size());
    for (const analysis::Layer& layer : costs.layers) result.layers.push_back(layer_row(layer));
  }
  add_peak(model.graph, request.alias, result);
  if (request.rules == Rules::nn_meter) {
    result.kernels = nn_meter_kernels(model, request.nn_meter_device, result.diagnostics);
  } else if (request.kernels) {
    if (request.device) {
      DeviceModel device(show_device(*request.device));
      const KernelGraph kernels = device.detect(analysis::layers(model.graph));
      result.kernels = kernel_rows(kernels, device.predict(kernels));
    } else {
      result.kernels = kernel_rows(unfused(analysis::layers(model.graph)));
    }
  }
  result.stages.emplace_back("count", watch.elapsed());
  return result;
}

Inspections inspect_all(const std::vector<std::string>& inputs, InspectRequest request) {
  if (request.device) show_device(*request.device);  // once, before a batch fails on it many times
  if (request.rules == Rules::nn_meter) check_nn_meter_device(request.nn_meter_device);
  const Inputs expanded = expand_inputs(inputs);
  Inspections all;
  all.batch = expanded.batch;
  std::vector<std::set<std::string>> used;
  for (const std::string& model : expanded.models) {
    request.model = model;
    try {
      all.results.push_back(inspect(request));
      used.push_back(all.results.back().used_bindings);
    } catch (const Error& error) {
      if (!all.batch) throw;
      all.failures.push_back({model, error.what()});
    }
  }
  check_bindings(request.bindings, used, all.diagnostics);
  return all;
}

}  // namespace foretime::api
