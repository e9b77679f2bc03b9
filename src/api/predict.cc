#include "api/predict.h"

#include <algorithm>
#include <optional>

#include "analysis/costs.h"
#include "api/annette_notes.h"
#include "api/devices.h"
#include "api/quantized_model.h"
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

/// A model's layers, and, once a device asks for them, those of its quantised form.
class Forms {
 public:
  explicit Forms(const Model& model) : model_(model), layers_(analysis::layers(model.graph)) {}

  const std::shared_ptr<const analysis::Layers>& layers() const { return layers_; }
  /// As the device runs it; a note that it was quantised, or why not, is added.
  std::shared_ptr<const analysis::Layers> layers_for(const DeviceModel& device, Diagnostics& diagnostics) {
    if (!device.wants_quantized() || precision_of(model_.graph) != "fp32") return layers_;
    if (!tried_) quantize();
    diagnostics.push_back(note_);
    return quantized_ ? quantized_ : layers_;
  }

 private:
  void quantize() {
    tried_ = true;
    try {
      quantized_ = analysis::layers(quantized_as_it_runs(model_.graph));
      note_ = {Severity::info, "quantised",
               "the model is fp32: priced is its quantised form (foretime convert --precision int8)",
               model_.info.path};
    } catch (const Error& error) {
      note_ = {
          Severity::warning, "not-quantised",
          std::string("the model is priced in floats, which the device was not fitted on: ") + error.what(),
          model_.info.path};
    }
  }

  const Model& model_;
  std::shared_ptr<const analysis::Layers> layers_;
  std::shared_ptr<const analysis::Layers> quantized_;
  Diagnostic note_;
  bool tried_ = false;
};

PredictionRow row_of(const Model& model, Forms& forms, const std::map<std::string, int>& oddities,
                     DeviceModel& device) {
  const DeviceProfile& profile = device.profile();
  Diagnostics notes;
  const auto layers = forms.layers_for(device, notes);
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
  row.diagnostics.insert(row.diagnostics.end(), notes.begin(), notes.end());
  row.diagnostics.insert(row.diagnostics.end(), prediction.diagnostics.begin(), prediction.diagnostics.end());
  if (model.info.format == "annette" || model.info.format == "mmdnn")
    note_annette_differences(oddities, kernels, prediction, profile, row.diagnostics);
  const std::string precision = precision_of(model.graph);
  if (precision != profile.precision.name && notes.empty()) {
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
  Forms forms(model);
  const auto& layers = forms.layers();
  model.diagnostics.insert(model.diagnostics.end(), layers->diagnostics.begin(), layers->diagnostics.end());
  const std::map<std::string, int> oddities = annette_oddities(model);
  for (DeviceModel& device : devices) result.predictions.push_back(row_of(model, forms, oddities, device));
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
