// What TensorFlow Lite's benchmark_model prints, in microseconds: "Inference timings in us: …, Inference
// (avg): …" and, for warming up and for the measured runs, "count=… first=… min=… max=… avg=… std=…". With
// operators, tables under titles between equals signs, of which "Run Order" has each operator once; as CSV
// these are all there is. A table's rows hold type, (start,) first, average, share, cumulated share, memory,
// times called, name.

#include <algorithm>

#include "base/csv.h"
#include "base/error.h"
#include "runtimes/import/readers.h"
#include "runtimes/import/text.h"

namespace foretime::import {
namespace {

/// The word in brackets behind `key`: "Graph: [net.tflite]".
std::string_view bracketed(std::string_view line, std::string_view key) {
  const std::size_t place = line.find(key);
  if (place == std::string_view::npos) return {};
  line.remove_prefix(place + key.size());
  return line.substr(0, line.find(']'));
}

std::string joined(const std::vector<std::string_view>& words, std::size_t from, std::size_t to,
                   std::string_view between) {
  std::string text;
  for (std::size_t i = from; i < std::min(to, words.size()); ++i) {
    if (!text.empty()) text += between;
    text += words[i];
  }
  return text;
}

/// Adds the operator of a row. A row of another form (a rule, a title) is no operator.
void add_operator(const std::vector<std::string_view>& cells, std::string_view between,
                  std::vector<ExecutedKernel>& kernels) {
  std::size_t share = 2;
  while (share < cells.size() &&
         !(cells[share].ends_with('%') && number_in(cells[share].substr(0, cells[share].size() - 1))))
    ++share;
  if (share >= cells.size()) return;
  std::size_t first = share;  // of the numbers before the share: type is what is left of them
  while (first > 1 && number_in(cells[first - 1])) --first;
  const auto average = number_in(cells[share - 1]);
  if (!average || cells.size() < share + 5) return;
  const double calls = std::max(1.0, number_in(cells[share + 3]).value_or(1));  // old ones say 0
  kernels.push_back({joined(cells, 0, first, between),
                     joined(cells, share + 4, cells.size(), between),
                     {},
                     {*average * calls}});
}

std::vector<std::string_view> csv_cells(const std::vector<std::string>& fields) {
  std::vector<std::string_view> cells;
  for (const std::string& field : fields) cells.push_back(trimmed(field));
  return cells;
}

struct Printed {
  std::string model;
  double threads = 0;
  bool xnnpack = false;
  std::string_view statistics;            // the last "count=" line of whole runs
  std::optional<double> average_us;       // of whole runs
  std::vector<ExecutedKernel> operators;  // of the last table in order of execution
};

Printed printed(std::string_view text, const std::string& origin) {
  Printed out;
  bool in_table = false;
  bool csv = false;
  for (const auto& [number, line] : lines_of(text)) {
    if (const auto name = bracketed(line, "Graph: ["); !name.empty()) out.model = name;
    if (const auto count = number_in(bracketed(line, "hreads: ["))) out.threads = *count;
    if (const auto count = number_in(bracketed(line, "CPU inference: ["))) out.threads = *count;
    if (bracketed(line, "xnnpack: [") == "1" || line.find("XNNPACK delegate") != std::string_view::npos)
      out.xnnpack = true;
    if (line.find("count=") != std::string_view::npos && line.find("avg=") != std::string_view::npos &&
        line.find("Timings (") == std::string_view::npos && line.find("Memory (") == std::string_view::npos) {
      out.statistics = line;
    }
    if (const auto us = number_after(line, "Inference (avg):")) out.average_us = us;
    if (line.find("=====") != std::string_view::npos) {
      in_table = line.find("Run Order") != std::string_view::npos;
      if (in_table) out.operators.clear();
    } else if (in_table && line.starts_with("node type,")) {
      csv = true;
    } else if (in_table && trimmed(line).empty()) {
      in_table = false;
    } else if (in_table && csv) {
      const std::vector<std::string> fields = split_csv(line, at_line(origin, number));
      add_operator(csv_cells(fields), ", ", out.operators);
    } else if (in_table) {
      add_operator(words_of(line), " ", out.operators);
    }
  }
  return out;
}

}  // namespace

bool matches_tflite(std::string_view text) {
  return text.find("Inference (avg):") != std::string_view::npos ||
         text.find("[node type]") != std::string_view::npos ||
         text.find("node type,") != std::string_view::npos;
}

std::vector<ReportedRun> read_tflite(std::string_view text, const std::string& origin) {
  Printed found = printed(text, origin);
  ReportedRun run;
  if (found.average_us) {
    const auto ms = [&](std::string_view key) {
      return number_after(found.statistics, key).value_or(0) / 1e3;
    };
    run = summarised(ms("min="), *found.average_us / 1e3, ms("max="));
    run.latency.stddev = ms("std=");
    run.latency.p05 = ms("p5=");
    run.latency.p95 = ms("p95=");
    if (const double median = ms("median="); median > 0) run.latency.median = median;
    run.iterations =
        static_cast<std::int64_t>(std::min(number_after(found.statistics, "count=").value_or(0), 1e9));
    run.kernels = std::move(found.operators);
  } else {
    if (found.operators.empty())
      throw Error(origin, "holds neither \"Inference (avg):\" nor operators in a table \"Run Order\"");
    run = summed(std::move(found.operators));
  }
  run.model = found.model;
  run.runtime.name = "tflite";
  run.runtime.provider = found.xnnpack ? "XNNPACK" : "";
  run.runtime.threads = static_cast<int>(std::min(found.threads, 1e4));
  return {std::move(run)};
}

}  // namespace foretime::import
