#include "api/calibrate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <optional>

#include "api/campaign.h"
#include "api/written_profile.h"
#include "base/error.h"
#include "base/mapped_file.h"
#include "base/version.h"
#include "calibrate/fitted_profile.h"
#include "device/store.h"
#include "kernels/runtime/embedded.h"
#include "measure/cpu.h"

namespace foretime::api {
namespace {

/// Of the budget, for fitting.
constexpr double kFitShare = 0.03;
/// No network takes more than this share of the budget.
constexpr double kMostShare = 0.01;
constexpr Milliseconds kLeastStep{300};
/// Whole networks kept apart for the learning curve: one in so many.
constexpr std::size_t kApart = 4;
constexpr std::array kCurveSeconds = {60.0, 120.0, 300.0, 600.0, 1200.0, 2400.0};
/// How good it is by then is shown after this time, then after twice as long, and so on.
constexpr Milliseconds kFirstLook{60'000};
constexpr double kMsPerSecond = 1e3;

std::string rules_of(const CalibrateRequest& request) {
  if (!request.rules.empty()) {
    const std::string text(MappedFile::open(request.rules)->text());
    parse_rules(text, request.rules);
    return text;
  }
  std::string text;
  for (const runtime::EmbeddedRules& rules : runtime::embedded_rules()) {
    if (rules.name == request.run.runtime || (rules.name == "onnxruntime" && text.empty())) text = rules.text;
  }
  return text;
}

ModelDesign design_of(const CalibrateRequest& request) {
  ModelDesign design;
  design.fusion_rules = rules_of(request);
  design.physics = "simd";
  design.features = feature_names(design.physics);
  return design;
}

bool is_int8(const RunRequest& run) {
  return run.precision == "int8";
}

/// Error: random networks are not made, or not run, in this precision.
void check_precision(const RunRequest& run) {
  if (run.precision.empty() || run.precision == "fp32") return;
  if (!is_int8(run))
    throw Error("--precision " + run.precision, "random networks are not made in it", "fp32, int8");
  if (runtime_named(run.runtime).format != "onnx") {
    throw Error("--precision int8", run.runtime + " is not calibrated in it",
                "--runtime onnxruntime or openvino, or fp32");
  }
}

std::string name_of(const CalibrateRequest& request) {
  const std::string usual =
      request.run.runtime + "-" + std::to_string(request.run.threads) + (is_int8(request.run) ? "-int8" : "");
  const std::string name = request.name.empty() ? usual : request.name;
  if (!is_profile_id(name)) throw Error("--name " + name, "is no id", "letters, digits, '.', '_', '-'");
  return name;
}

std::string table_of(const std::string& name) {
  const std::filesystem::path devices = user_profile_folder();
  if (devices.empty())
    throw Error("calibrate", "has no folder to keep measurements in", "$HOME or $FORETIME_HOME");
  return (devices.parent_path() / "campaigns" / (name + ".jsonl")).string();
}

DeviceProfile profile_of(const CalibrateRequest& request, const std::string& name, std::size_t networks) {
  DeviceProfile profile;
  profile.id = name;
  const CpuDescription cpu = describe_cpu();
  profile.device = cpu.model + ", " + request.run.runtime;
  profile.cpu_signature = cpu_signature(cpu);
  profile.runtime = request.run.runtime;
  profile.processor = "cpu";
  profile.threads = request.run.threads;
  profile.precision = is_int8(request.run) ? Precision{"int8", 8, 8} : Precision{"fp32", 32, 32};
  profile.provenance = {std::to_string(networks) + (is_int8(request.run) ? " quantised" : "") +
                            " random networks, measured by foretime calibrate",
                        "CC0-1.0", today(), std::string(version()),
                        request.black_box ? "Black box: only whole networks were timed." : ""};
  return profile;
}

/// Single networks are off by what neighbours of the processor did meanwhile: no residual counts for much.
AdditiveOptions options_of(std::size_t networks) {
  AdditiveOptions options;
  options.prior = std::max(1e-5, 3e-3 / static_cast<double>(networks));
  options.rounds = 300;
  options.clip = 0.3;
  options.boost.rate = 0.1;
  options.boost.ridge = 1;
  options.boost.min_child_weight = 0.5;
  options.boost.columns_per_split = 0.5;
  options.boost.bins = 128;
  return options;
}

Chosen whole_networks(const Observations& observations) {
  Chosen chosen;
  for (std::uint32_t i = 0; i < observations.networks().size(); ++i) {
    if (observations.networks()[i].family == kWholeNetworks) chosen.push_back(i);
  }
  return chosen;
}

/// What the measurements of the first `seconds` reach on a part of the whole networks, which is kept apart.
/// Nothing: there are too few.
std::optional<LearningPoint> learnt_by(double seconds, const Observations& observations,
                                       const std::vector<CampaignRow>& rows) {
  std::vector<std::uint8_t> apart(rows.size());
  const Chosen whole = whole_networks(observations);
  Chosen scored;
  for (std::size_t i = 0; i < whole.size(); i += kApart) {
    apart[whole[i]] = 1;
    scored.push_back(whole[i]);
  }
  LearningPoint point;
  Chosen chosen;
  for (std::uint32_t i = 0; i < rows.size() && rows[i].seconds <= seconds; ++i) {
    ++point.networks;
    point.seconds = rows[i].seconds;
    if (apart[i] == 0) chosen.push_back(i);
  }
  if (chosen.empty() || scored.empty()) return std::nullopt;
  const Fitted fitted = fit(observations, chosen, options_of(chosen.size()));
  std::vector<Scored> predicted;
  for (const std::uint32_t network : scored) predicted.push_back(predict(observations, fitted, network));
  point.held_out = score(predicted);
  return point;
}

std::vector<LearningPoint> learning_curve(const Observations& observations,
                                          const std::vector<CampaignRow>& rows, const Progress& progress) {
  const double end = rows.back().seconds;
  std::vector<double> times;
  for (const double seconds : kCurveSeconds) {
    if (seconds < end) times.push_back(seconds);
  }
  times.push_back(end);
  std::vector<LearningPoint> curve;
  for (const double seconds : times) {
    if (auto point = learnt_by(seconds, observations, rows)) curve.push_back(std::move(*point));
    if (progress) progress(static_cast<int>(curve.size()), static_cast<int>(times.size()), "learning curve");
  }
  return curve;
}

/// ", 12 % off on networks kept apart": what was learnt so far.
std::string held_out_error(const CampaignOptions& options, const ModelDesign& design,
                           const std::vector<CampaignRow>& rows) {
  const auto point =
      learnt_by(rows.back().seconds, observe({options.table}, options.device, design, {}), rows);
  if (!point || !point->held_out.mape_percent) return {};
  return ", " + std::to_string(std::lround(*point->held_out.mape_percent)) + " % off on networks kept apart";
}

bool is_written(const CalibrateRequest& request, const std::string& name) {
  const std::filesystem::path path = request.profile_out.empty()
                                         ? std::filesystem::path(user_profile_folder()) / (name + ".json")
                                         : std::filesystem::path(request.profile_out);
  return std::filesystem::exists(path);
}

}  // namespace

CalibrateResult calibrate(const CalibrateRequest& request) {
  const Stopwatch watch;
  check_precision(request.run);
  const std::string name = name_of(request);
  const ModelDesign design = design_of(request);
  CampaignOptions options{table_of(name), name, request.run,
                          !request.black_box && !runtime_named(request.run.runtime).self_timed};
  Campaign campaign(options, design);
  const double before = campaign.spent().value;
  const double measuring = request.budget.value * (1 - kFitShare);
  const double until = request.go_on ? before + measuring : measuring;
  const Milliseconds most{std::max(kLeastStep.value, kMostShare * request.budget.value)};
  const auto another_fits = [&] { return campaign.spent().value + most.value / 2 < until; };
  // A run that was killed after its last network only has to be fitted.
  if (!another_fits() && is_written(request, name)) {
    throw Error(name, "is calibrated already, with " + std::to_string(campaign.rows().size()) + " networks",
                "--continue to measure more, or another --name");
  }
  std::string error_so_far;
  double next_look = kFirstLook.value;
  while (another_fits()) {
    campaign.step(most, {until - campaign.spent().value});
    if (!request.progress) continue;
    if (campaign.spent().value - before > next_look) {
      error_so_far = held_out_error(options, design, campaign.rows());
      next_look *= 2;
    }
    const double left = std::max(0.0, until - campaign.spent().value);
    request.progress(static_cast<int>((campaign.spent().value - before) / kMsPerSecond),
                     static_cast<int>((until - before) / kMsPerSecond),
                     std::to_string(campaign.rows().size()) + " networks, " +
                         std::to_string(static_cast<int>(left / kMsPerSecond)) + " s left" + error_so_far);
  }

  if (campaign.rows().empty())
    throw Error("--budget", "is too short: no network was measured", "10 s or more");
  const Observations observations = observe({options.table}, name, design, {});
  Chosen all(observations.networks().size());
  std::iota(all.begin(), all.end(), 0U);
  const AdditiveOptions fitting = options_of(all.size());
  const auto [fitted, held_out] = fit_with_intervals(observations, all, fitting, fitting, request.progress);
  const DeviceProfile profile =
      fitted_profile(observations, fitted, all, held_out, profile_of(request, name, all.size()));

  CalibrateResult result;
  write_fitted(profile, request.profile_out, all.size(), result);
  result.table = options.table;
  result.measured_seconds = campaign.rows().back().seconds;
  result.measurements = campaign.rows().size();
  result.pauses = campaign.pauses();
  result.refused = campaign.refused();
  for (const std::uint32_t network : whole_networks(observations)) result.scored.push_back(held_out[network]);
  result.held_out = score(result.scored);
  result.learning_curve = learning_curve(observations, campaign.rows(), request.progress);
  result.time = watch.elapsed();
  return result;
}

}  // namespace foretime::api
