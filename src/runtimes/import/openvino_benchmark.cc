// The CSV files of OpenVINO's benchmark_app, separated by semicolons. Counters: a table for each infer
// request (one in all with average_counters) of "layerName;execStatus;layerType;execType;realTime
// (ms);cpuTime (ms)", and a row "Total". The report: sections of "key;value", of which "Execution results"
// has times in milliseconds.

#include <algorithm>
#include <map>

#include "base/csv.h"
#include "base/error.h"
#include "runtimes/import/readers.h"
#include "runtimes/import/text.h"

namespace foretime::import {
namespace {

constexpr std::string_view kHeader = "layerName";
constexpr std::string_view kResults = "Execution results";

/// Adds a row of counters; one that did not run is none.
void add_counter(const std::vector<std::string>& fields, double ms_per_unit, const std::string& where,
                 std::map<std::string, std::size_t>& places, std::vector<ExecutedKernel>& kernels) {
  constexpr std::size_t kFields = 6;
  if (fields.size() < kFields) {
    throw Error(where, "has " + std::to_string(fields.size()) + " fields",
                "layerName;execStatus;layerType;execType;realTime;cpuTime");
  }
  if (!fields[1].ends_with("EXECUTED")) return;
  const auto time = number_in(fields[4]);
  if (!time) throw Error(where, "realTime is '" + fields[4] + "'", "a number from 0");
  const auto [place, fresh] = places.emplace(fields[0], kernels.size());
  if (fresh) kernels.push_back({fields[2] + " (" + fields[3] + ")", fields[0], {}, {0}});
  kernels[place->second].latency.value += *time * ms_per_unit;
}

ReportedRun counters(std::string_view text, const std::string& origin) {
  std::vector<ExecutedKernel> kernels;
  std::map<std::string, std::size_t> places;
  int tables = 0;
  char separator = ';';
  double ms_per_unit = 1;
  for (const auto& [number, line] : lines_of(text)) {
    if (line.starts_with(kHeader)) {
      ++tables;
      if (line.size() > kHeader.size()) separator = line[kHeader.size()];
      ms_per_unit = line.find("realTime (us)") != std::string_view::npos ? 1e-3 : 1;
    } else if (tables > 0 && !trimmed(line).empty() && !line.starts_with("Total")) {
      const std::string where = at_line(origin, number);
      add_counter(split_csv(line, where, separator), ms_per_unit, where, places, kernels);
    }
  }
  for (ExecutedKernel& kernel : kernels) kernel.latency.value /= tables;
  return summed(std::move(kernels));
}

ReportedRun results(std::string_view text, const std::string& origin) {
  std::map<std::string, std::string> values;
  for (const auto& [number, line] : lines_of(text)) {
    const std::vector<std::string> fields = split_csv(line, at_line(origin, number), ';');
    if (fields.size() > 1) values.emplace(trimmed(fields[0]), trimmed(fields[1]));
  }
  const auto ms = [&](const char* key) { return number_in(values[key]).value_or(kUnknown); };
  const auto median = number_in(values["latency (ms)"]);
  if (!median)
    throw Error(origin, "its execution results have no latency (ms)",
                "a run with -report_type and latencies");
  ReportedRun run = summarised(ms("min latency"), ms("avg latency"), ms("max latency"));
  run.latency.median = *median;
  run.model = values["-m"];
  run.runtime.provider = values["target device"];
  run.runtime.threads = static_cast<int>(std::min(number_in(values["-nthreads"]).value_or(0), 1e4));
  run.iterations =
      static_cast<std::int64_t>(std::min(number_in(values["total number of iterations"]).value_or(0), 1e9));
  return run;
}

}  // namespace

bool matches_openvino(std::string_view text) {
  return text.starts_with(kHeader) || text.find(kResults) != std::string_view::npos;
}

std::vector<ReportedRun> read_openvino(std::string_view text, const std::string& origin) {
  ReportedRun run = text.starts_with(kHeader) ? counters(text, origin) : results(text, origin);
  run.runtime.name = "openvino";
  return {std::move(run)};
}

}  // namespace foretime::import
