#pragma once

// A device is data: everything a prediction needs to know about one processor of one machine under one
// runtime, at one precision and number of threads. This room reads and writes the file and checks it; what
// the fusion rules and a learnt predictor's parameters mean is for higher rooms, so both are kept as
// uninterpreted text. The file itself is described in docs/device-profile.md.

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace foretime {

/// The version of the file format that this program writes, and the only one it reads.
constexpr int kProfileVersion = 1;

/// Profiles travel inside the binary and are read on the way to every prediction: small by contract.
constexpr std::size_t kLargestProfile = std::size_t{2} * 1024 * 1024;

/// The one predictor kind that needs no parameters beyond the roofline.
constexpr std::string_view kRooflineKind = "roofline";

/// A class of kernels that one pair of rates can describe.
struct KernelClass {
  std::string_view name;
  std::string_view what;
};

/// Every class there is, in the order of the documentation.
std::span<const KernelClass> kernel_classes();

/// What differs from the roofline's defaults for one class; an empty field means: as the default.
struct ClassRates {
  std::optional<double> ops_per_s;
  std::optional<double> bytes_per_s;
  std::optional<double> overhead_ms;

  bool operator==(const ClassRates&) const = default;
};

/// The rates that hold for one class once the defaults are filled in.
struct KernelRates {
  double ops_per_s = 0;    // operations per second; 1 MAC = 2 operations
  double bytes_per_s = 0;  // bytes per second, reads and writes together
  double overhead_ms = 0;  // added to every kernel
};

/// Time of a kernel = max(operations / ops_per_s, bytes / bytes_per_s) + overhead. Every profile has one: it
/// also prices the kernels that a learnt predictor does not know.
struct Roofline {
  double peak_ops_per_s = 0;       // operations per second; 1 MAC = 2 operations
  double peak_bytes_per_s = 0;     // bytes per second, reads and writes together
  double kernel_overhead_ms = 0;   // launching one kernel
  double network_overhead_ms = 0;  // entering and leaving the network once
  // Nine in ten networks are expected between these multiples of the predicted time. A roofline knows the
  // limits of a device, not how close its kernels come to them, so the interval is wide, and wider upwards.
  double interval_low = 0.5;   // in (0, 1]
  double interval_high = 3.0;  // at least 1
  std::map<std::string, ClassRates, std::less<>> classes;

  bool operator==(const Roofline&) const = default;
};

/// The rates for a class; an unknown or unlisted class has the defaults.
KernelRates rates_of(const Roofline& roofline, std::string_view kernel_class);

/// How a kernel's time is predicted. A kind other than "roofline" keeps its own parameters as JSON text.
struct Predictor {
  std::string kind{kRooflineKind};
  Roofline roofline;
  std::string parameters;  // a JSON object for other kinds; empty for "roofline"
  std::map<std::string, std::string, std::less<>> tables;  // long texts that belong to them, by name

  bool operator==(const Predictor&) const = default;
};

struct Precision {
  std::string name;         // "fp32", "fp16", "int8", …
  int activation_bits = 0;  // 1 … 64
  int weight_bits = 0;      // 1 … 64

  bool operator==(const Precision&) const = default;
};

/// The figures `evaluate` gives; one that is not known is empty, never 0.
struct AccuracyFigures {
  int networks = 0;  // how many were predicted; at least 1
  std::optional<double> mape_percent;
  std::optional<double> rmspe_percent;
  std::optional<double> within_5_percent;
  std::optional<double> within_10_percent;
  std::optional<double> within_15_percent;
  std::optional<double> spearman;  // -1 … 1
  std::optional<double> interval90_coverage_percent;

  bool operator==(const AccuracyFigures&) const = default;
};

/// How good the predictor proved on networks that fitting never saw.
struct AccuracyReport {
  std::string method;  // how the networks were kept apart, in one sentence
  AccuracyFigures figures;
  std::map<std::string, AccuracyFigures, std::less<>> families;

  bool operator==(const AccuracyReport&) const = default;
};

struct Provenance {
  std::string source;        // where the numbers come from
  std::string licence;       // SPDX name where there is one
  std::string date;          // YYYY-MM-DD
  std::string tool_version;  // of the program that wrote the file
  std::string notes;         // what a reader should know before trusting it; may be empty

  bool operator==(const Provenance&) const = default;
};

struct DeviceProfile {
  std::string id;               // letters, digits, '.', '_', '-'; at most 64; also the file's name
  std::string device;           // "Intel Neural Compute Stick 2"
  std::string soc;              // "Intel Movidius Myriad X"; may be empty
  std::string processor;        // "cpu", "gpu", "vpu", …; may be empty
  std::string runtime;          // "onnxruntime"; may be empty
  std::string runtime_version;  // may be empty
  std::string cpu_signature;    // of the host it was measured on; empty where that has no meaning
  Precision precision;
  std::optional<int> threads;  // empty where the runtime has no such choice
  std::string fusion_rules;    // lines of the rule language; may be empty
  Predictor predictor;
  std::optional<AccuracyReport> accuracy;
  std::optional<double> noise_floor_percent;  // spread of repeated measurements of the same network
  Provenance provenance;

  bool operator==(const DeviceProfile&) const = default;
};

/// May `id` name a profile (and so a file)?
bool is_profile_id(std::string_view id);

/// Reads a profile file. `origin` names it in messages.
/// Error: too large, not JSON, another version, a key that is missing, unknown, of the wrong type or out of
/// range; where = "origin: /path/to/key".
DeviceProfile parse_profile(std::string_view json, const std::string& origin);

/// The profile as a file, such that parse_profile(to_json(p)) == p.
/// Error: the profile holds what no file may hold (NaN, negative rates, text that is not UTF-8, more than 2
/// MB).
std::string to_json(const DeviceProfile& profile);

}  // namespace foretime
