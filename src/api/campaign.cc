#include "api/campaign.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <filesystem>
#include <fstream>
#include <set>
#include <utility>

#include "analysis/costs.h"
#include "api/brief_measurement.h"
#include "api/measured_kernels.h"
#include "api/measurements.h"
#include "base/error.h"
#include "base/json.h"
#include "base/json_object.h"
#include "base/line_reader.h"
#include "base/mapped_file.h"
#include "kernels/common_rules.h"
#include "measure/context.h"
#include "measure/cpu.h"
#include "measure/statistics.h"
#include "predictors/novelty.h"
#include "store/store.h"
#include "zoo/zoo.h"

namespace foretime::api {
namespace {

/// Whole networks get this share of the time: small ones teach more a second, whole ones what a kernel costs
/// when caches are full of others.
constexpr double kWholeShare = 0.5;
/// So many networks are looked at for each that is measured.
constexpr int kCandidates = 6;
/// If none of so many is short enough, the shortest has to do.
constexpr int kMostLooked = 60;
constexpr int kMostRefused = 100;
/// So many networks are visited in turns, all of them loaded, unless their weights are more than this.
constexpr double kTogether = 12;
constexpr std::int64_t kMostTogether = std::int64_t{320} << 20;  // bytes

/// A run must be this many times shorter than the time for its network.
constexpr double kRuns = 24;
/// What measuring takes besides running.
constexpr Milliseconds kFixed{100};

constexpr std::int64_t kMostWeights = std::int64_t{160} << 20;  // bytes
constexpr std::int64_t kMostActivations = std::int64_t{1} << 30;

/// Kernels as they ran, made to add up to `latency`: what passes between kernels is shared out among them.
Json kernel_rows(const KernelProfile& profile, const Model& model, double latency) {
  const MeasuredKernels measured = measured_kernels(profile, model);
  const double factor = latency / measured.plain.value;
  const double each =
      measured.between.value / static_cast<double>(std::max<std::size_t>(1, measured.kernels.size()));
  Json rows = Json::array();
  for (const MeasuredKernel& kernel : measured.kernels) {
    rows.push_back({kernel.members, std::max(0.0, (kernel.latency.value + each) * factor)});
  }
  return rows;
}

/// What decides how long a network takes, besides the network.
Json setting_of(const CampaignOptions& options) {
  return {{"device", options.device},
          {"runtime", options.run.runtime},
          {"provider", options.run.provider},
          {"options", options.run.options},
          {"precision", options.quantized() ? "int8" : "fp32"},
          {"cpu_signature", cpu_signature(describe_cpu())},
          {"random_networks", zoo::kRandomNetworks},
          {"profiled", options.kernels}};
}

}  // namespace

Campaign::Campaign(CampaignOptions options, const ModelDesign& design)
    : options_(std::move(options)),
      setting_(setting_of(options_)),
      detector_(with_common_rules(design.fusion_rules, "fusion rules")) {
  std::filesystem::create_directories(std::filesystem::path(options_.table).parent_path());
  if (std::filesystem::exists(options_.table)) read_rows();
  calm_.know(calm_beat(options_.database, options_.threads.front()));
  for (const int threads : options_.threads) processors_[threads] = choose_processors(run_with(threads));
}

RunRequest Campaign::run_with(int threads) const {
  RunRequest run = options_.run;
  run.threads = threads;
  const auto chosen = processors_.find(threads);
  if (chosen != processors_.end()) run.processors = chosen->second;
  return run;
}

/// A line that was cut off by a kill is dropped; what it would have said is measured again.
void Campaign::drop_torn_line() const {
  const std::string text(MappedFile::open(options_.table)->text());
  const std::size_t end = text.rfind('\n');
  if (!text.ends_with('\n'))
    std::filesystem::resize_file(options_.table, end == std::string::npos ? 0 : end + 1);
}

void Campaign::read_rows() {
  drop_torn_line();
  LineReader lines(options_.table);
  std::string line;
  while (lines.next(line)) {
    Json row = parse_json(line, lines.where());
    if (row.is_object()) row.emplace("precision", "fp32");  // older tables say nothing of it
    JsonObject in(row, lines.where());
    for (const auto& [key, value] : setting_.items()) {
      const Json* measured = in.find(key.c_str());
      if (measured == nullptr || *measured != value) {
        throw Error(
            lines.where(),
            "was measured with another " + key + ": " + (measured == nullptr ? "none" : shown(*measured)),
            shown(value) + ", another --name, or that file removed");
      }
    }
    const int threads = static_cast<int>(in.number("threads", {1, 1e6}));
    if (std::find(options_.threads.begin(), options_.threads.end(), threads) == options_.threads.end()) {
      throw Error(lines.where(), "was measured with another number of threads: " + std::to_string(threads),
                  Json(options_.threads).dump() + ", another --name, or that file removed");
    }
    const CampaignRow measured{in.text("family"), static_cast<std::uint64_t>(in.number("seed", {0, 1e15})),
                               in.number("seconds", {0, 1e9}), row.value("options_of_network", "")};
    next_seed_ = std::max(next_seed_, measured.seed + 1);
    seconds_of(measured.family) += measured.seconds - spent_.value / 1e3;
    spent_ = {measured.seconds * 1e3};
    if (in.need("latency_ms").is_null()) continue;  // the runtime refused it
    calm_.add({row.value("integers_us", 0.0), row.value("memory_us", 0.0), row.value("message_us", 0.0)});
    rows_.push_back(measured);
    for (const std::uint32_t cell : candidate(measured.family, measured.seed, measured.options).cells)
      ++met_[cell];
  }
}

/// Without cells: it is too large, or not to be had in this precision.
Campaign::Candidate Campaign::candidate(const std::string& family, std::uint64_t seed,
                                        const std::string& options) const {
  Candidate candidate;
  candidate.family = family;
  candidate.seed = seed;
  candidate.options = options;
  std::optional<Model> model;
  try {
    model = load_model("zoo:" + model_of(candidate), {});
  } catch (const Error&) {
    if (!options_.quantized()) throw;
    return candidate;  // nothing in it can be quantised
  }
  Diagnostics ignored;
  const analysis::Totals totals = analysis::costs(model->graph, ignored).totals;
  if (totals.weight_bytes.value > kMostWeights || totals.activation_sum_bytes.value > kMostActivations)
    return candidate;
  candidate.weight_bytes = totals.weight_bytes.value;
  candidate.gmacs = static_cast<double>(totals.macs.value) / 1e9;
  candidate.expected_ms = candidate.gmacs * ms_per_gmac_ +
                          static_cast<double>(totals.activation_sum_bytes.value) / 1e6 * 0.3 + 0.02;
  const KernelGraph kernels = detector_.detect(analysis::layers(model->graph));
  std::set<std::uint32_t> cells;
  for (const Kernel& kernel : kernels.kernels) {
    if (kernel.kind() != Kind::none && kernel.sized) cells.insert(cell_of(kernel.config));
  }
  candidate.cells.assign(cells.begin(), cells.end());
  return candidate;
}

std::string Campaign::family_of_next() const {
  if (options_.sampling > Sampling::random) return std::string(kSingleKernels);
  const bool whole = whole_seconds_ < kWholeShare * (whole_seconds_ + small_seconds_);
  return std::string(whole ? kWholeNetworks : kSmallNetworks);
}

/// Of a few random ones that whose kernels were met least, for its time: kernels that decide more of what is
/// not sure about whole networks count more.
Campaign::Candidate Campaign::choose(Milliseconds most) {
  const std::string family = family_of_next();
  const int enough = options_.sampling == Sampling::active ? kCandidates : 1;
  Candidate best;
  Candidate cheapest;
  for (int looked = 0; looked < enough || (best.worth == 0 && looked < kMostLooked); ++looked) {
    const bool near = options_.sampling == Sampling::fine_grained && next_bad_ < lessons_.bad.size();
    const std::string options = near ? std::string(kAround) + std::to_string(lessons_.bad[next_bad_++]) : "";
    Candidate next = candidate(family, next_seed_++, options);
    if (next.cells.empty()) continue;
    if (next.expected_ms * kRuns > most.value) {
      if (cheapest.cells.empty() || next.expected_ms < cheapest.expected_ms) cheapest = std::move(next);
      continue;
    }
    for (const std::uint32_t cell : next.cells) {
      const auto found = met_.find(cell);
      const auto worth = lessons_.worth.find(sort_of_cell(cell));
      next.worth += (worth == lessons_.worth.end() ? 1 : worth->second) /
                    (1.0 + (found == met_.end() ? 0 : found->second));
    }
    next.worth /= std::sqrt(next.expected_ms * kRuns + kFixed.value);
    if (next.worth > best.worth) best = std::move(next);
  }
  return best.worth > 0 ? best : cheapest;
}

void Campaign::learn(Lessons lessons) {
  lessons_ = std::move(lessons);
  next_bad_ = 0;
}

std::vector<Campaign::Candidate> Campaign::choose_some(Milliseconds most, Milliseconds left) {
  const double runs = static_cast<double>(options_.threads.size());
  const double each = rows_.empty() ? most.value / 2 : spent().value / static_cast<double>(rows_.size());
  const double before_whole = whole_seconds_;
  const double before_small = small_seconds_;
  std::vector<Candidate> chosen;
  const int count = static_cast<int>(std::clamp(left.value / each, 1.0, kTogether) / runs + 0.5);
  std::int64_t weight_bytes = 0;
  while (chosen.empty() || (static_cast<int>(chosen.size()) < count && weight_bytes < kMostTogether)) {
    Candidate next = choose(most);
    weight_bytes += next.weight_bytes * static_cast<std::int64_t>(options_.threads.size());
    seconds_of(next.family) += runs * (next.expected_ms * kRuns + kFixed.value) / 1e3;
    for (const std::uint32_t cell : next.cells) ++met_[cell];
    chosen.push_back(next);
    if (options_.sampling != Sampling::pairs) continue;
    // The layer itself is seen only as a difference.
    const std::string options = std::exchange(chosen.back().options, next.options + "&part=1");
    next.options = options + "&part=2";
    chosen.push_back(std::move(next));
  }
  whole_seconds_ = before_whole;
  small_seconds_ = before_small;
  return chosen;
}

void Campaign::step(Milliseconds most, Milliseconds left) {
  for (int refused = 0; refused < kMostRefused;) {
    const std::vector<Candidate> chosen = choose_some(most, left);
    if (measure(chosen, most, left) > 0) return;
    refused += static_cast<int>(chosen.size());
  }
  throw Error("calibrate",
              std::to_string(kMostRefused) + " networks in a row could not be run by " + options_.run.runtime,
              "a runtime that runs zoo:resnet18 (foretime measure)");
}

/// How many could be.
int Campaign::measure(const std::vector<Candidate>& chosen, Milliseconds most, Milliseconds left) {
  const Milliseconds began = spent();
  const TemporaryFolder folder;
  std::deque<PreparedModel> prepared;  // of those without an error
  std::vector<BriefVisits> visits;
  std::vector<const PreparedModel*> visited_model;
  std::vector<Trial> trials;
  for (const Candidate& candidate : chosen) {
    std::string error;
    try {
      prepared.push_back(prepare("zoo:" + model_of(candidate), {}, options_.run, folder,
                                 "model" + std::to_string(prepared.size())));
    } catch (const Error& refusal) {
      error = refusal.what();
    }
    for (const int threads : options_.threads) {
      trials.push_back({&candidate, threads, std::nullopt, error});
      if (!error.empty()) continue;
      trials.back().visits = visits.size();
      visits.emplace_back(prepared.back(), BriefRequest{run_with(threads), most, options_.kernels, &calm_});
      visited_model.push_back(&prepared.back());
    }
  }
  visit_in_turns(
      visits, [&] { return spent().value < began.value + left.value; },
      [&](std::size_t i, const Error& error) {
        for (Trial& trial : trials) {
          if (trial.visits == i) trial.error = error.what();
        }
      });

  double visited = 0;
  for (const BriefVisits& network : visits) visited += network.spent().value;
  // Writing networks is shared out among them.
  const double each =
      std::max(spent().value - began.value - visited, 0.0) / static_cast<double>(trials.size());
  double seconds = began.value / 1e3;
  int done = 0;
  for (const Trial& trial : trials) {
    const Candidate& candidate = *trial.candidate;
    Json row = setting_;
    row["threads"] = trial.threads;
    row["id"] = model_of(candidate) +
                (options_.threads.size() > 1 ? "&threads=" + std::to_string(trial.threads) : "");
    row["family"] = candidate.family;
    row["seed"] = candidate.seed;
    if (!candidate.options.empty()) row["options_of_network"] = candidate.options;
    row["model"] = "zoo:" + model_of(candidate);
    row["latency_ms"] = nullptr;
    const double spent_ms = each + (trial.visits ? visits[*trial.visits].spent().value : 0);
    if (trial.error.empty()) {
      const BriefMeasurement measured = visits[*trial.visits].result();
      const double latency = measured.latency.value;
      row["latency_ms"] = latency;
      row["std_ms"] = measured.deviation.value;
      row["repeats"] = measured.samples.size();
      row["visits"] = measured.visits;
      row["slowed_percent"] = measured.slowed_percent;
      row["calm_visits"] = measured.calm_visits;
      row["integers_us"] = measured.fastest.core_us;
      row["memory_us"] = measured.fastest.memory_us;
      if (measured.fastest.message_us > 0) row["message_us"] = measured.fastest.message_us;
      if (measured.profile)
        row["kernel_ms"] = kernel_rows(*measured.profile, visited_model[*trial.visits]->model, latency);
      learn(candidate, measured);
      keep(trial, *visited_model[*trial.visits], measured);
      ++done;
    } else {
      row["error"] = trial.error;
      ++refused_;
    }
    seconds += spent_ms / 1e3;
    row["seconds"] = seconds;
    seconds_of(candidate.family) += spent_ms / 1e3;
    append(row.dump(-1, ' ', false, Json::error_handler_t::replace));
    if (trial.error.empty()) rows_.push_back({candidate.family, candidate.seed, seconds, candidate.options});
  }
  return done;
}

/// Beside the table, every measurement is where all others are.
void Campaign::keep(const Trial& trial, const PreparedModel& prepared, const BriefMeasurement& measured) {
  if (options_.database.empty()) return;
  StoredMeasurement row;
  row.time = utc_now();
  row.model = "zoo:" + model_of(*trial.candidate);
  row.model_hash = prepared.hash;
  row.cpu_signature = setting_["cpu_signature"].get<std::string>();
  row.runtime = options_.run.runtime;
  row.provider = options_.run.provider;
  row.precision = setting_["precision"].get<std::string>();
  row.threads = trial.threads;
  row.latency = summarise(measured.samples);
  row.ci95 = {row.latency.median, row.latency.median};
  row.iterations = static_cast<std::int64_t>(measured.samples.size());
  row.sessions = row.launches = 1;
  row.verdict = kBrief;
  row.details = Json{{"campaign", options_.device},
                     {"latency_ms", measured.latency.value},
                     {"slowed_percent", measured.slowed_percent},
                     {"calm_integers_us", measured.fastest.core_us},
                     {"calm_memory_us", measured.fastest.memory_us},
                     {"calm_message_us", measured.fastest.message_us}}
                    .dump();
  row.samples.assign(measured.samples.begin(), measured.samples.end());
  try {
    Store(options_.database).add(row);
  } catch (const Error& error) {
    options_.database.clear();  // the table has it: a campaign does not end for that
    database_error_ = error.what();
  }
}

/// What helps to choose and to measure the next ones.
void Campaign::learn(const Candidate& candidate, const BriefMeasurement& measured) {
  constexpr double kTelling = 0.05;
  constexpr double kPatience = 0.1;
  pauses_ += measured.pauses;
  if (candidate.gmacs > kTelling)
    ms_per_gmac_ += kPatience * (measured.latency.value / candidate.gmacs - ms_per_gmac_);
}

void Campaign::append(const std::string& line) {
  std::ofstream file(options_.table, std::ios::app | std::ios::binary);
  file << line << '\n';
  file.flush();
  if (!file) throw Error(options_.table, "cannot be written: the disk is full, or the file is not writable");
}

}  // namespace foretime::api
