#include "api/measured_kernels.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "analysis/costs.h"
#include "base/error.h"
#include "base/json.h"
#include "calibrate/host.h"

namespace foretime::api {
namespace {

// Taking two times and opening an event cost a runtime's profiler this much inside a kernel's own time at
// most; what kernels took longer under the profiler beyond it is caches and clock, which scale.
constexpr double kMostPerKernelMs = 0.002;

/// Times without the profiler: kernels together cannot take longer than the whole run did without it.
void correct(const KernelProfile& profile, MeasuredKernels& result) {
  double sum = 0;
  for (const ExecutedKernel& kernel : profile.kernels) sum += kernel.latency.value;
  result.profiled = profile.run;
  result.plain = profile.plain;
  result.sum_uncorrected = {sum};
  const double count = std::max<double>(1, static_cast<double>(profile.kernels.size()));
  const double each = std::clamp((sum - profile.plain.value) / count, 0.0, kMostPerKernelMs);
  double left = 0;
  for (MeasuredKernel& kernel : result.kernels) {
    kernel.latency.value = std::max(kernel.latency.value - each, kernel.latency.value / 2);
    left += kernel.latency.value;
  }
  const double factor = left > profile.plain.value && left > 0 ? profile.plain.value / left : 1;
  for (MeasuredKernel& kernel : result.kernels) kernel.latency.value *= factor;
  result.sum = {left * factor};
  result.correction = sum > 0 ? result.sum.value / sum : 1;
  result.between = {profile.plain.value - result.sum.value};
  for (MeasuredKernel& kernel : result.kernels) {
    kernel.share_percent = result.sum.value > 0 ? kernel.latency.value / result.sum.value * 100 : 0;
  }
}

void hold_against(const Ceiling& ceiling, MeasuredKernel& kernel) {
  if (!kernel.gflops || !kernel.gbytes_per_s) return;
  const double compute = *kernel.gflops / ceiling.gflops;
  const double memory = *kernel.gbytes_per_s / ceiling.gbytes_per_s;
  kernel.roofline_percent = std::max(compute, memory) * 100;
  kernel.bound = compute >= memory ? "compute" : "memory";
}

/// Work and traffic of kernels, by the layers they stand for.
class Work {
 public:
  Work(const Model& model, const analysis::Costs& costs) : graph_(model.graph) {
    for (const analysis::Layer& layer : costs.layers) {
      if (layer.graph == &model.graph || layer.name == layer.node->name) layers_.emplace(layer.name, &layer);
    }
  }

  void fill(MeasuredKernel& kernel) const {
    if (kernel.members.empty() || kernel.latency.value <= 0) return;
    const double seconds = kernel.latency.value / 1e3;
    std::int64_t flops = 0;
    std::set<const Node*> members;
    for (const std::string& member : kernel.members) {
      const auto found = layers_.find(member);
      if (found == layers_.end()) continue;  // folded: it costs nothing
      if (!found->second->work) return;
      flops += found->second->work->flops.value;
      members.insert(found->second->node);
    }
    if (members.empty()) return;
    kernel.gflops = static_cast<double>(flops) / seconds / 1e9;
    if (const auto bytes = traffic(members))
      kernel.gbytes_per_s = static_cast<double>(*bytes) / seconds / 1e9;
  }

 private:
  /// Bytes that cross the kernel's border, each tensor once.
  std::optional<std::int64_t> traffic(const std::set<const Node*>& members) const {
    std::set<TensorId> crossing;
    for (const Node* node : members) {
      for (const TensorId input : node->inputs) {
        if (input != kNoTensor && !members.contains(producer(input))) crossing.insert(input);
      }
      for (const TensorId output : node->outputs) {
        if (output != kNoTensor && leaves(output, members)) crossing.insert(output);
      }
    }
    std::int64_t sum = 0;
    for (const TensorId tensor : crossing) {
      const auto bytes = bytes_of(graph_[tensor].type);
      if (!bytes) return std::nullopt;
      sum += *bytes;
    }
    return sum;
  }

  const Node* producer(TensorId tensor) const {
    const NodeId node = graph_[tensor].producer;
    return node == kNoNode ? nullptr : &graph_[node];
  }

  bool leaves(TensorId tensor, const std::set<const Node*>& members) const {
    const auto outputs = graph_.outputs();
    if (std::find(outputs.begin(), outputs.end(), tensor) != outputs.end()) return true;
    const auto readers = graph_.consumers(tensor);
    return std::any_of(readers.begin(), readers.end(),
                       [&](NodeId reader) { return !members.contains(&graph_[reader]); });
  }

  const Graph& graph_;
  std::unordered_map<std::string, const analysis::Layer*> layers_;
};

}  // namespace

std::optional<Ceiling> ceiling_of(const RuntimeDescription& runtime, Diagnostics& diagnostics) {
  const bool processor = runtime.provider == "CPU" || runtime.provider == "XNNPACK";
  if (!processor || runtime.precision != "fp32") return std::nullopt;
  try {
    const Roofline roofline = host_profile(false, &diagnostics).predictor.roofline;
    return Ceiling{runtime.threads * roofline.peak_ops_per_s / 1e9,
                   runtime.threads * roofline.peak_bytes_per_s / 1e9};
  } catch (const Error& error) {
    diagnostics.push_back({Severity::warning, "no-roofline", error.what(), "--kernels"});
    return std::nullopt;
  }
}

MeasuredKernels measured_kernels(const KernelProfile& profile, const Model& model,
                                 const std::optional<Ceiling>& ceiling) {
  MeasuredKernels result;
  for (const ExecutedKernel& kernel : profile.kernels) {
    result.kernels.push_back({kernel.kind, kernel.name, kernel.members, kernel.latency, 0, {}, {}, {}, {}});
  }
  correct(profile, result);
  Diagnostics ignored;
  const analysis::Costs costs = analysis::costs(model.graph, ignored);
  const Work work(model, costs);
  for (MeasuredKernel& kernel : result.kernels) work.fill(kernel);
  if (!ceiling) return result;
  result.peak_gflops = ceiling->gflops;
  result.peak_gbytes_per_s = ceiling->gbytes_per_s;
  for (MeasuredKernel& kernel : result.kernels) hold_against(*ceiling, kernel);
  return result;
}

std::string chrome_trace(const MeasuredModel& measured) {
  Json events = Json::array();
  double at_us = 0;
  for (const MeasuredKernel& kernel : measured.kernels->kernels) {
    const double us = kernel.latency.value * 1e3;
    Json event = {{"name", kernel.name}, {"cat", kernel.kind}, {"ph", "X"}, {"ts", at_us},
                  {"dur", us},           {"pid", 1},           {"tid", 1}};
    event["args"] = {
        {"kind", kernel.kind}, {"layers", kernel.members}, {"share_percent", kernel.share_percent}};
    if (kernel.gflops) event["args"]["gflops"] = *kernel.gflops;
    if (kernel.gbytes_per_s) event["args"]["gbytes_per_s"] = *kernel.gbytes_per_s;
    events.push_back(std::move(event));
    at_us += us;
  }
  const Json trace = {
      {"displayTimeUnit", "ms"},
      {"otherData",
       {{"model", measured.model}, {"runtime", measured.runtime.name + " " + measured.runtime.version}}},
      {"traceEvents", std::move(events)}};
  return trace.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace foretime::api
