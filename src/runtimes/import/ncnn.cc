// What ncnn's benchncnn prints, in milliseconds: settings as "num_threads = 4", then for each network
// "squeezenet  min = 5.17  max = 5.53  avg = 5.30".

#include <algorithm>

#include "base/error.h"
#include "runtimes/import/readers.h"
#include "runtimes/import/text.h"

namespace foretime::import {

bool matches_ncnn(std::string_view text) {
  return text.find("min =") != std::string_view::npos && text.find("max =") != std::string_view::npos &&
         text.find("avg =") != std::string_view::npos;
}

std::vector<ReportedRun> read_ncnn(std::string_view text, const std::string& origin) {
  std::vector<ReportedRun> runs;
  double loops = 0;
  double threads = 0;
  bool gpu = false;
  for (const auto& [number, line] : lines_of(text)) {
    if (const auto count = number_after(line, "loop_count =")) loops = std::min(*count, 1e9);
    if (const auto count = number_after(line, "num_threads =")) threads = std::min(*count, 1e4);
    if (line.find("gpu_device =") != std::string_view::npos)
      gpu = number_after(line, "gpu_device =").has_value();
    const std::size_t numbers = line.find("min =");
    if (numbers == std::string_view::npos) continue;
    const auto min = number_after(line, "min =");
    const auto max = number_after(line, "max =");
    const auto avg = number_after(line, "avg =");
    const std::string_view name = trimmed(line.substr(0, numbers));
    if (!min || !max || !avg || name.empty()) {
      throw Error(at_line(origin, number), "is no line of a network", "NAME min = MS max = MS avg = MS");
    }
    ReportedRun run = summarised(*min, *avg, *max);
    run.model = name;
    run.runtime.name = "ncnn";
    run.runtime.provider = gpu ? "Vulkan" : "CPU";
    run.runtime.threads = static_cast<int>(threads);
    run.iterations = static_cast<std::int64_t>(loops);
    runs.push_back(std::move(run));
  }
  return runs;
}

}  // namespace foretime::import
