#include "api/predict.h"

#include <algorithm>

#include "analysis/costs.h"
#include "api/annette_notes.h"
#include "api/devices.h"
#include "api/rows.h"
#include "base/error.h"
#include "base/stopwatch.h"
#include "calibrate/host.h"
#include "predictors/additive_parameters.h"
#include "predictors/device_model.h"
#include "predictors/stack_parameters.h"

namespace foretime::api {
namespace {

/// The devices asked for; without any, all there are: a broken profile is a diagnostic, the host only if it
/// was probed.
std::vector<DeviceModel> devices_for(const std::vector<std::string>& wanted, Diagnostics& diagnostics) {
  std::vector<DeviceModel> devices;
  for (const std::string& device : wanted) devices.emplace_back(show_device(device));
  if (!wanted.empty()) return devices;
  for (ProfileEntry& entry : list_profiles()) {
    if (entry.id == kHostId) continue;
    try {
      if (!entry.profile) throw Error(entry.id, entry.error);
      devices.emplace_back(std::move(*entry.profile));
    } catch (const Error& error) {
      diagnostics.push_back(
          {Severity::warning, "profile-broken", entry.profile ? error.what() : entry.error, entry.id});
    }
  }
  if (auto host = probed_host_profile()) devices.emplace_back(std::move(*host));
  return devices;
}

std::string basis_of(const DeviceProfile& profile) {
  if (profile.accuracy || profile.predictor.kind == kAdditiveKind)
    return "fitted on " + profile.provenance.source;
  if (profile.predictor.kind == kRooflineKind) return "analytic roofline";
  if (profile.predictor.kind == kRefinedKind) return "refined roofline";
  return "regressors of " + profile.provenance.source;
}

PredictionRow row_of(const Model& model, const std::shared_ptr<const analysis::Layers>& layers,
                     const std::map<std::string, int>& oddities, DeviceModel& device) {
  const DeviceProfile& profile = device.profile();
  const KernelGraph kernels = device.detect(layers);
  const Prediction prediction = device.predict(kernels);
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
  row.kernels = kernel_rows(kernels, prediction);
  row.diagnostics = model.diagnostics;
  row.diagnostics.insert(row.diagnostics.end(), prediction.diagnostics.begin(), prediction.diagnostics.end());
  if (model.info.format == "annette" || model.info.format == "mmdnn")
    note_annette_differences(oddities, kernels, prediction, profile, row.diagnostics);
  if (const std::string precision = precision_of(model.graph); precision != profile.precision.name) {
    row.diagnostics.push_back({Severity::info, "precision-mismatch",
                               "the model is " + precision + ", " + profile.id + " runs " +
                                   profile.precision.name + ": sizes are counted at the device's width",
                               profile.id});
  }
  return row;
}

void predict_model(const std::string& spec, std::vector<DeviceModel>& devices, const Bindings& bindings,
                   std::vector<std::set<std::string>>& used, PredictResult& result) {
  Model model = load_model(spec, bindings);
  used.push_back(model.used_bindings);
  const Stopwatch watch;
  const auto layers = analysis::layers(model.graph);
  model.diagnostics.insert(model.diagnostics.end(), layers->diagnostics.begin(), layers->diagnostics.end());
  const std::map<std::string, int> oddities = annette_oddities(model);
  for (DeviceModel& device : devices) result.predictions.push_back(row_of(model, layers, oddities, device));
  result.stages.insert(result.stages.end(), model.stages.begin(), model.stages.end());
  result.stages.emplace_back("predict", watch.elapsed());
}

}  // namespace

PredictResult predict(const PredictRequest& request) {
  PredictResult result;
  const Stopwatch watch;
  std::vector<DeviceModel> devices = devices_for(request.devices, result.diagnostics);
  result.stages.emplace_back("profiles", watch.elapsed());
  const Inputs inputs = expand_inputs(request.models);
  result.batch = inputs.batch;
  std::vector<std::set<std::string>> used;
  for (const std::string& spec : inputs.models) {
    try {
      predict_model(spec, devices, request.bindings, used, result);
    } catch (const Error& error) {
      if (!inputs.batch) throw;
      result.failures.push_back({spec, error.what()});
    }
  }
  check_bindings(request.bindings, used, result.diagnostics);
  return result;
}

}  // namespace foretime::api
