#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/model.h"
#include "api/predict.h"

namespace foretime::api {

/// By whose rules layers are counted.
enum class Rules { standard, dnn_analyzer };

struct InspectRequest {
  std::string model;
  Bindings bindings;
  Rules rules = Rules::standard;
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

/// Costs and memory of one model. Error: as load_model.
InspectResult inspect(const InspectRequest& request);

}  // namespace foretime::api
