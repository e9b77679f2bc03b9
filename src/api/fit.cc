#include "api/fit.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "api/devices.h"
#include "api/written_profile.h"
#include "base/error.h"
#include "base/mapped_file.h"
#include "base/stopwatch.h"
#include "base/version.h"
#include "calibrate/fitted_profile.h"
#include "calibrate/noise.h"
#include "predictors/device_model.h"

namespace foretime::api {
namespace {

/// What runtimes of CPUs fuse, as a rule: normalisations into convolutions, activations into what makes their
/// input.
constexpr std::string_view kCpuRules = R"(remove Identity Dropout
set cut = Relu Clip LeakyRelu PRelu
set fusing = conv depthwise_conv gemm Add Mul max_pool average_pool BatchNormalization
fuse conv + BatchNormalization
fuse depthwise_conv + BatchNormalization
fuse fusing + cut
)";

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kPhysicsOfProcessor = {
    {{"cpu", "cpu"}, {"gpu", "gpu"}, {"vpu", "myriad"}}};

/// The profile whose identity the new one takes, or a bare one.
DeviceProfile profile_like(const FitRequest& request) {
  const std::string name = request.name.empty() ? request.column : request.name;
  std::string like = request.like;
  if (like.empty()) {
    const std::vector<std::string> ids = profile_ids();
    if (std::find(ids.begin(), ids.end(), name) != ids.end()) like = name;
  }
  if (!like.empty()) return load_profile(like);
  DeviceProfile profile;
  profile.device = request.column;
  profile.processor = "cpu";
  profile.precision = {"fp32", 32, 32};
  profile.provenance.source = "measured networks: " + request.data_sets[0];
  profile.provenance.licence = "unstated";
  return profile;
}

std::string physics_of(const FitRequest& request, const DeviceProfile& like) {
  if (!request.physics.empty()) return request.physics;
  const auto found = std::find_if(kPhysicsOfProcessor.begin(), kPhysicsOfProcessor.end(),
                                  [&](const auto& row) { return row.first == like.processor; });
  return std::string(found == kPhysicsOfProcessor.end() ? "cpu" : found->second);
}

ModelDesign design_of(const FitRequest& request, const DeviceProfile& like) {
  ModelDesign design;
  design.kind = request.kind;
  design.precision = like.precision;
  design.fusion_rules = !request.rules.empty()       ? std::string(MappedFile::open(request.rules)->text())
                        : !like.fusion_rules.empty() ? like.fusion_rules
                                                     : std::string(kCpuRules);
  if (!design.fusion_rules.ends_with('\n')) design.fusion_rules += '\n';
  if (!request.rules.empty()) parse_rules(design.fusion_rules, request.rules);
  design.physics = physics_of(request, like);
  physics_named(design.physics, "--physics");
  // Stacked kinds know a kernel by its sizes only, whatever computes it.
  design.features = feature_names(request.kind == ModelKind::additive ? design.physics : "");
  return design;
}

}  // namespace

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
  const auto [fitted, held_out] = fit_with_intervals(observations, all, options, options, request.progress);
  const DeviceProfile profile = fitted_profile(observations, fitted, all, held_out, std::move(like));

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
    const KernelGraph kernels = device.detect(analysis::layers(network.graph));
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
