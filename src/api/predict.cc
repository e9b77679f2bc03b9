#include "api/predict.h"

#include <algorithm>

#include "analysis/costs.h"
#include "api/devices.h"
#include "api/rows.h"
#include "base/error.h"
#include "base/stopwatch.h"
#include "calibrate/host.h"
#include "kernels/kernel_graph.h"
#include "predictors/prediction.h"

namespace foretime::api {
namespace {

/// The profiles asked for; without any, all there are: a broken one is a diagnostic, the host only if it was
/// probed.
std::vector<DeviceProfile> profiles_for(const std::vector<std::string>& wanted, Diagnostics& diagnostics) {
  std::vector<DeviceProfile> profiles;
  for (const std::string& device : wanted) profiles.push_back(show_device(device));
  if (!wanted.empty()) return profiles;
  for (ProfileEntry& entry : list_profiles()) {
    if (entry.id == kHostId) continue;
    if (entry.profile) {
      profiles.push_back(std::move(*entry.profile));
    } else {
      diagnostics.push_back({Severity::warning, "profile-broken", entry.error, entry.id});
    }
  }
  if (auto host = probed_host_profile()) profiles.push_back(std::move(*host));
  return profiles;
}

/// How the model stores its numbers: "int8" where it is quantised, else the type of its first floating-point
/// input.
std::string precision_of(const Graph& graph) {
  const auto quantised = [](const Node& node) {
    return node.op == "DequantizeLinear" || node.op.starts_with("QLinear") || node.op == "MatMulInteger" ||
           node.op == "ConvInteger";
  };
  if (std::any_of(graph.nodes().begin(), graph.nodes().end(), quantised)) return "int8";
  DataType found = DataType::float32;
  for (const Tensor& tensor : graph.tensors()) {
    if (tensor.constant == nullptr && is_float(tensor.type.dtype)) {
      found = tensor.type.dtype;
      break;
    }
  }
  switch (found) {
    case DataType::float16:
      return "fp16";
    case DataType::bfloat16:
      return "bf16";
    case DataType::float64:
      return "fp64";
    default:
      return "fp32";
  }
}

std::string basis_of(const DeviceProfile& profile) {
  return profile.predictor.kind == kRooflineKind ? "analytic roofline" : profile.predictor.kind;
}

PredictionRow row_of(const Model& model, const analysis::Costs& costs, const KernelGraph& kernels,
                     const DeviceProfile& profile) {
  const Prediction prediction = foretime::predict(kernels, profile);
  PredictionRow row;
  row.model = model.info.path;
  row.device = profile.id;
  row.latency = prediction.latency;
  row.interval_low = prediction.interval90.low;
  row.interval_high = prediction.interval90.high;
  row.overhead = prediction.overhead;
  row.coverage_kernels_percent = prediction.coverage.kernels_percent;
  row.coverage_time_percent = prediction.coverage.time_percent;
  row.basis = basis_of(profile);
  row.kernels = kernel_rows(prediction, costs);
  row.diagnostics = model.diagnostics;
  row.diagnostics.insert(row.diagnostics.end(), prediction.diagnostics.begin(), prediction.diagnostics.end());
  if (const std::string precision = precision_of(model.graph); precision != profile.precision.name) {
    row.diagnostics.push_back({Severity::info, "precision-mismatch",
                               "the model is " + precision + ", " + profile.id + " runs " +
                                   profile.precision.name + ": sizes are counted at the device's width",
                               profile.id});
  }
  return row;
}

void predict_model(const std::string& spec, const std::vector<DeviceProfile>& profiles,
                   const Bindings& bindings, std::vector<std::set<std::string>>& used,
                   PredictResult& result) {
  Model model = load_model(spec, bindings);
  used.push_back(model.used_bindings);
  const Stopwatch watch;
  const analysis::Costs costs = analysis::costs(model.graph, model.diagnostics);
  const KernelGraph kernels = unfused(costs);
  for (const DeviceProfile& profile : profiles)
    result.predictions.push_back(row_of(model, costs, kernels, profile));
  result.stages.insert(result.stages.end(), model.stages.begin(), model.stages.end());
  result.stages.emplace_back("predict", watch.elapsed());
}

}  // namespace

PredictResult predict(const PredictRequest& request) {
  PredictResult result;
  const Stopwatch watch;
  const std::vector<DeviceProfile> profiles = profiles_for(request.devices, result.diagnostics);
  result.stages.emplace_back("profiles", watch.elapsed());
  const Inputs inputs = expand_inputs(request.models);
  result.batch = inputs.batch;
  std::vector<std::set<std::string>> used;
  for (const std::string& spec : inputs.models) {
    try {
      predict_model(spec, profiles, request.bindings, used, result);
    } catch (const Error& error) {
      if (!inputs.batch) throw;
      result.failures.push_back({spec, error.what()});
    }
  }
  check_bindings(request.bindings, used, result.diagnostics);
  return result;
}

}  // namespace foretime::api
