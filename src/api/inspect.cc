#include "api/inspect.h"

#include "analysis/costs.h"
#include "analysis/memory.h"
#include "api/devices.h"
#include "api/rows.h"
#include "base/error.h"
#include "base/stopwatch.h"
#include "kernels/kernel_graph.h"
#include "predictors/prediction.h"

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
  out.flops = totals.flops;
  out.parameters = totals.parameters;
  out.weight_bytes = totals.weight_bytes;
  out.activation_read_bytes = totals.activation_read_bytes;
  out.activation_write_bytes = totals.activation_write_bytes;
  out.activation_sum_bytes = totals.activation_sum_bytes;
  out.layers_without_cost = totals.layers_without_cost;
  return out;
}

void add_peak(const Graph& graph, bool alias, InspectResult& result) {
  const analysis::Peak peak = analysis::peak_memory(graph, alias);
  result.totals.peak_activation_bytes = peak.bytes;
  if (peak.at) result.peak_at = graph[*peak.at].name;
  for (const TensorId id : peak.alive) result.peak_alive.push_back(graph[id].name);
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
  for (const analysis::Layer& layer : costs.layers) result.layers.push_back(layer_row(layer));
  add_peak(model.graph, request.alias, result);
  if (request.kernels) {
    const KernelGraph kernels = unfused(costs);
    result.kernels = request.device ? kernel_rows(foretime::predict(kernels, show_device(*request.device)))
                                    : kernel_rows(kernels);
  }
  result.stages.emplace_back("count", watch.elapsed());
  return result;
}

}  // namespace foretime::api
