#include "api/fit.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "api/design.h"
#include "api/devices.h"
#include "api/quantized_model.h"
#include "api/written_profile.h"
#include "base/error.h"
#include "base/stopwatch.h"
#include "base/version.h"
#include "calibrate/fitted_profile.h"
#include "calibrate/noise.h"
#include "predictors/device_model.h"

namespace foretime::api {

FitResult fit(const FitRequest& request) {
  const Stopwatch watch;
  DeviceProfile like = profile_like(request);
  like.id = request.name.empty() ? request.column : request.name;
  if (!is_profile_id(like.id)) throw Error("--name " + like.id, "is no id", "letters, digits, '.', '_', '-'");
  like.provenance.date = today();
  like.provenance.tool_version = std::string(version());
  const Observations observations =
      observe(request.data_sets, request.column, design_of(request, like), request.progress);

  Chosen all(observations.networks().size());
  std::iota(all.begin(), all.end(), 0U);
  const AdditiveOptions options = options_for(all.size(), observations.physics());
  const Calibrated calibrated = fit_with_intervals(observations, all, options, options, request.progress);
  const DeviceProfile profile =
      fitted_profile(observations, calibrated.fitted, all, calibrated.held_out, std::move(like));

  FitResult result;
  write_fitted(profile, request.profile_out, all.size(), result);
  result.time = watch.elapsed();
  return result;
}

EvaluateResult evaluate(const EvaluateRequest& request) {
  DeviceModel device(show_device(request.device));
  const std::string column = request.column.empty() ? device.profile().id : request.column;
  EvaluateResult result;
  result.device = device.profile().id;
  std::vector<Observation> networks;
  const Prepare prepare = [&](const MeasuredNetwork& network,
                              const MeasuredLatency& latency) -> std::function<void()> {
    const bool quantize = device.wants_quantized() && precision_of(network.graph) == "fp32";
    const KernelGraph kernels =
        device.detect(analysis::layers(quantize ? quantized_as_it_runs(network.graph) : network.graph));
    const Observation observation = observation_of(network, latency);
    return [&, kernels, observation] {
      const Prediction prediction = device.predict(kernels);
      result.rows.push_back({observation.id,
                             observation.family,
                             {observation.latency, prediction.latency.value, prediction.interval90.low.value,
                              prediction.interval90.high.value}});
      networks.push_back(observation);
    };
  };
  read_measured(request.data_sets, column, prepare, request.progress);
  std::vector<Scored> all;
  std::map<std::string, std::vector<Scored>> families;
  for (const EvaluatedRow& row : result.rows) {
    all.push_back(row.times);
    if (!row.family.empty()) families[row.family].push_back(row.times);
  }
  result.figures = score(all);
  for (const auto& [family, rows] : families) result.families.emplace(family, score(rows));
  result.noise_floor_percent = noise_floor_percent(networks);
  return result;
}

ProtocolReport run_protocol(const ProtocolRequest& request) {
  const Stopwatch watch;
  const DeviceProfile like = profile_like(request.fit);
  const Observations observations =
      observe(request.fit.data_sets, request.fit.column, design_of(request.fit, like), request.fit.progress);
  ProtocolReport report;
  report.column = request.fit.column;
  report.protocol = request.protocol;
  report.seed = request.seed;
  report.result = foretime::run_protocol(observations, request.protocol, request.seed, request.fit.progress);
  report.noise_floor_percent = noise_floor_percent(observations.networks());
  report.time = watch.elapsed();
  return report;
}

}  // namespace foretime::api
