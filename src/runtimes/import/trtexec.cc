// What TensorRT's trtexec writes. --exportTimes: a JSON array with one object for each run, whose "latencyMs"
// is the way in, the computation and the way out. --exportProfile: a JSON array whose first object is
// {"count": runs}, the others {"name", "timeMs" (sum), "averageMs", "percentage"} of a layer.

#include <algorithm>

#include "base/error.h"
#include "base/json_values.h"
#include "runtimes/import/readers.h"
#include "runtimes/import/text.h"

namespace foretime::import {
namespace {

bool is_array_with(std::string_view text, std::string_view key) {
  return begins_array(text) && text.find(key) != std::string_view::npos;
}

ReportedRun of_tensorrt(ReportedRun run) {
  run.runtime.name = "tensorrt";
  run.runtime.provider = "GPU";
  return run;
}

Json array_of(std::string_view text, const std::string& origin) {
  Json json = parse_json(text, origin);
  if (!json.is_array()) throw Error(origin, "is no report of trtexec", "an array");
  return json;
}

}  // namespace

bool matches_trtexec_times(std::string_view text) {
  return is_array_with(text, "\"latencyMs\"");
}

std::vector<ReportedRun> read_trtexec_times(std::string_view text, const std::string& origin) {
  std::vector<double> samples;
  for (const Json& run : array_of(text, origin)) {
    const double ms = number_at(run, "latencyMs");
    if (ms <= 0)
      throw Error(origin, "run " + std::to_string(samples.size() + 1) + " has no latencyMs",
                  "a number above 0");
    samples.push_back(ms);
  }
  if (samples.empty()) throw Error(origin, "holds no runs", "at least one");
  return {of_tensorrt(sampled(std::move(samples)))};
}

bool matches_trtexec_profile(std::string_view text) {
  return is_array_with(text, "\"averageMs\"");
}

std::vector<ReportedRun> read_trtexec_profile(std::string_view text, const std::string& origin) {
  double count = 0;
  std::vector<ExecutedKernel> kernels;
  for (const Json& layer : array_of(text, origin)) {
    const std::string name = text_at(layer, "name");
    if (name.empty()) {
      count += number_at(layer, "count");
    } else {
      kernels.push_back({"", name, {}, {std::max(number_at(layer, "averageMs"), 0.0)}});
    }
  }
  ReportedRun report = of_tensorrt(summed(std::move(kernels)));
  report.iterations = count > 0 && count < 1e9 ? static_cast<std::int64_t>(count) : 0;
  return {std::move(report)};
}

}  // namespace foretime::import
