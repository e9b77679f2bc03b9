// The profile that ONNX Runtime writes with profiling enabled: a JSON array of events of the Chrome trace
// format, times in microseconds. A run is an event "model_run", after those of its kernels.

#include "base/error.h"
#include "base/json.h"
#include "runtimes/import/readers.h"
#include "runtimes/import/text.h"
#include "runtimes/onnxruntime/profiled_runs.h"

namespace foretime::import {
namespace {

constexpr std::string_view kProvider = "ExecutionProvider";

}  // namespace

bool matches_onnxruntime(std::string_view text) {
  return begins_array(text) && text.find("\"cat\"") != std::string_view::npos &&
         (text.find("model_run") != std::string_view::npos ||
          text.find("_kernel_time") != std::string_view::npos);
}

std::vector<ReportedRun> read_onnxruntime(std::string_view text, const std::string& origin) {
  ort::ProfiledRuns profiled = ort::runs_of(parse_json(text, origin), origin);
  std::vector<TimedRun>& runs = profiled.runs;
  if (runs.empty()) throw Error(origin, "holds no event model_run", "a profile of at least one run");
  std::vector<double> samples;
  for (const TimedRun& run : runs) samples.push_back(run.ms);
  ReportedRun report = sampled(std::move(samples));
  report.runtime.name = "onnxruntime";
  // The first run allocates; with only one, there is no other.
  if (runs.size() > 1) runs.erase(runs.begin());
  report.kernels = kernels_of(runs);
  if (profiled.provider.ends_with(kProvider))
    profiled.provider.resize(profiled.provider.size() - kProvider.size());
  report.runtime.provider = std::move(profiled.provider);
  return {std::move(report)};
}

}  // namespace foretime::import
