#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "report/cells.h"
#include "report/foreign_kernels.h"
#include "report/inspect_report.h"
#include "report/kernel_table.h"
#include "report/numbers.h"

namespace foretime::report {
namespace {

constexpr const char* kConvention = "1 MAC = 2 FLOPs.";

Cell macs_of(const api::LayerRow& layer) {
  return layer.analyzer ? Cell{layer.analyzer->macs} : cell(layer.macs);
}

Cell macs_share(const api::LayerRow& layer, double all) {
  if (layer.analyzer) return share(layer.analyzer->macs, all);
  return layer.macs ? share(static_cast<double>(layer.macs->value), all) : Cell{};
}

double macs_total(const api::InspectTotals& totals) {
  return totals.analyzer ? totals.analyzer->macs : static_cast<double>(totals.macs.value);
}

Row layer_row(const api::LayerRow& layer, double all_macs) {
  return row_of(layer.name, layer.op, layer.module_path, shapes_text(layer.inputs),
                shapes_text(layer.outputs), layer.parameters, macs_of(layer), macs_share(layer, all_macs),
                cell(layer.flops), cell(layer.weight_bytes), cell(layer.read_bytes), cell(layer.write_bytes),
                cell(layer.intensity));
}

Row totals_row(const api::InspectTotals& totals) {
  return {counted(totals.layers, "layer"),
          Cell{},
          Cell{},
          Cell{},
          Cell{},
          totals.parameters,
          macs_total(totals),
          Cell{},
          cell(totals.flops),
          cell(totals.weight_bytes),
          cell(totals.activation_read_bytes),
          cell(totals.activation_write_bytes),
          Cell{}};
}

void append(Row& row, const std::optional<api::AnalyzerColumns>& figures) {
  if (!figures) return row.resize(row.size() + 4);
  row.insert(row.end(), {cell(figures->storage_bytes), cell(figures->inference_bytes),
                         cell(figures->mem_read_bytes), cell(figures->mem_write_bytes)});
}

/// What `--rules dnn-analyzer` counts besides.
void add_analyzer_columns(Table& table, const api::InspectResult& result) {
  if (!result.totals.analyzer) return;
  table.columns.push_back({.key = "storage_bytes", .title = "storage", .unit = Unit::bytes});
  table.columns.push_back({.key = "inference_bytes", .title = "inference", .unit = Unit::bytes});
  table.columns.push_back({.key = "mem_read_bytes", .title = "mem read", .unit = Unit::bytes});
  table.columns.push_back({.key = "mem_write_bytes", .title = "mem write", .unit = Unit::bytes});
  for (std::size_t i = 0; i < table.rows.size(); ++i) append(table.rows[i], result.layers[i].analyzer);
  append(table.totals, result.totals.analyzer);
}

Table layer_table(const api::InspectResult& result) {
  Table table;
  table.selectable = true;
  table.columns = {
      {.key = "name", .title = "layer", .cut = true},
      {.key = "op", .title = "op"},
      {.key = "module_path", .title = "module", .detail = true, .cut = true},
      {.key = "inputs", .title = "inputs", .detail = true, .cut = true},
      {.key = "outputs", .title = "output", .rank = 3, .cut = true},
      {.key = "parameters", .title = "params", .unit = Unit::count, .rank = 1},
      {.key = "macs", .title = "MACs", .unit = Unit::count},
      {.key = "macs_percent", .title = "MACs %", .unit = Unit::percent, .rank = 4, .bar = true},
      {.key = "flops", .title = "FLOPs", .unit = Unit::count, .rank = 2},
      {.key = "weight_bytes", .title = "weights", .unit = Unit::bytes, .rank = 6},
      {.key = "read_bytes", .title = "read", .unit = Unit::bytes, .rank = 5},
      {.key = "write_bytes", .title = "written", .unit = Unit::bytes, .rank = 5},
      {.key = "intensity", .title = "FLOP/B", .unit = Unit::ratio, .rank = 7},
  };
  const double all_macs = macs_total(result.totals);
  table.rows.reserve(result.layers.size());
  for (const api::LayerRow& layer : result.layers) table.rows.push_back(layer_row(layer, all_macs));
  table.totals = totals_row(result.totals);
  add_analyzer_columns(table, result);
  return table;
}

/// Names of the largest tensors alive at the peak, with their sizes.
std::string alive_text(const std::vector<api::TensorInfo>& alive) {
  constexpr std::size_t kShown = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(kShown, alive.size()); ++i) {
    const auto bytes = bytes_of(alive[i].type);
    text += fmt::format("{}{}{}", i == 0 ? "" : ", ", alive[i].name,
                        bytes ? fmt::format(" ({})", human_text(*bytes, Unit::bytes)) : "");
  }
  if (alive.size() > kShown) text += fmt::format(", {} more", alive.size() - kShown);
  return text;
}

std::string model_title(const api::ModelInfo& model) {
  std::string text = fmt::format("{}: ", model.path);
  if (!model.name.empty() && model.format != "zoo") text += fmt::format("{}, ", model.name);
  text += model.format == "zoo" ? "built-in network" : model.format;
  if (model.bytes.value > 0) text += fmt::format(", {}", human_text(cell(model.bytes), Unit::bytes));
  return text;
}

void add_tensors(Document& document, const char* label, const std::vector<api::TensorInfo>& tensors) {
  constexpr std::size_t kShown = 8;
  for (std::size_t i = 0; i < std::min(kShown, tensors.size()); ++i) {
    document.facts.push_back({label, fmt::format("{}  {} {}", tensors[i].name, name_of(tensors[i].type.dtype),
                                                 shape_text(tensors[i].type.shape))});
  }
  if (tensors.size() > kShown) {
    document.facts.push_back({label, fmt::format("… {} more", tensors.size() - kShown)});
  }
}

std::string without_cost(std::int64_t unknown, std::int64_t layers) {
  return fmt::format("{} of {} layers have no known cost: the sums are lower bounds.", unknown, layers);
}

void add_remarks(Document& document, const api::InspectResult& result) {
  const api::InspectTotals& totals = result.totals;
  if (totals.layers_without_cost > 0) {
    document.remarks.push_back(without_cost(totals.layers_without_cost, totals.layers));
  }
  document.remarks.push_back(
      fmt::format("{} MACs, {} FLOPs, {} parameters ({}). {}", human_text(macs_total(totals), Unit::count),
                  human_text(cell(totals.flops), Unit::count), human_text(totals.parameters, Unit::count),
                  human_text(cell(totals.weight_bytes), Unit::bytes), kConvention));
  if (totals.folded_macs.value > 0) {
    document.remarks.push_back(
        fmt::format("Another {} MACs are products of constants: computed once, when loading.",
                    human_text(cell(totals.folded_macs), Unit::count)));
  }
  if (result.peak_at.empty()) return;
  document.remarks.push_back(fmt::format("Peak activation memory: {} at {}; alive: {}.",
                                         human_text(cell(totals.peak_activation_bytes), Unit::bytes),
                                         result.peak_at, alive_text(result.peak_alive)));
}

Document one_model(const api::InspectResult& result) {
  Document document;
  document.title = model_title(result.model);
  add_tensors(document, "input", result.inputs);
  add_tensors(document, "output", result.outputs);
  document.tables.push_back(layer_table(result));
  if (result.kernels) {
    document.tables.front().selectable = false;  // the kernels are the main table then
    const bool foreign = !result.kernels->empty() && !result.kernels->front().foreign.empty();
    document.tables.push_back(foreign ? foreign_kernel_table(*result.kernels)
                                      : kernel_table(*result.kernels));
    document.tables.back().title = "Kernels";
  }
  add_remarks(document, result);
  document.diagnostics = result.diagnostics;
  return document;
}

Row model_row(const api::InspectResult& result) {
  const api::InspectTotals& totals = result.totals;
  return {result.model.path,
          result.model.format,
          result.model.name,
          totals.layers,
          totals.parameters,
          macs_total(totals),
          cell(totals.flops),
          cell(totals.weight_bytes),
          cell(totals.activation_read_bytes),
          cell(totals.activation_write_bytes),
          cell(totals.activation_sum_bytes),
          cell(totals.peak_activation_bytes),
          totals.layers_without_cost};
}

Table model_table(const std::vector<api::InspectResult>& results) {
  Table table;
  table.selectable = true;
  table.columns = {
      {.key = "model", .title = "model", .cut = true},
      {.key = "format", .title = "format", .rank = 5},
      {.key = "name", .title = "name", .detail = true, .cut = true},
      {.key = "layers", .title = "layers", .unit = Unit::count, .rank = 4},
      {.key = "parameters", .title = "params", .unit = Unit::count},
      {.key = "macs", .title = "MACs", .unit = Unit::count},
      {.key = "flops", .title = "FLOPs", .unit = Unit::count, .rank = 1},
      {.key = "weight_bytes", .title = "weights", .unit = Unit::bytes, .rank = 3},
      {.key = "activation_read_bytes", .title = "read", .unit = Unit::bytes, .rank = 6},
      {.key = "activation_write_bytes", .title = "written", .unit = Unit::bytes, .rank = 6},
      {.key = "activation_sum_bytes", .title = "activations", .unit = Unit::bytes, .detail = true},
      {.key = "peak_activation_bytes", .title = "peak", .unit = Unit::bytes, .rank = 2},
      {.key = "layers_without_cost", .title = "unknown", .unit = Unit::count, .rank = 7},
  };
  for (const api::InspectResult& result : results) table.rows.push_back(model_row(result));
  return table;
}

Document batch(const api::Inspections& inspections) {
  Document document;
  document.title = counted(static_cast<std::int64_t>(inspections.results.size()), "model");
  document.flat = model_table(inspections.results);
  document.failed = failure_table(inspections.failures);
  if (inspections.results.empty()) return document;
  document.tables.push_back(*document.flat);
  const auto partly = std::count_if(inspections.results.begin(), inspections.results.end(),
                                    [](const auto& r) { return r.totals.layers_without_cost > 0; });
  if (partly > 0) {
    document.remarks.push_back(fmt::format(
        "{} of {} models have layers without a known cost (column \"unknown\"): their sums are lower "
        "bounds.",
        partly, inspections.results.size()));
  }
  document.remarks.emplace_back(kConvention);
  document.diagnostics = inspections.diagnostics;
  for (const api::InspectResult& result : inspections.results) {
    for (Diagnostic diagnostic : result.diagnostics) {
      diagnostic.where = result.model.path + (diagnostic.where.empty() ? "" : ": " + diagnostic.where);
      document.diagnostics.push_back(std::move(diagnostic));
    }
  }
  return document;
}

}  // namespace

Document inspect_document(const api::Inspections& inspections) {
  return inspections.batch ? batch(inspections) : one_model(inspections.results.front());
}

}  // namespace foretime::report
