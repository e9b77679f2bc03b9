#include "api/calibrate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <optional>
#include <set>

#include "api/campaign.h"
#include "api/measurements.h"
#include "api/written_profile.h"
#include "base/error.h"
#include "base/mapped_file.h"
#include "base/version.h"
#include "calibrate/fitted_profile.h"
#include "device/store.h"
#include "kernels/runtime/embedded.h"
#include "measure/cpu.h"
#include "predictors/novelty.h"

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
constexpr double kFirstLookShare = 0.15;  // of shorter budgets
constexpr double kMsPerSecond = 1e3;
/// Networks whose kernels are named that are to blame.
constexpr std::size_t kWorst = 10;
/// Intervals are by the errors of whole networks alone if there are so many.
constexpr std::size_t kLeastAsked = 40;

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

/// Of what runs elsewhere nobody knows how wide its vectors are.
std::string physics_of(const RunRequest& run) {
  if (runtime_named(run.runtime).self_timed) return "simd";
  const std::vector<std::string> sets = describe_cpu().instruction_sets;
  return std::find(sets.begin(), sets.end(), "avx512f") != sets.end() ? "simd512" : "simd";
}

ModelDesign design_of(const CalibrateRequest& request) {
  ModelDesign design;
  design.fusion_rules = rules_of(request);
  design.physics = physics_of(request.run);
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

std::vector<int> threads_of(const CalibrateRequest& request) {
  if (request.threads.empty()) return {request.run.threads};
  std::vector<int> threads = request.threads;
  std::sort(threads.begin(), threads.end());
  if (std::adjacent_find(threads.begin(), threads.end()) != threads.end())
    throw Error("--threads", "names a number twice", "each once, as in 1,2");
  return threads;
}

std::string name_of(const CalibrateRequest& request) {
  const std::string usual =
      request.run.runtime +
      (request.threads.size() > 1 ? "" : "-" + std::to_string(threads_of(request).front())) +
      (is_int8(request.run) ? "-int8" : "");
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

/// Ids of the profiles, by number of threads.
std::vector<std::string> ids_of(const std::string& name, const std::vector<int>& threads) {
  if (threads.size() == 1) return {name};
  std::vector<std::string> ids;
  for (const int each : threads) ids.push_back(name + "-" + std::to_string(each));
  return ids;
}

DeviceProfile profile_of(const CalibrateRequest& request, const std::string& id, int threads,
                         std::size_t networks) {
  DeviceProfile profile;
  profile.id = id;
  const CpuDescription cpu = describe_cpu();
  profile.device = cpu.model + ", " + request.run.runtime;
  profile.cpu_signature = cpu_signature(cpu);
  profile.runtime = request.run.runtime;
  profile.processor = "cpu";
  profile.threads = threads;
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
  options.noise = 0.05;
  options.clip = 0.3;
  options.base_rounds = 8;
  options.parts = 0.5;  // of 0.25 to 2 what cross-validation liked best, by little
  options.boost.rate = 0.1;
  options.boost.ridge = 1;
  options.boost.min_child_weight = 0.5;
  options.boost.columns_per_split = 0.5;
  options.boost.bins = 128;
  return options;
}

/// Those that users ask about; all, where only single kernels were measured.
Chosen whole_networks(const Observations& observations) {
  Chosen chosen;
  Chosen all;
  for (std::uint32_t i = 0; i < observations.networks().size(); ++i) {
    all.push_back(i);
    if (observations.networks()[i].family == kWholeNetworks) chosen.push_back(i);
  }
  return chosen.empty() ? all : chosen;
}

/// What the measurements of the first `seconds` reach on a part of the whole networks, which is kept apart.
/// Nothing: there are too few.
std::optional<LearningPoint> learnt_by(double seconds, const Observations& observations,
                                       const std::vector<CampaignRow>& rows) {
  std::vector<std::uint8_t> apart(rows.size());
  Chosen scored;
  std::set<std::uint64_t> seeds;  // of one network with several numbers of threads the same
  for (const std::uint32_t network : whole_networks(observations)) {
    seeds.insert(rows[network].seed);
    if (seeds.size() % kApart != 1) continue;
    apart[network] = 1;
    scored.push_back(network);
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
std::string held_out_error(const Observations& observations, const std::vector<CampaignRow>& rows) {
  const auto point = learnt_by(rows.back().seconds, observations, rows);
  if (!point || !point->held_out.mape_percent) return {};
  return ", " + std::to_string(std::lround(*point->held_out.mape_percent)) + " % off on networks kept apart";
}

/// Of a single kernel that is like another one, that one's.
std::uint64_t seed_of_like(const CampaignRow& row) {
  return row.options.starts_with(kAround) ? std::stoull(row.options.substr(kAround.size())) : row.seed;
}

/// Two models that saw half of the networks each disagree where more should be measured: how much of whole
/// networks' time is in kernels of a sort, times how far the two are apart on them. A single kernel is bad
/// that the model which did not see it misses by more than a tenth (nn-Meter's fine-grained sampling).
Lessons lessons_of(const Observations& observations, const std::vector<CampaignRow>& rows) {
  constexpr int kRounds = 80;
  constexpr double kBad = 0.1;
  constexpr double kLeastWorth = 0.3;
  constexpr double kMostWorth = 3;
  std::array<Chosen, 2> halves;
  for (std::uint32_t i = 0; i < rows.size(); ++i) halves[rows[i].seed % 2].push_back(i);
  Lessons lessons;
  if (halves[0].empty() || halves[1].empty()) return lessons;
  const AdditiveProblem& problem = observations.problem();
  std::array<Fitted, 2> models;
  for (std::size_t half = 0; half < 2; ++half) {
    AdditiveOptions options = options_of(halves[half].size());
    options.rounds = kRounds;
    models[half] = fit(observations, halves[half], options);
  }
  double all = 0;
  for (const std::uint32_t network : whole_networks(observations)) {
    for (const auto& [kernel, count] : problem.networks[network]) {
      const double time = models[0].times[kernel];
      const double doubt = static_cast<double>(count) * time / problem.latencies[network] *
                           std::abs(std::log(time / models[1].times[kernel]));
      lessons.worth[sort_of_cell(observations.cells()[kernel])] += doubt;
      all += doubt;
    }
  }
  if (all == 0) lessons.worth.clear();  // they agree on everything
  for (auto& [sort, worth] : lessons.worth)
    worth = std::clamp(worth / all * static_cast<double>(lessons.worth.size()), kLeastWorth, kMostWorth);
  for (std::uint32_t i = 0; i < rows.size(); ++i) {
    const Scored times = predict(observations, models[1 - rows[i].seed % 2], i);
    if (std::abs(times.predicted / times.measured - 1) > kBad) lessons.bad.push_back(seed_of_like(rows[i]));
  }
  return lessons;
}

/// Was the profile written after the last measurement in the table?
bool is_complete(const CalibrateRequest& request, const std::string& name, const std::string& table) {
  const std::filesystem::path path = request.profile_out.empty()
                                         ? std::filesystem::path(user_profile_folder()) / (name + ".json")
                                         : std::filesystem::path(request.profile_out);
  std::error_code none;
  const auto written = std::filesystem::last_write_time(path, none);
  return !none && written >= std::filesystem::last_write_time(table);
}

/// Networks, one after the other, until the budget is spent.
void measure(const CalibrateRequest& request, const std::string& name, const ModelDesign& design,
             const std::string& table, Campaign& campaign) {
  const double before = campaign.spent().value;
  const double measuring = request.budget.value * (1 - kFitShare);
  const double until = request.go_on ? before + measuring : measuring;
  const Milliseconds most{std::max(kLeastStep.value, kMostShare * request.budget.value)};
  const bool learns = request.sampling == Sampling::active || request.sampling == Sampling::fine_grained;
  std::string error_so_far;
  double next_look = std::min(kFirstLook.value, kFirstLookShare * request.budget.value);
  while (campaign.spent().value + most.value / 2 < until) {
    campaign.step(most, {until - campaign.spent().value});
    if (campaign.spent().value - before > next_look) {
      const Observations observations = observe({table}, name, design, {});
      if (request.progress) error_so_far = held_out_error(observations, campaign.rows());
      if (learns) campaign.learn(lessons_of(observations, campaign.rows()));
      next_look *= 2;
    }
    if (!request.progress) continue;
    const double left = std::max(0.0, until - campaign.spent().value);
    request.progress(static_cast<int>((campaign.spent().value - before) / kMsPerSecond),
                     static_cast<int>((until - before) / kMsPerSecond),
                     std::to_string(campaign.rows().size()) + " networks, " +
                         std::to_string(static_cast<int>(left / kMsPerSecond)) + " s left" + error_so_far);
  }
  if (campaign.rows().empty())
    throw Error("--budget", "is too short: no network was measured", "10 s or more");
}

/// One for each number of threads, the first one's last; `result` gets them and how well they predict.
void write_profiles(const CalibrateRequest& request, const std::vector<std::string>& ids,
                    const std::vector<int>& threads, const Observations& observations, Calibrated& calibrated,
                    CalibrateResult& result) {
  const Chosen whole = whole_networks(observations);
  for (std::size_t i = ids.size(); i-- > 0;) {
    Chosen own;
    std::vector<std::size_t> asked;
    for (std::uint32_t network = 0; network < observations.networks().size(); ++network) {
      if (observations.networks()[network].threads != threads[i]) continue;
      own.push_back(network);
      if (std::binary_search(whole.begin(), whole.end(), network)) asked.push_back(network);
    }
    // Small networks are predicted worse than those that users ask about, who know no families of random
    // ones.
    calibrated.abroad.clear();
    if (asked.size() >= kLeastAsked) {
      set_stretch(asked, calibrated);
      set_intervals(observations, asked, calibrated);
    }
    std::vector<Scored> held_out;
    std::vector<Scored> scored;
    for (const std::uint32_t network : own) held_out.push_back(calibrated.held_out[network]);
    for (const std::size_t network : asked) scored.push_back(calibrated.held_out[network]);
    result.scored.insert(result.scored.end(), scored.begin(), scored.end());
    const DeviceProfile profile = fitted_profile(observations, calibrated.fitted, own, held_out,
                                                 profile_of(request, ids[i], threads[i], own.size()));
    write_fitted(profile, request.profile_out, own.size(), result);
    result.profiles.insert(result.profiles.begin(), {threads[i], result.profile, score(scored)});
  }
}

}  // namespace

CalibrateResult calibrate(const CalibrateRequest& request) {
  const Stopwatch watch;
  check_precision(request.run);
  const std::string name = name_of(request);
  const std::vector<int> threads = threads_of(request);
  const std::vector<std::string> ids = ids_of(name, threads);
  if (ids.size() > 1 && !request.profile_out.empty())
    throw Error("--profile-out", "names one file for " + std::to_string(ids.size()) + " profiles", "--name");
  const ModelDesign design = design_of(request);
  CampaignOptions options{table_of(name),
                          name,
                          request.run,
                          threads,
                          !request.black_box && !runtime_named(request.run.runtime).self_timed,
                          request.sampling,
                          database_for(request.database)};
  Campaign campaign(options, design);
  // One that was killed before its profile was written goes on; after its last network it only has to be
  // fitted.
  if (!request.go_on && !campaign.rows().empty() && is_complete(request, ids.front(), options.table)) {
    throw Error(name, "is calibrated already, with " + std::to_string(campaign.rows().size()) + " networks",
                "--continue to measure more, or another --name");
  }
  measure(request, name, design, options.table, campaign);

  const Observations observations = observe({options.table}, name, design, {});
  Chosen all(observations.networks().size());
  std::iota(all.begin(), all.end(), 0U);
  const AdditiveOptions fitting = options_of(all.size());
  Calibrated calibrated = fit_with_intervals(observations, all, fitting, fitting, request.progress);
  CalibrateResult result;
  write_profiles(request, ids, threads, observations, calibrated, result);
  result.table = options.table;
  result.measured_seconds = campaign.rows().back().seconds;
  result.measurements = campaign.rows().size();
  result.pauses = campaign.pauses();
  result.refused = campaign.refused();
  result.database_error = campaign.database_error();
  result.held_out = score(result.scored);
  result.learning_curve = learning_curve(observations, campaign.rows(), request.progress);
  result.kinds = errors_by_kind(observations, calibrated.fitted, all, calibrated);
  result.worst = worst_networks(observations, all, calibrated, kWorst);
  result.time = watch.elapsed();
  return result;
}

}  // namespace foretime::api
