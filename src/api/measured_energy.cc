#include "api/measured_energy.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <thread>

#include "base/error.h"
#include "base/stopwatch.h"
#include "measure/energy/monitor.h"

namespace foretime::api {
namespace {

// A window holds so many readings at least: 20 are needed, and the first may come late.
constexpr double kReadings = 25;
// A meter's program may write its file in pieces.
constexpr std::chrono::milliseconds kLook(250);
constexpr int kLooks = 40;

void sleep(Milliseconds time) {
  std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(time.value));
}

/// The family of sensors that sees what computes.
std::string_view preferred(const RunRequest& run) {
  std::string provider = run.provider;
  std::transform(provider.begin(), provider.end(), provider.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const bool card =
      provider.find("cuda") != std::string::npos || provider.find("tensorrt") != std::string::npos;
  return card ? "nvml" : "";
}

/// Seconds from the steady clock to 1970.
double epoch_offset() {
  const double day =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  return day - steady_now().value / 1e3;
}

void shift(TimeSpan& span, double seconds) {
  span.begin += seconds;
  span.end += seconds;
}

void name(Energy& energy, std::string sensor, std::string what, const std::vector<std::string>& doubts) {
  energy.sensor = std::move(sensor);
  energy.what = std::move(what);
  energy.reasons.insert(energy.reasons.begin(), doubts.begin(), doubts.end());
}

}  // namespace

EnergyMeter::EnergyMeter(const EnergyRequest& request, const RunRequest& run, std::size_t models,
                         Diagnostics& diagnostics)
    : request_(request), threads_(run.threads), self_timed_(runtime_named(run.runtime).self_timed) {
  if (!request.wanted) return;
  if (request.trace.empty()) {
    if (request.window || request.runs) {
      throw Error(request.window ? "--energy-window" : "--energy-runs", "says where in a trace the runs are",
                  "--energy-trace FILE with it");
    }
    const auto refuse = [&](const Error& error) {
      if (!request.sensor.empty()) throw Error(error);
      diagnostics.push_back({Severity::warning, "energy-not-measured", error.what(), "--energy"});
    };
    try {
      if (self_timed_) {
        throw Error("--energy",
                    "what runtime " + run.runtime + " runs may run anywhere; sensors here see this machine",
                    "--energy-trace FILE of a power meter");
      }
      sensor_ = choose_sensor(find_sensors(request.places), request.sensor, preferred(run));
    } catch (const Error& error) {
      refuse(error);
    }
    return;
  }
  trace_ = read_power_trace(request.trace);
  if (!request.window) {
    if (request.runs) throw Error("--energy-runs", "is of a window", "--energy-window BEGIN:END with it");
    if (!trace_->of_day) {
      throw Error(request.trace, "its times are not those of the day, so it is not known where the runs are",
                  "--energy-window BEGIN:END, or times in seconds since 1970");
    }
  } else if (models > 1) {
    throw Error("--energy-window", "is of one model", "one MODEL");
  } else {
    (void)marks_within(trace_->curve, *request.window, 1);
  }
}

std::optional<Energy> EnergyMeter::measure(Subject& subject, const Measurement& measurement,
                                           const std::string& model, Diagnostics& diagnostics,
                                           const Step& step) const {
  if (!sensor_ && !trace_) return std::nullopt;
  if (step) step(1, "energy");
  try {
    return request_.window ? by_window(measurement) : trace_ ? by_clock(subject) : by_sensor(subject);
  } catch (const Error& error) {
    diagnostics.push_back({Severity::warning, "energy-not-measured", error.what(), model});
    return std::nullopt;
  }
}

MarkedRuns EnergyMeter::mark(Subject& subject, double step_seconds) const {
  MarkOptions options;
  options.window = {std::max(request_.least_window.value, kReadings * step_seconds * 1e3)};
  options.idle = options.window;
  options.threads = threads_;
  options.self_timed = self_timed_;
  return mark_runs(subject, options, steady_now, sleep);
}

Energy EnergyMeter::by_sensor(Subject& subject) const {
  const double period = reading_period(*sensor_).value / 1e3;
  EnergyMonitor monitor(*sensor_);
  const MarkedRuns marks = mark(subject, period);
  sleep({2e3 * period});  // one more reading behind the end
  Energy energy = energy_of(monitor.stop(), marks, period);
  name(energy, sensor_->name, sensor_->what, sensor_->doubts);
  return energy;
}

Energy EnergyMeter::by_clock(Subject& subject) const {
  const double offset = epoch_offset();
  MarkedRuns marks = mark(subject, trace_->curve.usual_step());
  for (TimeSpan& idle : marks.idle) shift(idle, offset);
  for (MarkedWindow& window : marks.windows) shift(window.span, offset);
  PowerTrace trace = read_power_trace(request_.trace);
  for (int i = 0; i < kLooks && !trace.curve.covers(marks.idle.back()); ++i) {
    std::this_thread::sleep_for(kLook);
    trace = read_power_trace(request_.trace);
  }
  Energy energy = energy_of(trace.curve, marks, trace.curve.usual_step());
  name(energy, request_.trace, trace.format + ", which ran along", trace.doubts);
  if (self_timed_) energy.reasons.push_back("windows hold whole commands, loading the model included");
  return energy;
}

Energy EnergyMeter::by_window(const Measurement& measurement) const {
  const double runs = request_.runs.value_or(request_.window->length() * 1e3 / measurement.latency.median);
  const EnergyCurve& curve = trace_->curve;
  Energy energy = energy_of(curve, marks_within(curve, *request_.window, runs), curve.usual_step());
  name(energy, request_.trace, trace_->format + ", window given", trace_->doubts);
  if (!request_.runs) {
    energy.reasons.push_back(
        "the number of runs follows from the latency measured now: --energy-runs N tells it");
  }
  return energy;
}

Json to_json(const Energy& energy) {
  return {{"sensor", energy.sensor},
          {"description", energy.what},
          {"ci95_mj", {energy.ci95.low, energy.ci95.high}},
          {"gross_mj", energy.gross_mj},
          {"idle_mw", energy.idle_mw ? Json(*energy.idle_mw) : Json()},
          {"idle_spread_mw", energy.idle_spread_mw},
          {"active_mw", energy.active_mw},
          {"windows", energy.windows},
          {"runs", energy.runs},
          {"seconds", energy.seconds},
          {"reasons", energy.reasons}};
}

Json to_json(const Sustained& sustained) {
  const auto maybe = [](const std::optional<double>& number) { return number ? Json(*number) : Json(); };
  Json slices = Json::array();
  for (const SustainedSlice& slice : sustained.slices) {
    slices.push_back({{"begin_s", slice.begin_s},
                      {"seconds", slice.seconds},
                      {"iterations", slice.iterations},
                      {"disturbed_percent", slice.disturbed_percent},
                      {"p05_ms", slice.p05_ms},
                      {"median_ms", slice.median_ms},
                      {"p95_ms", slice.p95_ms},
                      {"reference_us", slice.reference_us > 0 ? Json(slice.reference_us) : Json()},
                      {"frequency_mhz", maybe(slice.frequency_mhz)},
                      {"temperature_celsius", maybe(slice.temperature_celsius)}});
  }
  return {{"verdict", name_of(sustained.verdict)},
          {"reasons", sustained.reasons},
          {"first_ms", sustained.first_ms},
          {"last_ms", sustained.last_ms},
          {"change_percent", sustained.change_percent},
          {"worst_percent", sustained.worst_percent},
          {"clock_percent", maybe(sustained.clock_percent)},
          {"slower_after_s", maybe(sustained.slower_after_s)},
          {"slices", std::move(slices)}};
}

}  // namespace foretime::api
