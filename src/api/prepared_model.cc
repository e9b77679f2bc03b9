#include "api/prepared_model.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "api/quantized_model.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/suggest.h"
#include "measure/pinning.h"
#include "runtimes/runtime.h"

namespace foretime::api {
namespace {

// Long enough for ten ticks of the kernel's clock, by which it counts who is busy.
constexpr std::chrono::milliseconds kLook(100);

bool lacks_weights(const Graph& graph) {
  return std::any_of(graph.tensors().begin(), graph.tensors().end(), [](const Tensor& tensor) {
    return tensor.constant != nullptr && tensor.constant->encoding == Encoding::omitted;
  });
}

/// The model's own file if it serves, else one written for the occasion. `quantize`: its quantised form.
std::string file_for(Model& model, const Bindings& bindings, const RunRequest& run, bool quantize,
                     const std::string& path) {
  const Format& format = output_format("", runtime_named(run.runtime).format);
  Model source = quantize ? read_quantized(model.info.path, bindings) : read_model(model.info.path, bindings);
  const bool lacks = lacks_weights(source.source);
  if (model.info.format == format.name && !lacks && !quantize && !run.weights.has_value())
    return model.info.path;
  WriteOptions options;
  options.weights = run.weights.value_or(lacks ? Weights::random : Weights::original);
  options.seed = run.seed;
  if (lacks && !run.weights) {
    model.diagnostics.push_back({Severity::info, "weights-made-up",
                                 "the model comes without weights: random ones were put in",
                                 model.info.path});
  }
  const std::string file = path + std::string(format.suffix);
  if (format.needs_values) source.source = load_model(model.info.path, bindings, passes::Fold::known).graph;
  format.write(format.needs_sizes && !format.needs_values ? model.graph : source.source, file, options);
  return file;
}

std::vector<InputPlan> plans_of(const Model& model, const RunRequest& run) {
  std::vector<InputPlan> plans;
  std::vector<std::string> names;
  for (const TensorId id : model.graph.inputs()) {
    const Tensor& tensor = model.graph[id];
    InputPlan plan;
    plan.name = tensor.name;
    plan.dtype = tensor.type.dtype;
    for (const Dim& size : tensor.type.shape.value_or(Shape())) plan.sizes.push_back(size.upper());
    plan.fill = run.zeros ? Fill::zeros : Fill::random;
    plan.seed = run.seed;
    if (const auto file = run.input_files.find(plan.name); file != run.input_files.end()) {
      plan.fill = Fill::file;
      plan.path = file->second;
    }
    names.push_back(plan.name);
    plans.push_back(std::move(plan));
  }
  for (const auto& [name, file] : run.input_files) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      throw Error("--input " + name, "the model has no such input", suggestion(name, names));
    }
  }
  return plans;
}

}  // namespace

PreparedModel prepare(const std::string& spec, const Bindings& bindings, const RunRequest& run,
                      const TemporaryFolder& folder, const std::string& label) {
  PreparedModel prepared;
  prepared.model = load_model(spec, bindings);
  prepared.precision = precision_of(prepared.model.graph);
  const bool between_operators = runtime_named(run.runtime).format == "onnx";
  const bool quantize = run.precision == "int8" && prepared.precision == "fp32" && between_operators;
  if (quantize) {
    prepared.model = load_quantized(spec, bindings);
    prepared.model.diagnostics.push_back(
        {Severity::info, "quantised",
         "the network was quantised with guessed scales: its time is that of its integers, its results mean "
         "nothing",
         spec});
    prepared.precision = run.precision;
  }
  if (!run.precision.empty() && run.precision != prepared.precision) {
    throw Error("--precision " + run.precision, spec + " computes in " + prepared.precision,
                "a model in that precision, or one in fp32 to quantise for ONNX Runtime or OpenVINO");
  }
  prepared.inputs = plans_of(prepared.model, run);
  prepared.file = file_for(prepared.model, bindings, run, quantize, folder.file(label));
  prepared.hash = hex(hash_of(MappedFile::open(prepared.file)->text()));
  return prepared;
}

WorkerRequest worker_request(const PreparedModel& prepared, const RunRequest& run) {
  WorkerRequest request;
  request.runtime = run.runtime;
  request.model = prepared.file;
  request.name = prepared.model.info.path;
  request.inputs = prepared.inputs;
  request.threads = run.threads;
  request.provider = run.provider;
  request.precision = prepared.precision;
  request.options = run.options;
  request.library = run.library;
  request.timeout = run.timeout;
  return request;
}

std::vector<int> choose_processors(const RunRequest& run) {
  if (!run.processors.empty() || !run.pin) return run.processors;
  const std::vector<int> allowed = allowed_processors();
  const auto count = static_cast<std::size_t>(run.threads);
  if (allowed.size() <= count) return {};
  const auto before = read_processor_ticks();
  std::this_thread::sleep_for(kLook);
  return least_busy(allowed, count, before, read_processor_ticks());
}

void WorkerSubject::launch() {
  request_.processors = choose_processors(run_);
  for (const int processor : request_.processors) {
    if (std::find(processors_.begin(), processors_.end(), processor) == processors_.end()) {
      processors_.push_back(processor);
    }
  }
  std::sort(processors_.begin(), processors_.end());
  worker_.reset();  // the former one's memory and processor are free before the next one starts
  worker_ = std::make_unique<Worker>(request_);
}

void WorkerSubject::move_to(const std::vector<int>& processors) {
  if (!move_process(worker_->id(), processors)) {
    throw Error("--cpus", "the worker may not run there", "processors that the system gives it");
  }
}

SampleBlock WorkerSubject::block(const BlockPlan& plan) {
  SampleBlock block = worker_->block(plan);
  request_.fastest_beat = lower(request_.fastest_beat, block.fastest);  // the next launch knows, too
  return block;
}

}  // namespace foretime::api
