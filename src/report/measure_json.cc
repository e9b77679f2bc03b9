#include "api/measured_energy.h"
#include "report/json_parts.h"
#include "report/measure_report.h"

namespace foretime::report {
namespace {

void write_runtime(JsonWriter& json, const RuntimeDescription& runtime) {
  json.key("runtime");
  json.begin_object();
  json.field("name", runtime.name);
  json.field("version", runtime.version);
  json.field("provider", runtime.provider);
  json.field("threads", runtime.threads);
  json.field("precision", runtime.precision);
  json.field("library", runtime.library);
  json.end_object();
}

void write_latency(JsonWriter& json, const Measurement& m) {
  json.key("latency_ms");
  json.begin_object();
  json.field("min", m.latency.min);
  json.field("p05", m.latency.p05);
  json.field("median", m.latency.median);
  json.field("mean", m.latency.mean);
  json.field("p90", m.latency.p90);
  json.field("p95", m.latency.p95);
  json.field("p99", m.latency.p99);
  json.field("p999", m.latency.p999);
  json.field("max", m.latency.max);
  json.field("stddev", m.latency.stddev);
  json.array("ci95", std::vector<double>{m.ci95.low, m.ci95.high});
  json.end_object();
}

void write_state(JsonWriter& json, const char* key, const MachineState& state) {
  json.key(key);
  json.begin_object();
  json.field("load", state.load);
  json.field("frequency_mhz", state.frequency_mhz);
  json.field("governor", state.governor);
  json.field("temperature_celsius", state.temperature_celsius);
  json.end_object();
}

void write_context(JsonWriter& json, const api::MeasuredModel& row) {
  const Disturbance& d = row.measurement.disturbance;
  json.key("context");
  json.begin_object();
  json.field("cpu_signature", row.context.cpu_signature);
  json.field("system", row.context.kernel);
  json.field("time", row.context.time);
  json.field("tool_version", row.context.tool_version);
  json.field("model_hash", row.model_hash);
  json.field("structure_hash", row.structure_hash);
  json.array("processors", row.context.processors);
  write_state(json, "before", row.context.before);
  write_state(json, "after", row.context.after);
  json.field("excluded_percent", d.excluded_percent);
  json.field("displaced_percent", d.displaced_percent);
  json.field("calm_percent", d.calm_percent);
  json.field("waiting_percent", d.waiting_percent);
  json.field("steal_percent", d.steal_percent);
  json.field("clock_percent", d.clock_percent);
  json.field("memory_percent", d.memory_percent);
  json.field("slowed_percent", d.slowed_percent);
  json.field("fastest_run_ms", d.fastest_run_ms);
  json.array("fastest_beat_us", std::vector<double>{d.calm.core_us, d.calm.memory_us, d.calm.message_us});
  json.field("launches_percent", d.launches_percent);
  json.field("major_faults", d.major_faults);
  json.field("seconds", row.time.value / 1e3);
  json.end_object();
}

void write_profile(JsonWriter& json, const api::MeasuredKernels& measured) {
  json.array("kernels", measured.kernels, [&](const api::MeasuredKernel& kernel) {
    json.begin_object();
    json.field("kind", kernel.kind);
    json.field("name", kernel.name);
    json.array("members", kernel.members);
    json.field("latency_ms", kernel.latency);
    json.field("share_percent", kernel.share_percent);
    json.field("gflops", kernel.gflops);
    json.field("gbytes_per_s", kernel.gbytes_per_s);
    json.field("roofline_percent", kernel.roofline_percent);
    json.field("bound", kernel.bound.empty() ? std::nullopt : std::optional(kernel.bound));
    json.end_object();
  });
  json.key("profile");
  json.begin_object();
  json.field("profiled_ms", measured.profiled);
  json.field("plain_ms", measured.plain);
  json.field("sum_uncorrected_ms", measured.sum_uncorrected);
  json.field("sum_ms", measured.sum);
  json.field("between_kernels_ms", measured.between);
  json.field("correction", measured.correction);
  json.field("peak_gflops", measured.peak_gflops);
  json.field("peak_gbytes_per_s", measured.peak_gbytes_per_s);
  json.end_object();
}

/// Bytes that are not UTF-8 (names of files) become U+FFFD.
std::string dumped(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void write_measurement(JsonWriter& json, const api::MeasuredModel& row) {
  const Measurement& m = row.measurement;
  json.begin_object();
  json.field("id", row.id);
  json.field("model", row.model);
  write_runtime(json, row.runtime);
  write_latency(json, m);
  json.field("iterations", m.iterations);
  json.field("excluded_iterations", m.excluded);
  json.field("sessions", m.sessions);
  json.field("launches", m.launches);
  json.array("launch_medians_ms", m.launch_medians);
  json.field("first_ms", row.warm_up.first);
  json.field("verdict", name_of(m.verdict));
  json.array("reasons", m.reasons);
  json.key("histogram");
  json.begin_object();
  json.field("low_ms", m.bars.low);
  json.field("width_ms", m.bars.width);
  json.array("counts", m.bars.counts);
  json.field("above", m.bars.above);
  json.end_object();
  write_context(json, row);
  json.field("peak_rss_bytes", row.memory.peak);
  json.field("run_rss_bytes", row.memory.above_load);
  json.field("arena_bytes", row.memory.arena);
  json.field("peak_activation_bytes", row.liveness_peak);
  json.field("energy_mj", row.energy ? std::optional(row.energy->mj) : std::nullopt);
  json.key("energy");
  json.raw(row.energy ? dumped(api::to_json(*row.energy)) : "null");
  json.key("sustained");
  json.raw(row.sustained ? dumped(api::to_json(*row.sustained)) : "null");
  if (row.kernels) write_profile(json, *row.kernels);
  write_diagnostics(json, row.diagnostics);
  json.end_object();
}

}  // namespace

std::string measure_json(const api::MeasureResult& result) {
  JsonWriter json = begin_document("measure");
  json.array("measurements", result.measurements,
             [&](const api::MeasuredModel& row) { write_measurement(json, row); });
  write_failures(json, result.failures);
  write_diagnostics(json, result.diagnostics);
  json.end_object();
  return json.take();
}

}  // namespace foretime::report
