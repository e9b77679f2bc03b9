#include "api/adapt.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "api/design.h"
#include "api/written_profile.h"
#include "base/error.h"
#include "base/stopwatch.h"
#include "base/version.h"
#include "calibrate/fitted_profile.h"
#include "calibrate/known_devices.h"
#include "calibrate/noise.h"
#include "device/store.h"

namespace foretime::api {
namespace {

KnownDevice known_device(const KnownModel& known, const AdaptRequest& request) {
  KnownDevice device{
      known.profile.id, observe(request.data_sets, request.column, known.design, request.progress), {}};
  device.fitted.model = known.model;
  device.fitted.times = kernel_times(known.model, device.observations.problem());
  device.fitted.known = known.parameters.known;
  device.fitted.intervals = known.parameters.intervals;
  return device;
}

struct KnownDevices {
  std::vector<DeviceProfile> profiles;
  std::vector<KnownDevice> devices;
};

/// Rules and physics to fit from scratch with: those asked for, else every built-in device's. A device of
/// another kind than the profiles' is then told by its held-out networks.
void add_designs(const AdaptRequest& request, KnownDevices& known) {
  const auto add = [&](const DeviceProfile& profile, const std::string& name, const ModelDesign& design) {
    const bool met = std::any_of(known.devices.begin(), known.devices.end(), [&](const KnownDevice& device) {
      return device.observations.design().fusion_rules == design.fusion_rules &&
             device.observations.design().physics == design.physics;
    });
    if (met) return;
    known.profiles.push_back(profile);
    known.devices.push_back(
        {name, observe(request.data_sets, request.column, design, request.progress), {}, false});
  };
  if (!request.like.empty() || !request.rules.empty() || !request.physics.empty()) {
    FitRequest fit;
    fit.data_sets = request.data_sets;
    fit.column = request.column;
    fit.like = request.like;
    fit.rules = request.rules;
    fit.physics = request.physics;
    const DeviceProfile like = profile_like(fit);
    const ModelDesign design = design_of(fit, like);
    add(like, like.id.empty() ? "physics " + design.physics : like.id, design);
    return;
  }
  for (const ProfileEntry& entry : list_profiles()) {
    if (entry.place != ProfilePlace::builtin || !entry.profile) continue;
    if (entry.profile->predictor.kind != kAdditiveKind) continue;
    // Those that were calibrated have a physics for kernels timed one by one: too much to learn from few sums.
    if (!entry.profile->cpu_signature.empty()) continue;
    add(*entry.profile, entry.id, known_model(entry.id).design);
  }
}

KnownDevices known_devices(const AdaptRequest& request) {
  if (request.profiles.empty())
    throw Error("adapt", "has no profile to start from", "ids or files of profiles");
  KnownDevices result;
  for (const std::string& profile : request.profiles) {
    const KnownModel known = known_model(profile);
    result.profiles.push_back(known.profile);
    result.devices.push_back(known_device(known, request));
  }
  add_designs(request, result);
  return result;
}

/// What the new profile says of itself: where it runs is that of the profile it came from, whose it is is
/// not.
DeviceProfile identity(const AdaptRequest& request, const DeviceProfile& from, const std::string& what,
                       std::size_t networks) {
  DeviceProfile profile;
  profile.id = request.name.empty() ? request.column : request.name;
  if (!is_profile_id(profile.id))
    throw Error("--name " + profile.id, "is no id", "letters, digits, '.', '_', '-'");
  profile.device = request.column;
  profile.processor = from.processor;
  profile.precision = from.precision;
  profile.threads = from.threads;
  profile.provenance = {std::to_string(networks) + " measured networks: " + request.data_sets[0],
                        from.provenance.licence, today(), std::string(version()), "Adapted, " + what + "."};
  return profile;
}

}  // namespace

AdaptResult adapt(const AdaptRequest& request) {
  const Stopwatch watch;
  const KnownDevices given = known_devices(request);
  Chosen all(given.devices[0].observations.networks().size());
  std::iota(all.begin(), all.end(), 0U);
  const std::vector<Candidate> tried = candidates(given.devices, all);
  const Candidate& best = tried.front();
  const Observations& observations = given.devices[best.device].observations;
  DeviceProfile profile =
      fitted_profile(observations, best.fitted, all, best.held_out,
                     identity(request, given.profiles[best.device], best.what, all.size()));
  profile.accuracy->method = "networks predicted by models adapted without them, equal structures together";

  AdaptResult result;
  write_fitted(profile, request.profile_out, all.size(), result);
  for (const Candidate& each : tried) result.tried.push_back({each.what, 100 * std::expm1(each.log_error)});
  result.time = watch.elapsed();
  return result;
}

ProtocolReport run_devices(const DevicesRequest& request) {
  const Stopwatch watch;
  const KnownDevices given = known_devices(request.adapt);
  ProtocolReport report;
  report.column = request.adapt.column;
  report.protocol = Protocol::devices;
  report.seed = request.seed;
  report.result = foretime::run_devices(given.devices, request.seed, request.adapt.progress);
  report.noise_floor_percent = noise_floor_percent(given.devices[0].observations.networks());
  report.time = watch.elapsed();
  return report;
}

}  // namespace foretime::api
