#include "api/measure.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

#include "analysis/memory.h"
#include "api/measured_energy.h"
#include "api/measured_kernels.h"
#include "api/measurements.h"
#include "api/prepared_model.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/mapped_file.h"
#include "base/stopwatch.h"
#include "graph/structure_hash.h"
#include "measure/protocol.h"

namespace foretime::api {
namespace {

// Profiled runs: enough that the calmer half of them is ten, within a fifth of the budget.
constexpr int kProfiledRuns = 20;
constexpr int kLeastProfiledRuns = 3;
constexpr double kProfileShare = 0.2;

// Two runtimes that compute in float32 differ by rounding and the order of sums: 1e-6 to 1e-4 of the largest
// output.
constexpr double kSameOutputs = 1e-3;

double steal_percent(const std::vector<ProcessorTicks>& before, const std::vector<ProcessorTicks>& after) {
  std::int64_t stolen = 0;
  std::int64_t all = 0;
  for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
    stolen += after[i].steal - before[i].steal;
    all += after[i].all - before[i].all;
  }
  return all > 0 ? 100.0 * static_cast<double>(stolen) / static_cast<double>(all) : 0;
}

ProtocolOptions protocol_of(const MeasureRequest& request) {
  ProtocolOptions options;
  options.budget = request.budget;
  options.target_percent = request.target_percent;
  options.least_launches = request.launches;
  options.most_launches = std::max(options.most_launches, request.launches);
  options.sessions = request.sessions;
  options.cooldown = request.cooldown;
  options.threads = request.run.threads;
  options.self_timed = runtime_named(request.run.runtime).self_timed;
  return options;
}

/// Runs the model once in the other runtime and notes how far apart the outputs are.
void check_against(const std::string& runtime, const std::string& spec, const MeasureRequest& request,
                   const std::vector<TensorValue>& outputs, Diagnostics& diagnostics) {
  RunRequest run = request.run;
  run.runtime = runtime;
  run.provider.clear();
  run.options.clear();
  run.library.clear();
  const TemporaryFolder folder;
  const PreparedModel prepared = prepare(spec, request.bindings, run, folder);
  Worker worker(worker_request(prepared, run));
  worker.open();
  worker.block({.time = {0}});
  const double difference = largest_difference(outputs, worker.outputs());
  const bool same = difference <= kSameOutputs;
  diagnostics.push_back(
      {same ? Severity::info : Severity::warning, same ? "outputs-agree" : "outputs-differ",
       "the outputs differ from " + runtime + "'s by " + std::to_string(difference) + " of the largest value",
       spec});
}

void check_outputs(const std::vector<TensorValue>& outputs, Measurement& measurement) {
  const std::string bad = not_finite(outputs);
  if (bad.empty()) return;
  measurement.verdict = Verdict::rejected;
  measurement.reasons.push_back("output " + bad +
                                " is not finite: --inputs zeros, or --input NAME=FILE with real ones");
}

std::optional<MeasuredKernels> profiled(const MeasureRequest& request, const Measurement& measurement,
                                        const Model& model, const RuntimeDescription& runtime, Worker& worker,
                                        Diagnostics& diagnostics) {
  if (!request.kernels) return std::nullopt;
  const double fit = kProfileShare * request.budget.value / (2 * measurement.latency.median);
  const int runs = std::clamp(static_cast<int>(std::min(fit, 1e6)), kLeastProfiledRuns, kProfiledRuns);
  return measured_kernels(worker.profile(runs), model, ceiling_of(runtime, diagnostics));
}

/// Runs without a pause in a process of its own.
std::optional<Sustained> sustained_run(const MeasureRequest& request, WorkerSubject& subject,
                                       const Stopwatch& watch, const Step& step) {
  if (!request.sustained) return std::nullopt;
  std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(request.cooldown.value));
  SustainedOptions options;
  options.time = *request.sustained;
  options.threads = request.run.threads;
  options.self_timed = runtime_named(request.run.runtime).self_timed;
  const ReadState state = [&] {
    return read_machine_state(subject.processors().empty() ? 0 : subject.processors().front());
  };
  return sustain(
      subject, options, [&] { return watch.elapsed(); }, state, step);
}

MeasuredModel measure_model(const std::string& spec, const MeasureRequest& request, const BeatTimes& calm,
                            const EnergyMeter& meter, const Step& step, std::set<std::string>& used) {
  const Stopwatch watch;
  const TemporaryFolder folder;
  PreparedModel prepared = prepare(spec, request.bindings, request.run, folder);
  used = prepared.model.used_bindings;
  WorkerRequest worker = worker_request(prepared, request.run);
  worker.fastest_beat = calm;
  WorkerSubject subject(std::move(worker), request.run);

  MeasuredModel result;
  result.model = spec;
  result.model_hash = prepared.hash;
  result.structure_hash = hex(structure_hash(prepared.model.graph));
  result.context = begin_context(0);
  const auto ticks = read_processor_ticks();
  ProtocolOptions options = protocol_of(request);
  options.calm = calm;
  const Measured measured = foretime::measure(
      subject, options, [&] { return watch.elapsed(); }, step);
  result.context.steal_percent = steal_percent(ticks, read_processor_ticks());
  result.context.processors = subject.processors();
  result.context.after = read_machine_state(subject.processors().empty() ? 0 : subject.processors().front());

  result.runtime = subject.description();
  result.warm_up = measured.warm_ups.front();
  result.measurement = judge(measured.records, {request.target_percent, result.context.steal_percent,
                                                measured.warm, options.self_timed, calm});
  for (const BlockRecord& record : measured.records) {
    result.samples.insert(result.samples.end(), record.block.ms.begin(), record.block.ms.end());
  }
  result.memory = subject.worker().memory();
  const std::vector<TensorValue> outputs = subject.worker().outputs();
  check_outputs(outputs, result.measurement);
  result.liveness_peak = analysis::peak_memory(prepared.model.graph).bytes;
  result.diagnostics = std::move(prepared.model.diagnostics);
  result.energy = meter.measure(subject, result.measurement, spec, result.diagnostics, step);
  result.kernels = profiled(request, result.measurement, prepared.model, result.runtime, subject.worker(),
                            result.diagnostics);
  result.sustained = sustained_run(request, subject, watch, step);
  if (!request.check_against.empty()) {
    check_against(request.check_against, spec, request, outputs, result.diagnostics);
  }
  result.time = watch.elapsed();
  return result;
}

}  // namespace

std::vector<std::string> runtime_names() {
  std::vector<std::string> names;
  for (const Runtime& runtime : runtimes()) names.emplace_back(runtime.name);
  return names;
}

MeasureResult measure(const MeasureRequest& request) {
  runtime_named(request.run.runtime);
  if (!request.check_against.empty()) runtime_named(request.check_against);
  const Inputs inputs = expand_inputs(request.models);
  const std::string database = database_for(request.database);
  MeasureResult result;
  result.batch = inputs.batch;
  const EnergyMeter meter(request.energy, request.run, inputs.models.size(), result.diagnostics);
  std::vector<std::set<std::string>> used;
  constexpr int kSteps = 100;
  const int all = static_cast<int>(inputs.models.size()) * kSteps;
  for (std::size_t i = 0; i < inputs.models.size(); ++i) {
    const std::string& spec = inputs.models[i];
    const Step step = [&](double share, const std::string& what) {
      if (!request.progress) return;
      request.progress(static_cast<int>(i) * kSteps + static_cast<int>(share * kSteps), all,
                       spec + ": " + what);
    };
    try {
      std::set<std::string> names;
      const BeatTimes calm = calm_beat(database, request.run.threads);
      result.measurements.push_back(measure_model(spec, request, calm, meter, step, names));
      keep(database, result.measurements.back());
      used.push_back(std::move(names));
    } catch (const Error& error) {
      if (!inputs.batch) throw;
      result.failures.push_back({spec, error.what()});
    }
  }
  check_bindings(request.bindings, used, result.diagnostics);
  if (!request.trace.empty() && !result.measurements.empty()) {
    write_file(request.trace, chrome_trace(result.measurements.front()));
  }
  return result;
}

}  // namespace foretime::api
