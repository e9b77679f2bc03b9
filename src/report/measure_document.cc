#include <fmt/format.h>

#include <algorithm>

#include "report/cells.h"
#include "report/measure_report.h"
#include "report/numbers.h"

namespace foretime::report {
namespace {

std::string ms(double value) {
  return human_text(Cell{value}, Unit::milliseconds);
}

Cell interval_text(const Measurement& m) {
  if (m.launches < 2) return {};
  return fmt::format("{} … {} ms", human(Cell{m.ci95.low}, Unit::milliseconds).number,
                     human(Cell{m.ci95.high}, Unit::milliseconds).number);
}

Table model_table(const std::vector<api::MeasuredModel>& rows) {
  Table table;
  table.selectable = true;
  table.columns = {
      {.key = "model", .title = "model", .cut = true},
      {.key = "median_ms", .title = "median", .unit = Unit::milliseconds},
      {.key = "ci95", .title = "95 % interval", .rank = 1},
      {.key = "ci95_low_ms", .title = "low", .unit = Unit::milliseconds, .detail = true},
      {.key = "ci95_high_ms", .title = "high", .unit = Unit::milliseconds, .detail = true},
      {.key = "min_ms", .title = "min", .unit = Unit::milliseconds, .rank = 1},
      {.key = "p05_ms", .title = "p05", .unit = Unit::milliseconds, .detail = true},
      {.key = "mean_ms", .title = "mean", .unit = Unit::milliseconds, .detail = true},
      {.key = "p90_ms", .title = "p90", .unit = Unit::milliseconds, .detail = true},
      {.key = "p95_ms", .title = "p95", .unit = Unit::milliseconds, .rank = 2},
      {.key = "p99_ms", .title = "p99", .unit = Unit::milliseconds, .rank = 2},
      {.key = "p999_ms", .title = "p99.9", .unit = Unit::milliseconds, .detail = true},
      {.key = "stddev_ms", .title = "stddev", .unit = Unit::milliseconds, .detail = true},
      {.key = "iterations", .title = "samples", .unit = Unit::count, .rank = 3},
      {.key = "launches", .title = "launches", .unit = Unit::count, .rank = 4},
      {.key = "verdict", .title = "verdict"},
      {.key = "runtime", .title = "runtime", .detail = true},
      {.key = "threads", .title = "threads", .unit = Unit::count, .detail = true},
      {.key = "peak_rss_bytes", .title = "peak memory", .unit = Unit::bytes, .rank = 3},
      {.key = "cpu_signature", .title = "processor", .detail = true},
  };
  for (const api::MeasuredModel& row : rows) {
    const Measurement& m = row.measurement;
    table.rows.push_back({row.model,
                          m.latency.median,
                          interval_text(m),
                          m.ci95.low,
                          m.ci95.high,
                          m.latency.min,
                          m.latency.p05,
                          m.latency.mean,
                          m.latency.p90,
                          m.latency.p95,
                          m.latency.p99,
                          m.latency.p999,
                          m.latency.stddev,
                          static_cast<std::int64_t>(m.iterations),
                          static_cast<std::int64_t>(m.launches),
                          std::string(name_of(m.verdict)),
                          row.runtime.name + " " + row.runtime.version,
                          static_cast<std::int64_t>(row.runtime.threads),
                          cell(row.memory.peak),
                          row.context.cpu_signature});
  }
  return table;
}

std::string join(const std::vector<std::string>& texts) {
  return fmt::format("{}", fmt::join(texts, ", "));
}

Table kernel_table(const api::MeasuredKernels& measured) {
  Table table;
  table.selectable = true;
  table.title = "Kernels";
  table.columns = {
      {.key = "name", .title = "kernel", .cut = true},
      {.key = "kind", .title = "kind"},
      {.key = "members", .title = "layers", .rank = 2, .cut = true},
      {.key = "latency_ms", .title = "time", .unit = Unit::milliseconds},
      {.key = "share_percent", .title = "share", .unit = Unit::percent, .bar = true},
      {.key = "gflops", .title = "GFLOP/s", .unit = Unit::ratio, .rank = 1},
      {.key = "gbytes_per_s", .title = "GB/s", .unit = Unit::ratio, .rank = 1},
  };
  for (const api::MeasuredKernel& kernel : measured.kernels) {
    table.rows.push_back({kernel.name, kernel.kind, join(kernel.members), cell(kernel.latency),
                          kernel.share_percent, cell(kernel.gflops), cell(kernel.gbytes_per_s)});
  }
  return table;
}

/// Without the columns that only CSV has use for, where there is one model.
std::vector<Fact> facts_of(const api::MeasuredModel& row) {
  const Measurement& m = row.measurement;
  const RuntimeDescription& r = row.runtime;
  const std::string half =
      m.launches < 2 ? std::string("only one launch") : fmt::format("±{:.2f} %", m.half_width_percent);
  std::vector<Fact> facts = {
      {"median", fmt::format("{} ({}, 95 % confidence)", ms(m.latency.median), half)},
      {"min, p05", fmt::format("{}, {}", ms(m.latency.min), ms(m.latency.p05))},
      {"p90, p95, p99, p99.9", fmt::format("{}, {}, {}, {}", ms(m.latency.p90), ms(m.latency.p95),
                                           ms(m.latency.p99), ms(m.latency.p999))},
      {"first run", row.warm_up.first.value, Unit::milliseconds},
      {"samples", fmt::format("{} in {} and {}; {:.0f} % left out", m.iterations,
                              m.launches == 1 ? "1 launch" : fmt::format("{} launches", m.launches),
                              counted(m.sessions, "session"), m.disturbance.excluded_percent)},
      {"runtime", fmt::format("{} {}, {}, {}, {}", r.name, r.version, r.provider,
                              counted(r.threads, "thread"), r.precision)},
      {"peak memory", row.memory.peak.value, Unit::bytes},
      {"of it running", row.memory.above_load.value, Unit::bytes},
      {"verdict", std::string(name_of(m.verdict))},
  };
  for (const std::string& reason : m.reasons) facts.push_back({"", reason});
  return facts;
}

}  // namespace

Table histogram_table(const Histogram& bars) {
  constexpr std::size_t kWidth = 40;
  Table table;
  table.title = "Samples";
  table.columns = {{.key = "from_ms", .title = "from", .unit = Unit::milliseconds},
                   {.key = "samples", .title = "samples", .unit = Unit::count},
                   {.key = "bar", .title = ""}};
  const std::size_t most =
      std::max<std::size_t>(1, *std::max_element(bars.counts.begin(), bars.counts.end()));
  const auto add = [&](double from, std::size_t count) {
    std::string bar;
    for (std::size_t i = 0; i < (count * kWidth + most - 1) / most && i < kWidth; ++i) bar += "█";
    table.rows.push_back({from, static_cast<std::int64_t>(count), std::move(bar)});
  };
  for (std::size_t i = 0; i < bars.counts.size(); ++i) {
    add(bars.low + static_cast<double>(i) * bars.width, bars.counts[i]);
  }
  if (bars.above > 0) add(bars.low + static_cast<double>(bars.counts.size()) * bars.width, bars.above);
  return table;
}

Document measure_document(const api::MeasureResult& result) {
  Document document;
  document.flat = model_table(result.measurements);
  if (!result.batch && result.measurements.size() == 1) {
    const api::MeasuredModel& row = result.measurements.front();
    document.title = row.model;
    document.facts = facts_of(row);
    document.tables.push_back(histogram_table(row.measurement.bars));
    if (row.kernels) {
      document.tables.push_back(kernel_table(*row.kernels));
      document.flat = document.tables.back();
      document.remarks.push_back(fmt::format(
          "Kernels take {} together, {} pass between them; the profiler's own cost is taken out (a run "
          "takes {} with it, {} without).",
          ms(row.kernels->sum.value), ms(row.kernels->between.value), ms(row.kernels->profiled.value),
          ms(row.kernels->plain.value)));
    }
  } else {
    document.title = counted(static_cast<std::int64_t>(result.measurements.size()), "model") + " measured";
    document.tables.push_back(*document.flat);
    for (const api::MeasuredModel& row : result.measurements) {
      for (const std::string& reason : row.measurement.reasons)
        document.remarks.push_back(row.model + ": " + reason);
    }
  }
  document.failed = failure_table(result.failures);
  document.diagnostics = result.diagnostics;
  for (const api::MeasuredModel& row : result.measurements) {
    document.diagnostics.insert(document.diagnostics.end(), row.diagnostics.begin(), row.diagnostics.end());
  }
  return document;
}

}  // namespace foretime::report
