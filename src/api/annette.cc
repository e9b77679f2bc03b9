#include "api/annette.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/mapped_file.h"
#include "base/stopwatch.h"
#include "formats/annette/graph_writer.h"
#include "formats/annette/raw_graph.h"
#include "formats/mmdnn/model.h"
#include "kernels/annette/mappings.h"
#include "kernels/annette/network.h"
#include "predictors/annette/corrections.h"
#include "predictors/annette/estimate.h"

namespace foretime::api {
namespace {

namespace fs = std::filesystem;

annette::LayerModel layers_of(const std::string& layers) {
  if (layers.find('/') == std::string::npos && !layers.ends_with(".json"))
    return annette::layer_model_for(layers);
  return annette::layer_model_of_json(MappedFile::open(layers)->text(), layers);
}

/// A file of ANNETTE's or MMdnn's own as it stands, else what `convert` would write.
annette::RawGraph raw_graph(const std::string& spec, const Bindings& bindings, std::set<std::string>& used,
                            Diagnostics& diagnostics) {
  if (!spec.starts_with("zoo:")) {
    const auto file = MappedFile::open(spec);
    if (annette::is_raw_graph(file->text())) {
      return annette::with_columns(annette::parse_raw_graph(file->text(), spec), bindings.dims, used);
    }
    if (mmdnn::is_json(file->text()) || mmdnn::is_protobuf(file->text())) {
      return mmdnn::read_raw_graph(file->text(), spec, diagnostics);
    }
  }
  Model model = load_model(spec, bindings);
  used = model.used_bindings;
  diagnostics = std::move(model.diagnostics);
  return annette::from_graph(model.graph);
}

/// "+12.3 ms": what doing it right would add to ANNETTE's total.
std::string effect_text(double milliseconds) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%+.3g ms", milliseconds);
  return text.data();
}

void note_mistakes(const annette::Network& network, const annette::NetworkEstimate& estimate,
                   const annette::LayerModel& model, Diagnostics& diagnostics) {
  for (annette::Correction& each : annette::corrections(network, estimate, model)) {
    diagnostics.push_back({Severity::warning, std::move(each.code),
                           each.message + " (right: " + effect_text(each.effect_ms) + ")",
                           std::move(each.where)});
  }
}

KernelRow row_of(const annette::LayerEstimate& estimate, const annette::Network& network) {
  constexpr std::array<const char*, annette::kDimensions> kEfficiencies = {"h_eff", "w_eff", "c_eff",
                                                                           "f_eff"};
  KernelRow row;
  row.kind = estimate.layer->type;
  row.name = estimate.layer->name;
  row.members.emplace_back(row.name);
  for (const auto& [type, place] : estimate.layer->fused)
    row.members.emplace_back(network.layers[place].name);
  row.latency = Milliseconds{estimate.time_ms};
  row.source = estimate.by_base ? "fallback" : "analytic";
  row.config = {{"num_ops", static_cast<double>(estimate.counts.num_ops)},
                {"num_inputs", static_cast<double>(estimate.counts.num_inputs)},
                {"num_outputs", static_cast<double>(estimate.counts.num_outputs)},
                {"num_weights", static_cast<double>(estimate.counts.num_weights)},
                {"data_bytes", estimate.data_bytes},
                {"op_roof_s", estimate.op_roof_s},
                {"data_roof_s", estimate.data_roof_s}};
  if (!estimate.efficiencies) return row;
  for (std::size_t i = 0; i < annette::kDimensions; ++i)
    row.config.emplace_back(kEfficiencies[i], (*estimate.efficiencies)[i]);
  row.config.emplace_back("eff", estimate.efficiency);
  return row;
}

PredictionRow predict_one(const std::string& spec, const AnnetteRequest& request, const RuleSet& rules,
                          const annette::LayerModel& model, std::set<std::string>& used, Stages& stages) {
  PredictionRow row;
  row.model = spec;
  row.device = model.name();
  row.basis = "ANNETTE, mapping " + request.mapping;
  Stopwatch watch;
  const annette::RawGraph raw = raw_graph(spec, request.bindings, used, row.diagnostics);
  stages.emplace_back("read", watch.elapsed());
  watch = {};
  try {
    annette::Network network = annette::load(raw);
    annette::apply(rules, network);
    stages.emplace_back("map", watch.elapsed());
    watch = {};
    const annette::NetworkEstimate estimate = annette::estimate(network, model);
    stages.emplace_back("estimate", watch.elapsed());
    row.latency = {estimate.total_ms};
    for (const annette::LayerEstimate& layer : estimate.layers) row.kernels.push_back(row_of(layer, network));
    note_mistakes(network, estimate, model, row.diagnostics);
  } catch (const Error& error) {
    throw Error(spec, error.what());
  }
  return row;
}

}  // namespace

std::vector<std::string> annette_mappings() {
  return annette::mappings();
}

std::vector<std::string> annette_layer_models() {
  return annette::layer_models();
}

RuleSet annette_mapping(const std::string& mapping) {
  if (mapping.ends_with(".rules")) return parse_rules(MappedFile::open(mapping)->text(), mapping);
  if (mapping.find('/') == std::string::npos && !mapping.ends_with(".json"))
    return annette::mapping_for(mapping);
  const fs::path folder = fs::path(mapping).parent_path();
  const auto read = [&](const std::string& path) {
    return std::string(MappedFile::open((folder / path).string())->text());
  };
  return annette::mapping_of_json(MappedFile::open(mapping)->text(), mapping, read);
}

PredictResult predict_annette(const AnnetteRequest& request) {
  PredictResult result;
  const RuleSet rules = annette_mapping(request.mapping);
  const annette::LayerModel model = layers_of(request.layers);
  const Inputs inputs = expand_inputs(request.models);
  result.batch = inputs.batch;
  std::vector<std::set<std::string>> used;
  for (const std::string& spec : inputs.models) {
    try {
      std::set<std::string> names;
      result.predictions.push_back(predict_one(spec, request, rules, model, names, result.stages));
      used.push_back(std::move(names));
    } catch (const Error& error) {
      if (!inputs.batch) throw;
      result.failures.push_back({spec, error.what()});
    }
  }
  check_bindings(request.bindings, used, result.diagnostics);
  return result;
}

}  // namespace foretime::api
