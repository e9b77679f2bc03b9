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
  const bool energy = std::any_of(rows.begin(), rows.end(),
                                  [](const api::MeasuredModel& row) { return row.energy.has_value(); });
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
      {.key = "slowed_percent", .title = "slowed", .unit = Unit::percent, .rank = 5},
      {.key = "fastest_run_ms", .title = "fastest run", .unit = Unit::milliseconds, .detail = true},
      {.key = "verdict", .title = "verdict"},
      {.key = "runtime", .title = "runtime", .detail = true},
      {.key = "threads", .title = "threads", .unit = Unit::count, .detail = true},
      {.key = "energy_mj", .title = "energy mJ", .unit = Unit::ratio, .rank = 2, .detail = !energy},
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
                          m.disturbance.slowed_percent,
                          m.disturbance.fastest_run_ms,
                          std::string(name_of(m.verdict)),
                          row.runtime.name + " " + row.runtime.version,
                          static_cast<std::int64_t>(row.runtime.threads),
                          row.energy ? Cell{row.energy->mj} : Cell{},
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
      {.key = "roofline_percent", .title = "of roofline", .unit = Unit::percent, .rank = 1},
      {.key = "bound", .title = "bound", .rank = 2},
  };
  for (const api::MeasuredKernel& kernel : measured.kernels) {
    table.rows.push_back({kernel.name, kernel.kind, join(kernel.members), cell(kernel.latency),
                          kernel.share_percent, cell(kernel.gflops), cell(kernel.gbytes_per_s),
                          cell(kernel.roofline_percent), kernel.bound});
  }
  return table;
}

void add_energy(const Energy& energy, std::vector<Fact>& facts) {
  const double half = (energy.ci95.high - energy.ci95.low) / 2;
  facts.push_back(
      {"energy", fmt::format("{:.4g} mJ per inference (±{:.2g} mJ, 95 % confidence)", energy.mj, half)});
  facts.push_back(
      {"power", fmt::format("{:.4g} mW running, {} idle ({}; {})", energy.active_mw,
                            energy.idle_mw ? fmt::format("{:.4g} mW", *energy.idle_mw) : "unknown",
                            energy.sensor, energy.what)});
  for (const std::string& reason : energy.reasons) facts.push_back({"", reason});
}

void add_sustained(const Sustained& sustained, Document& document) {
  document.facts.push_back(
      {"sustained", fmt::format("{}: {} at first, {} at last ({:+.1f} %), at worst {:+.1f} %",
                                name_of(sustained.verdict), ms(sustained.first_ms), ms(sustained.last_ms),
                                sustained.change_percent, sustained.worst_percent)});
  for (const std::string& reason : sustained.reasons) document.facts.push_back({"", reason});
  Plot latency{"Latency of the sustained run", "s", Unit::milliseconds, {}, {}, {}, {}};
  Plot frequency{"Frequency, MHz", "s", Unit::ratio, {}, {}, {}, {}};
  Plot temperature{"Temperature, °C", "s", Unit::ratio, {}, {}, {}, {}};
  Table table;
  table.title = "Sustained run";
  table.columns = {{.key = "begin_s", .title = "from s", .unit = Unit::ratio},
                   {.key = "median_ms", .title = "median", .unit = Unit::milliseconds},
                   {.key = "p05_ms", .title = "p05", .unit = Unit::milliseconds},
                   {.key = "p95_ms", .title = "p95", .unit = Unit::milliseconds},
                   {.key = "iterations", .title = "samples", .unit = Unit::count},
                   {.key = "disturbed_percent", .title = "disturbed", .unit = Unit::percent},
                   {.key = "reference_us", .title = "reference µs", .unit = Unit::ratio},
                   {.key = "frequency_mhz", .title = "MHz", .unit = Unit::ratio},
                   {.key = "temperature_celsius", .title = "°C", .unit = Unit::ratio}};
  for (const SustainedSlice& slice : sustained.slices) {
    const Cell reference = slice.reference_us > 0 ? Cell{slice.reference_us} : Cell{};
    table.rows.push_back({slice.begin_s, slice.median_ms, slice.p05_ms, slice.p95_ms,
                          static_cast<std::int64_t>(slice.iterations), slice.disturbed_percent, reference,
                          cell(slice.frequency_mhz), cell(slice.temperature_celsius)});
    latency.x.push_back(slice.begin_s);
    latency.y.push_back(slice.median_ms);
    latency.y_low.push_back(slice.p05_ms);
    latency.y_high.push_back(slice.p95_ms);
    const auto add = [&](const std::optional<double>& value, Plot& plot) {
      if (!value) return;
      plot.x.push_back(slice.begin_s);
      plot.y.push_back(*value);
    };
    add(slice.frequency_mhz, frequency);
    add(slice.temperature_celsius, temperature);
  }
  for (Plot* plot : {&latency, &frequency, &temperature}) {
    if (!plot->y.empty()) document.plots.push_back(std::move(*plot));
  }
  document.tables.push_back(std::move(table));
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
      {"samples",
       fmt::format(
           "the {} calmest of {}, in {} and {}; {:.0f} % lost the processor{}", m.iterations,
           m.iterations + m.excluded, m.launches == 1 ? "1 launch" : fmt::format("{} launches", m.launches),
           counted(m.sessions, "session"), m.disturbance.excluded_percent,
           m.disturbance.displaced_percent > 0
               ? fmt::format(", during {:.0f} % processors were displaced", m.disturbance.displaced_percent)
               : "")},
      {"neighbours",
       fmt::format("left {:.0f} % alone, and slowed the median run by {:.1f} %; the fastest as it was: {}",
                   m.disturbance.calm_percent, m.disturbance.slowed_percent, ms(m.disturbance.fastest_run_ms))},
      {"runtime", fmt::format("{} {}, {}, {}, {}", r.name, r.version, r.provider,
                              counted(r.threads, "thread"), r.precision)},
      {"peak memory", row.memory.peak.value, Unit::bytes},
      {"of it running", row.memory.above_load.value, Unit::bytes},
      {"verdict", std::string(name_of(m.verdict))},
  };
  for (const std::string& reason : m.reasons) facts.push_back({"", reason});
  if (row.energy) add_energy(*row.energy, facts);
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
    if (row.sustained) add_sustained(*row.sustained, document);
    if (row.kernels) {
      document.tables.push_back(kernel_table(*row.kernels));
      document.flat = document.tables.back();
      document.remarks.push_back(fmt::format(
          "Kernels take {} together ({} before the profiler's own cost was taken out), {} pass between them; "
          "a "
          "run takes {} with the profiler, {} without.",
          ms(row.kernels->sum.value), ms(row.kernels->sum_uncorrected.value), ms(row.kernels->between.value),
          ms(row.kernels->profiled.value), ms(row.kernels->plain.value)));
      if (row.kernels->peak_gflops) {
        document.remarks.push_back(fmt::format(
            "The roofline: {:.3g} GFLOP/s, {:.3g} GB/s from memory; above 100 %, tensors stayed in caches.",
            *row.kernels->peak_gflops, *row.kernels->peak_gbytes_per_s));
      }
    }
  } else {
    document.title = counted(static_cast<std::int64_t>(result.measurements.size()), "model") + " measured";
    document.tables.push_back(*document.flat);
    for (const api::MeasuredModel& row : result.measurements) {
      for (const std::string& reason : row.measurement.reasons)
        document.remarks.push_back(row.model + ": " + reason);
      if (row.energy) {
        for (const std::string& reason : row.energy->reasons)
          document.remarks.push_back(row.model + ": energy: " + reason);
      }
      if (row.sustained) {
        document.remarks.push_back(fmt::format("{}: sustained: {} ({:+.1f} %)", row.model,
                                               name_of(row.sustained->verdict),
                                               row.sustained->change_percent));
      }
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
