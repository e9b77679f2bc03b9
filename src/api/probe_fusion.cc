#include "api/probe_fusion.h"

#include <algorithm>
#include <array>
#include <deque>
#include <map>

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
constexpr Milliseconds kMost{600};
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
      // Large enough that a layer without weights takes much longer than starting a kernel, and few
      // channels, so that layers with weights do not drown it.
      const std::string sizes =
          first == "fully_connected" ? "{batch_size: 512, width: 1, channels: 64, filters: 1024}"
          : first == "conv" || first == "pointwise_conv" ? "{width: 160, channels: 3, filters: 16}"
                                                         : "{width: 160, channels: 16}";
      text += "  - layers: [" + first + ", " + second + "]\n    at: " + sizes +
              "\n    pairs: true\n    taps: true\n";
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

void measure_rows(std::vector<Json>& rows, const std::string& folder, const CalibrateRequest& request) {
  RunRequest run = request.run;
  if (run.processors.empty()) run.processors = choose_processors(run);
  const bool profiles = !request.black_box && !runtime_named(run.runtime).self_timed;
  CalmBeats calm;
  for (std::size_t begin = 0, end = 0; begin < rows.size(); begin = end) {
    const TemporaryFolder scratch;
    std::deque<PreparedModel> parts;
    std::vector<BriefVisits> visits;
    for (; end < rows.size() && rows[end].at("pair") == rows[begin].at("pair"); ++end) {
      const auto part = rows[end].at("part").get<std::string>();
      parts.push_back(
          prepare(folder + "/" + rows[end].at("model").get<std::string>(), {}, run, scratch, part));
      visits.emplace_back(parts.back(), BriefRequest{run, kMost, profiles && part == "both", &calm});
    }
    visit_in_turns(
        visits, [] { return true; }, [](std::size_t, const Error& error) { throw error; });
    for (std::size_t i = begin; i < end; ++i) {
      const BriefMeasurement measured = visits[i - begin].result();
      rows[i]["latency_ms"] = measured.latency.value;
      rows[i]["std_ms"] = std::max(measured.deviation.value, kLeastSpread * measured.latency.value);
      if (measured.profile) rows[i]["kernels"] = members_of(*measured.profile);
    }
    if (request.progress) {
      request.progress(static_cast<int>(end), static_cast<int>(rows.size()),
                       "probing " + rows[begin].at("pair").get<std::string>());
    }
  }
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
  std::erase_if(rows, [](const Json& row) {
    const std::string part = row.value("part", "whole");
    return part == "whole" || part == "first";
  });
  measure_rows(rows, folder.path(), request);
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
