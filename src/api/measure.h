#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/model.h"
#include "formats/format.h"
#include "measure/context.h"
#include "measure/energy/energy.h"
#include "measure/energy/sensor.h"
#include "measure/measurement.h"
#include "measure/sustained.h"
#include "runtimes/worker.h"

namespace foretime::api {

/// How and where a model runs.
struct RunRequest {
  std::string runtime = "onnxruntime";
  int threads = 1;
  std::string provider;
  std::string precision;                       // empty: the model's
  std::map<std::string, std::string> options;  // of the runtime
  std::string library;
  std::map<std::string, std::string> input_files;  // input → file
  bool zeros = false;                              // inputs without a file: zeros instead of random numbers
  std::uint64_t seed = 0;
  std::optional<Weights> weights;  // absent: the model's own, random where it has none
  std::vector<int> processors;     // to stay on; empty: as many as threads, the least busy
  bool pin = true;
  Milliseconds timeout{300'000};
};

/// Where energy comes from: a sensor of this machine, or the file of a power meter.
struct EnergyRequest {
  bool wanted = false;
  std::string sensor;  // by name; empty: the best there is
  std::string trace;   // file of a meter; empty: a sensor
  std::optional<TimeSpan>
      window;  // where in the trace the runs are, s; absent: it ran along, and has the time of day
  std::optional<double> runs;       // in the window; absent: as many as fit at the latency measured now
  Milliseconds least_window{1000};  // of time that runs are watched in one go; slow sensors need more
  SensorPlaces places;
};

struct MeasureRequest {
  std::vector<std::string> models;  // paths, folders, zoo:NAME
  Bindings bindings;
  RunRequest run;
  Milliseconds budget{20'000};  // for each model
  double target_percent = 1;
  int sessions = 2;
  int launches = 5;  // at least
  Milliseconds cooldown{};
  bool kernels = false;
  EnergyRequest energy;
  std::optional<Milliseconds> sustained;  // run for so long without a pause, too
  std::string check_against;              // a runtime whose outputs should be the same
  std::string database;                   // empty: the user's; "none": not kept
  std::string trace;                      // file for the profile as a Chrome trace; needs `kernels`
  std::function<void(int done, int all, const std::string& what)> progress;
};

/// One kernel as it ran.
struct MeasuredKernel {
  std::string kind;
  std::string name;
  std::vector<std::string> members;  // layers; empty: the runtime's own doing
  Milliseconds latency;              // corrected
  double share_percent = 0;          // of all kernels
  std::optional<double> gflops;      // achieved, 10^9 FLOP/s; absent: the work is not known
  std::optional<double> gbytes_per_s;
  // Of the processor's roofline: the least time this arithmetic and traffic can take, of the time it took.
  // Above 100: its tensors stayed in caches. Absent: no peaks are known of what ran it.
  std::optional<double> roofline_percent;
  std::string bound;  // what limits it there: "compute", "memory"; empty: not known
};

/// The profile against the whole.
struct MeasuredKernels {
  std::vector<MeasuredKernel> kernels;
  Milliseconds profiled;              // a whole run under the profiler
  Milliseconds plain;                 // a whole run without it, at the same time
  Milliseconds sum_uncorrected;       // of the kernels, as the profiler said
  Milliseconds sum;                   // of the kernels, corrected
  Milliseconds between;               // `plain` less `sum`: between kernels, in and out
  double correction = 1;              // what kernels were multiplied by
  std::optional<double> peak_gflops;  // of the roofline: one thread's peak times the threads
  std::optional<double> peak_gbytes_per_s;
};

struct MeasuredModel {
  std::optional<std::int64_t> id;  // in the database; absent: not kept
  std::string model;
  std::string model_hash;      // of what was run
  std::string structure_hash;  // networks that differ in names and weights only have the same
  RuntimeDescription runtime;
  Measurement measurement;
  std::vector<float> samples;  // ms, all, in the order they were taken
  Context context;
  WarmUp warm_up;  // of the first session
  WorkerMemory memory;
  std::optional<Bytes> liveness_peak;  // as `inspect` computes it
  std::optional<MeasuredKernels> kernels;
  std::optional<Energy> energy;
  std::optional<Sustained> sustained;
  Milliseconds time;  // that measuring took
  Diagnostics diagnostics;
};

struct MeasureResult {
  std::vector<MeasuredModel> measurements;
  std::vector<Failure> failures;
  bool batch = false;
  Diagnostics diagnostics;
};

/// Of runtimes/, in the order help shows them.
std::vector<std::string> runtime_names();

/// Measures every model on this machine, one after the other. Error: no such runtime; a binding that fits no
/// model; for a single model (no batch), whatever is wrong with it. In a batch that is a failure, and the
/// others go on.
MeasureResult measure(const MeasureRequest& request);

}  // namespace foretime::api
