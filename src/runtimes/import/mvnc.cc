// What mvNCProfile of Intel's NCSDK prints: after "Detailed Per Layer Profile" a heading, a rule of equals
// signs, for each layer "number  name  MFLOPs  MB/s  ms", a rule of dashes, and "Total inference time  ms".
// Columns touch where a number is wide, so only the first two and the last are taken.

#include <utility>

#include "base/error.h"
#include "runtimes/import/readers.h"
#include "runtimes/import/text.h"

namespace foretime::import {
namespace {

constexpr std::string_view kTitle = "Detailed Per Layer Profile";
constexpr std::string_view kTotal = "Total inference time";

ReportedRun run_of(std::vector<ExecutedKernel> layers, std::optional<double> total_ms) {
  ReportedRun run = total_ms ? summarised(kUnknown, *total_ms, kUnknown) : summed(layers);
  if (total_ms) run.kernels = std::move(layers);
  run.runtime.name = "ncsdk";
  run.runtime.provider = "MYRIAD";
  run.runtime.precision = "fp16";  // the stick computes in nothing else
  run.iterations = 1;
  return run;
}

}  // namespace

bool matches_mvnc(std::string_view text) {
  return text.find(kTitle) != std::string_view::npos;
}

std::vector<ReportedRun> read_mvnc(std::string_view text, const std::string& origin) {
  std::vector<ReportedRun> runs;
  std::vector<ExecutedKernel> layers;
  bool inside = false;
  for (const auto& [number, line] : lines_of(text)) {
    if (line.find(kTitle) != std::string_view::npos) {
      if (!layers.empty()) runs.push_back(run_of(std::exchange(layers, {}), std::nullopt));
      inside = true;
    } else if (inside && line.find(kTotal) != std::string_view::npos) {
      const auto total = number_after(line, kTotal);
      if (!total) throw Error(at_line(origin, number), "the total is no number", "Total inference time MS");
      runs.push_back(run_of(std::exchange(layers, {}), total));
      inside = false;
    } else if (inside) {
      const std::vector<std::string_view> words = words_of(line);
      if (words.size() < 4 || !number_in(words.front())) continue;  // headings and rules
      const auto ms = number_in(words.back());
      if (!ms) throw Error(at_line(origin, number), "ends with no time", "NUMBER NAME MFLOPS MB/S MS");
      layers.push_back({"", std::string(words[1]), {}, {*ms}});
    }
  }
  if (!layers.empty()) runs.push_back(run_of(std::move(layers), std::nullopt));
  return runs;
}

}  // namespace foretime::import
