#include "api/nn_meter.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/mapped_file.h"
#include "formats/nnmeter/graph_writer.h"
#include "formats/nnmeter/nni_ir.h"
#include "kernels/nn_meter/detector.h"
#include "kernels/nn_meter/features.h"
#include "kernels/nn_meter/rule_sets.h"

namespace foretime::api {
namespace {

bool is_path(const std::string& device) {
  return device.find('/') != std::string::npos || device.ends_with(".json");
}

RuleSet rules_of(const std::string& device) {
  if (!is_path(device)) return nn_meter::rules_for(device);
  return nn_meter::rules_of_json(MappedFile::open(device)->text(), device);
}

/// What the file says was read before, with its diagnostics.
nnmeter::RawGraph raw_graph(const Model& model) {
  Diagnostics known;
  const std::string& path = model.info.path;
  if (model.info.format == "nnmeter-ir") {
    return nnmeter::parse_raw_graph(MappedFile::open(path)->text(), path, known);
  }
  if (model.info.format == "nni-ir")
    return nnmeter::parse_nni_ir(MappedFile::open(path)->text(), path, known);
  return nnmeter::from_graph(model.graph);
}

ConfigValue config_value(const Attribute& attribute) {
  if (const auto* one = std::get_if<std::int64_t>(&attribute)) return *one;
  if (const auto* list = std::get_if<std::vector<std::int64_t>>(&attribute)) return *list;
  if (const auto* text = std::get_if<std::string>(&attribute)) return *text;
  return std::monostate{};
}

Config config_of(const nn_meter::KernelConfig& config) {
  Config out = {{"name", config.name}, {"input_tensors", config.input_tensors}};
  const auto add = [&](const char* key, const auto& value, auto convert) {
    if (value) out.emplace_back(key, convert(*value));
  };
  const auto same = [](const auto& value) { return ConfigValue(value); };
  add("ks", config.ks, config_value);
  add("strides", config.strides, config_value);
  add("split_dim", config.split_dim, config_value);
  add("inputh", config.inputh, same);
  add("inputw", config.inputw, same);
  add("cin", config.cin, same);
  add("cout", config.cout, same);
  add("output_tensors", config.output_tensors, same);
  out.emplace_back("inbounds", config.inbounds);
  out.emplace_back("outbounds", config.outbounds);
  return out;
}

void note_left_out(const std::vector<nn_meter::Kernel>& kernels, Diagnostics& diagnostics) {
  std::set<std::string> kinds;
  std::size_t count = 0;
  for (const nn_meter::Kernel& kernel : kernels) {
    if (nn_meter::features(kernel)) continue;
    kinds.insert(kernel.kind);
    ++count;
  }
  if (count == 0) return;
  std::string names;
  for (const std::string& kind : kinds) names += (names.empty() ? "" : ", ") + kind;
  diagnostics.push_back({Severity::info, "kernels-left-out",
                         "nn-Meter predicts nothing for " + std::to_string(count) + " of " +
                             std::to_string(kernels.size()) + " kernels and adds no time for them: " + names,
                         ""});
}

}  // namespace

std::vector<std::string> nn_meter_devices() {
  return nn_meter::devices();
}

void check_nn_meter_device(const std::string& device) {
  rules_of(device);
}

std::vector<KernelRow> nn_meter_kernels(const Model& model, const std::string& device,
                                        Diagnostics& diagnostics) {
  const RuleSet rules = rules_of(device);
  std::vector<nn_meter::Kernel> kernels;
  try {
    kernels = nn_meter::detect_kernels(raw_graph(model), rules);
  } catch (const Error& error) {
    const std::string text = error.what();
    throw text.starts_with(model.info.path) ? error : Error(model.info.path, text);
  }
  note_left_out(kernels, diagnostics);
  std::vector<KernelRow> rows;
  for (nn_meter::Kernel& kernel : kernels) {
    KernelRow& row = rows.emplace_back();
    row.kind = std::move(kernel.kind);
    row.name = kernel.config.name;
    row.members = std::move(kernel.members);
    row.foreign = config_of(kernel.config);
  }
  return rows;
}

}  // namespace foretime::api
