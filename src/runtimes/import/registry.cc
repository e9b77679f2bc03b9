#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "runtimes/import/readers.h"

namespace foretime::import {
namespace {

const ReportFormat kFormats[] = {
    {.tool = "ONNX Runtime",
     .what = "profile (JSON, one event for each kernel and run)",
     .evidence = "events with \"cat\": \"Node\" or \"Session\"",
     .matches = matches_onnxruntime,
     .read = read_onnxruntime},
    {.tool = "trtexec --exportTimes",
     .what = "times (JSON, one entry for each run)",
     .evidence = "\"latencyMs\"",
     .matches = matches_trtexec_times,
     .read = read_trtexec_times},
    {.tool = "trtexec --exportProfile",
     .what = "profile (JSON, one entry for each layer)",
     .evidence = "\"averageMs\"",
     .matches = matches_trtexec_profile,
     .read = read_trtexec_profile},
    {.tool = "TFLite benchmark_model",
     .what = "what it prints, with or without operators, or its operator profile (CSV)",
     .evidence = "\"Inference (avg):\" or a header with \"node type\"",
     .matches = matches_tflite,
     .read = read_tflite},
    {.tool = "OpenVINO benchmark_app",
     .what = "counters (CSV, report_type average_counters or detailed_counters), or its report (CSV)",
     .evidence = "a header with \"layerName;execStatus\", or \"Execution results\"",
     .matches = matches_openvino,
     .read = read_openvino},
    {.tool = "SNPE snpe_bench.py",
     .what = "statistics (CSV, microseconds, one group of columns for each runtime)",
     .evidence = "a row \"Total Inference Time\"",
     .matches = matches_snpe,
     .read = read_snpe},
    {.tool = "ncnn benchncnn",
     .what = "what it prints, one line for each network",
     .evidence = "lines with \"min =\", \"max =\" and \"avg =\"",
     .matches = matches_ncnn,
     .read = read_ncnn},
    {.tool = "mvNCProfile",
     .what = "what it prints: time of each layer on a Movidius stick",
     .evidence = "\"Detailed Per Layer Profile\"",
     .matches = matches_mvnc,
     .read = read_mvnc},
};

}  // namespace

std::span<const ReportFormat> report_formats() {
  return kFormats;
}

std::vector<ReportedRun> read_report(std::string_view text, const std::string& origin) {
  for (const ReportFormat& format : kFormats) {
    if (!format.matches(text)) continue;
    std::vector<ReportedRun> runs = format.read(text, origin);
    const bool times = !runs.empty() && std::all_of(runs.begin(), runs.end(), [](const ReportedRun& run) {
      return std::isfinite(run.latency.median) && run.latency.median > 0;
    });
    if (!times) throw Error(origin, "a report of " + std::string(format.tool) + " without times above 0");
    return runs;
  }
  std::string accepted;
  for (const ReportFormat& format : kFormats) {
    accepted +=
        (accepted.empty() ? "" : "; ") + std::string(format.tool) + ": " + std::string(format.evidence);
  }
  throw Error(origin, "is no report of a tool that is known", accepted);
}

ReportedRun summarised(double min_ms, double mean_ms, double max_ms) {
  ReportedRun run;
  run.latency = {min_ms,   kUnknown, mean_ms,  mean_ms, kUnknown,
                 kUnknown, kUnknown, kUnknown, max_ms,  kUnknown};
  run.runtime.threads = 0;
  return run;
}

ReportedRun sampled(std::vector<double> samples_ms) {
  ReportedRun run;
  run.runtime.threads = 0;
  run.latency = summarise(samples_ms);
  run.iterations = static_cast<std::int64_t>(samples_ms.size());
  run.samples_ms = std::move(samples_ms);
  return run;
}

ReportedRun summed(std::vector<ExecutedKernel> kernels) {
  const double sum = std::accumulate(
      kernels.begin(), kernels.end(), 0.0,
      [](double so_far, const ExecutedKernel& kernel) { return so_far + kernel.latency.value; });
  ReportedRun run = summarised(kUnknown, sum, kUnknown);
  run.kernels = std::move(kernels);
  run.sum_of_kernels = true;
  return run;
}

}  // namespace foretime::import
