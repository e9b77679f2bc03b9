#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "api/model.h"

namespace foretime::api {

/// A predecessor's configuration of a kernel: its own keys in its own order. monostate: not known.
using ConfigValue = std::variant<std::monostate, std::int64_t, std::string, std::vector<std::int64_t>,
                                 std::vector<std::string>, std::vector<std::vector<std::int64_t>>>;
using Config = std::vector<std::pair<std::string, ConfigValue>>;

/// One kernel of a network on a device.
struct KernelRow {
  std::string kind;
  std::string name;
  std::vector<std::string> members;  // layers
  std::optional<Milliseconds> latency;
  std::string source;                                       // learned, lookup, analytic, fallback, rule
  std::vector<std::pair<std::string_view, double>> config;  // names are literals
  Config foreign;  // instead of `config`, of kernels found by a predecessor's rules

  /// Of `config`.
  std::optional<double> quantity(std::string_view name) const;
};

struct PredictionRow {
  std::string model;
  std::string device;
  Milliseconds latency;
  std::optional<Milliseconds> interval_low;  // nine in ten networks lie between these
  std::optional<Milliseconds> interval_high;
  Milliseconds overhead;
  double coverage_kernels_percent = 0;  // resting on models trained on kernels like these
  double coverage_time_percent = 0;
  std::string basis;  // what the number rests on, in a few words: "analytic roofline", …
  std::vector<KernelRow> kernels;
  Diagnostics diagnostics;
};

struct PredictRequest {
  std::vector<std::string> models;  // paths, folders, zoo:NAME
  std::vector<std::string>
      devices;  // ids or profile files; empty: every profile there is, the host if it was probed
  Bindings bindings;
};

struct PredictResult {
  std::vector<PredictionRow> predictions;  // model by model, device by device
  std::vector<Failure> failures;
  bool batch = false;
  Diagnostics diagnostics;
  Stages stages;
};

/// Latency of every model on every device. Error: a device that does not exist; a binding that fits no model;
/// for a single model (no batch), whatever is wrong with it. In a batch that is a failure, and the others go
/// on.
PredictResult predict(const PredictRequest& request);

}  // namespace foretime::api
