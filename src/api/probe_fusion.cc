#include "api/probe_fusion.h"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <span>

#include "api/brief_measurement.h"
#include "base/error.h"
#include "base/json.h"
#include "base/line_reader.h"
#include "base/mapped_file.h"
#include "base/stopwatch.h"

namespace foretime::api {
namespace {

constexpr std::array kFirst = {"conv",     "depthwise_conv", "pointwise_conv", "add",  "concat",
                               "max_pool", "avg_pool",       "batch_norm",     "relu", "fully_connected"};
constexpr std::array kSecond = {"relu", "relu6",      "leaky_relu", "sigmoid",  "tanh",          "hardswish",
                                "silu", "batch_norm", "add",        "max_pool", "pointwise_conv"};
constexpr std::size_t kParts = 4;  // networks of a pair
constexpr Milliseconds kMost{300};
/// All pairs are measured twice, minutes apart, and where the answers differ or one is wrong with more than
/// this chance, once more; most answers win.
constexpr int kTurns = 2;
constexpr double kSurePercent = 5;
/// Two fastest visits may agree by luck.
constexpr double kLeastSpread = 0.005;

/// All pairs as a sweep's specification (docs/sweeps.md).
std::string specification() {
  std::string text = "foretime.sweep: 1\ndevice: probe\nbenchmarks:\n";
  for (const std::string first : kFirst) {
    for (const std::string second : kSecond) {
      if (first == "fully_connected" &&
          (second == "max_pool" || second == "pointwise_conv" || second == "batch_norm"))
        continue;  // no image any more
      // So small that starting a kernel takes longer than computing it, which is what fusing saves of a layer
      // however dear; and as many copies as make that long enough to be seen.
      const std::string sizes = first == "fully_connected"
                                    ? "{batch_size: 2, width: 1, channels: 32, filters: 32}"
                                    : "{width: 2, channels: 16}";
      text += "  - layers: [" + first + ", " + second + "]\n    at: " + sizes +
              "\n    pairs: true\n    taps: true\n    copies: 24\n";
    }
  }
  return text;
}

/// Kernels of several layers or one, by the names of their layers.
Json members_of(const KernelProfile& profile) {
  Json kernels = Json::array();
  for (const ExecutedKernel& kernel : profile.kernels) {
    if (!kernel.members.empty()) kernels.push_back(kernel.members);
  }
  return kernels;
}

std::vector<Json> rows_of(const std::string& table) {
  std::vector<Json> rows;
  LineReader lines(table);
  std::string line;
  while (lines.next(line)) rows.push_back(parse_json(line, lines.where()));
  return rows;
}

FusionResult decide(const std::vector<Json>& rows, const std::string& path, bool by_profile) {
  std::string table;
  for (Json row : rows) {
    if (!by_profile) row.erase("kernels");
    table += row.dump() + "\n";
  }
  write_file(path, table);
  return find_fusion(path);
}

/// Measures the networks of pairs, in turns.
class Probe {
 public:
  Probe(std::string folder, const CalibrateRequest& request)
      : folder_(std::move(folder)), request_(request), run_(request.run) {
    if (run_.processors.empty()) run_.processors = choose_processors(run_);
  }

  bool profiles() const { return !request_.black_box && !runtime_named(run_.runtime).self_timed; }

  /// Fills in what the rows of a pair take, and what ran.
  void measure(std::span<Json> rows) {
    const TemporaryFolder scratch;
    std::deque<PreparedModel> parts;
    std::vector<BriefVisits> visits;
    for (const Json& row : rows) {
      const auto part = row.at("part").get<std::string>();
      parts.push_back(
          prepare(folder_ + "/" + row.at("model").get<std::string>(), {}, run_, scratch, part));
      visits.emplace_back(parts.back(), BriefRequest{run_, kMost, profiles() && part == "both", &calm_});
    }
    visit_in_turns(
        visits, [] { return true; }, [](std::size_t, const Error& error) { throw error; });
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const BriefMeasurement measured = visits[i].result();
      rows[i]["latency_ms"] = measured.latency.value;
      rows[i]["std_ms"] = std::max(measured.calm_deviation.value, kLeastSpread * measured.latency.value);
      if (measured.profile) rows[i]["kernels"] = members_of(*measured.profile);
    }
  }

 private:
  std::string folder_;
  const CalibrateRequest& request_;
  RunRequest run_;
  CalmBeats calm_;
};

/// The pairs' networks as measured, each pair two or three times.
std::vector<Json> measure_pairs(const std::vector<Json>& rows, const std::string& folder,
                                const CalibrateRequest& request) {
  Probe probe(folder, request);
  std::vector<std::vector<Json>> turns(rows.size() / kParts);  // by pair
  const auto is_sure = [&](const std::vector<Json>& measured) {
    const FusionRow row = decide(measured, folder + "/pair.jsonl", false).rows.front();
    return row.error_percent <= kSurePercent && (row.fused == 0 || row.fused == row.pairs);
  };
  for (int turn = 1; turn <= kTurns + 1; ++turn) {
    std::vector<std::size_t> open;
    for (std::size_t pair = 0; pair < turns.size(); ++pair) {
      if (turn <= kTurns || !is_sure(turns[pair])) open.push_back(pair);
    }
    for (std::size_t done = 0; done < open.size(); ++done) {
      const std::span<const Json> networks = std::span(rows).subspan(open[done] * kParts, kParts);
      std::vector<Json> measured(networks.begin(), networks.end());
      const auto name = networks[0].at("pair").get<std::string>();
      probe.measure(measured);
      for (Json& row : measured) {
        row["pair"] = name + "#" + std::to_string(turn);
        turns[open[done]].push_back(std::move(row));
      }
      if (request.progress) {
        request.progress(static_cast<int>(done + 1), static_cast<int>(open.size()),
                         "turn " + std::to_string(turn) + ": " + name);
      }
    }
  }
  std::vector<Json> all;
  for (const std::vector<Json>& pair : turns) all.insert(all.end(), pair.begin(), pair.end());
  return all;
}

double agreement(const FusionResult& a, const FusionResult& b) {
  std::map<std::pair<std::string, std::string>, bool> decided;
  for (const FusionRow& row : a.rows) decided[{row.first, row.second}] = row.is_fused();
  double same = 0;
  double all = 0;
  for (const FusionRow& row : b.rows) {
    const auto found = decided.find({row.first, row.second});
    if (found == decided.end()) continue;
    ++all;
    same += found->second == row.is_fused() ? 1 : 0;
  }
  return all > 0 ? 100 * same / all : 0;
}

}  // namespace

ProbeResult probe_fusion(const CalibrateRequest& request) {
  const Stopwatch watch;
  const TemporaryFolder folder;
  const std::string yaml = folder.file("probe.yaml");
  write_file(yaml, specification());
  WriteOptions options;
  options.weights = Weights::random;
  const SweepResult sweep = write_sweep({yaml, folder.path(), "", options});
  std::vector<Json> rows = rows_of(sweep.table);
  std::erase_if(rows, [](const Json& row) { return !row.contains("pair"); });
  rows = measure_pairs(rows, folder.path(), request);
  ProbeResult result;
  result.by_time = decide(rows, sweep.table, false);
  if (!request.black_box && !runtime_named(request.run.runtime).self_timed) {
    result.by_profile = decide(rows, sweep.table, true);
    result.agreement_percent = agreement(result.by_time, *result.by_profile);
  }
  result.time = watch.elapsed();
  return result;
}

}  // namespace foretime::api
