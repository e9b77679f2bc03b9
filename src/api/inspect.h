#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/model.h"
#include "api/predict.h"

namespace foretime::api {

/// By whose rules layers are counted or kernels found.
enum class Rules { standard, dnn_analyzer, nn_meter };

struct InspectRequest {
  std::string model;  // `inspect_all` sets it
  Bindings bindings;
  Rules rules = Rules::standard;
  std::string nn_meter_device;        // whose kernels, with Rules::nn_meter (api/nn_meter.h)
  bool alias = true;                  // views share their input's buffer (peak memory)
  bool kernels = false;               // price kernels, too, …
  std::optional<std::string> device;  // … on this device; without one, kernels are shown without times
};

/// What `--rules dnn-analyzer` adds to a layer and to the totals (docs/dnn-analyzer.md).
struct AnalyzerColumns {
  double macs = 0;  // may be fractional
  Bytes storage_bytes;
  Bytes inference_bytes;
  Bytes mem_read_bytes;
  Bytes mem_write_bytes;
};

struct LayerRow {
  std::string name;
  std::string op;
  std::string module_path;
  std::vector<TensorInfo> inputs;
  std::vector<TensorInfo> outputs;
  std::optional<Macs> macs;  // absent: not known
  std::optional<Flops> flops;
  std::int64_t parameters = 0;
  Bytes weight_bytes;
  std::optional<Bytes> read_bytes;
  std::optional<Bytes> write_bytes;
  std::optional<double> intensity;  // FLOPs per byte moved
  std::optional<AnalyzerColumns> analyzer;
};

struct InspectTotals {
  std::int64_t layers = 0;
  Macs macs;
  Macs folded_macs;  // of products of constants alone: computed once, in none of the layers
  Flops flops;
  std::int64_t parameters = 0;
  Bytes weight_bytes;
  Bytes activation_read_bytes;
  Bytes activation_write_bytes;
  Bytes activation_sum_bytes;
  Bytes peak_activation_bytes;
  std::int64_t layers_without_cost = 0;  // more than 0: the sums are lower bounds
  std::optional<AnalyzerColumns> analyzer;
};

struct InspectResult {
  ModelInfo model;
  std::vector<TensorInfo> inputs;
  std::vector<TensorInfo> outputs;
  InspectTotals totals;
  std::string peak_at;                 // layer name; empty without layers
  std::vector<TensorInfo> peak_alive;  // largest first
  std::vector<LayerRow> layers;
  std::optional<std::vector<KernelRow>> kernels;
  Diagnostics diagnostics;
  std::set<std::string> used_bindings;
  Stages stages;
};

/// What was found about one model, or about those of a batch that could be read.
struct Inspections {
  std::vector<InspectResult> results;
  std::vector<Failure> failures;
  bool batch = false;
  Diagnostics diagnostics;  // of the request, besides each model's own
};

/// Costs and memory of one model. Error: as load_model.
InspectResult inspect(const InspectRequest& request);

/// The same for every model that `inputs` (paths, folders, zoo:NAME) stand for. Error: a device that does not
/// exist; a binding that fits no model; for a single model (no batch), whatever is wrong with it. In a batch
/// that is a failure, and the others go on.
Inspections inspect_all(const std::vector<std::string>& inputs, InspectRequest request);

}  // namespace foretime::api
