#pragma once

// What is asked of an inference runtime: make a model ready, run it, say where the time went. One folder per
// runtime fills in one row of the table in registry.cc; everything that measures knows only this header.
// Sessions live in the worker process (worker.h), so a runtime may crash, hang or eat all memory.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "graph/data_type.h"

namespace foretime {

/// A tensor with its contents: row by row, little-endian, sub-byte types packed as ONNX packs them.
struct TensorValue {
  std::string name;
  DataType dtype = DataType::undefined;
  std::vector<std::int64_t> sizes;
  std::vector<std::byte> bytes;
};

struct SessionRequest {
  std::string model;                           // file in the runtime's format
  std::vector<TensorValue> inputs;             // all of the model's inputs, sizes bound
  int threads = 1;                             // that compute, the calling one included
  std::string provider;                        // which part of the runtime computes; empty: its default
  std::string precision;                       // to compute in, where it can be chosen; empty: the model's
  std::map<std::string, std::string> options;  // the runtime's own; those it does not know are an Error
  std::string library;                         // its native library; empty: looked for (native_library.h)
};

/// What really runs, as read back from the runtime wherever it tells.
struct RuntimeDescription {
  std::string name;       // as in the registry
  std::string version;    // of the library: "1.31.1"
  std::string provider;   // "CPU", "XNNPACK", "CUDA", …
  std::string precision;  // "fp32", "int8", "bf16", …
  std::string library;    // path; empty without one
  int threads = 1;
};

/// One piece of work that the runtime launched.
struct ExecutedKernel {
  std::string kind;                  // the runtime's word for it: "Conv", "FusedMatMul", …
  std::string name;                  // unique in the profile
  std::vector<std::string> members;  // nodes of the model file it stands for; empty: the runtime's own doing
  Milliseconds latency;              // undisturbed (timed_runs.h)
  Milliseconds floor{};              // lower quartile of its times as they were; 0: only their mean is known
};

struct KernelProfile {
  std::vector<ExecutedKernel> kernels;  // in order of execution; together they are what really ran
  Milliseconds run;                     // wall time of a whole run while profiling
  Milliseconds plain;  // wall time of a run without the profiler, of as many that took turns with them
  int runs = 0;        // that were profiled
};

/// A model made ready. Destroying it frees the runtime's memory; one thread at a time.
class Session {
 public:
  virtual ~Session() = default;

  virtual const RuntimeDescription& description() const = 0;

  /// One inference on the request's inputs. Nothing: the caller's clock is the truth. A time: the runtime
  /// times itself (recorded or remote timings), and its word counts. Error: the runtime refuses.
  virtual std::optional<Milliseconds> run() = 0;

  /// What the latest run gave, copied; empty where the runtime does not hand it out. REQUIRES: a run.
  virtual std::vector<TensorValue> outputs() = 0;

  /// Runs `runs` times under the runtime's own profiler, in a session of its own if need be, so that `run` is
  /// never slowed, and as often without it, in turns. Error: it has no profiler.
  virtual KernelProfile profile(int runs) = 0;

  /// Memory the runtime's arena holds now; nothing: it does not say.
  virtual std::optional<Bytes> arena() { return std::nullopt; }
};

/// An option of one runtime, for --runtime-option, help and messages.
struct RuntimeOption {
  std::string_view name;
  std::string_view accepted;  // "on or off (default on)"
};

struct Runtime {
  std::string_view name;    // as --runtime calls it
  std::string_view format;  // of formats/registry.cc: what its model files are written in
  std::string_view what;
  std::string_view how_to_get;  // the remedy when its library is missing; empty: it needs none
  std::span<const RuntimeOption> options;
  bool self_timed = false;  // `run` gives times; ours would mean nothing

  /// Error: the library is missing or unfit, the model is refused, an option or provider is not known.
  std::unique_ptr<Session> (*open)(const SessionRequest&) = nullptr;
};

/// Every runtime there is, in the order help shows them.
std::span<const Runtime> runtimes();

/// Error: no such runtime; it names those there are.
const Runtime& runtime_named(std::string_view name);

/// The value of an option, or its default. The names in `request.options` are checked by `open_session`.
std::string option_or(const SessionRequest& request, const std::string& name, std::string_view otherwise);

/// Which of `values` an option has, by its place, or `otherwise`. Error: none of them.
std::size_t option_choice(const SessionRequest& request, const std::string& name, std::string_view otherwise,
                          std::span<const std::string_view> values);

/// An option that is on or off; on by default. Error: neither.
bool option_on(const SessionRequest& request, const std::string& name, std::string_view otherwise = "on");

/// An option that is a whole number from 1, which it is by default. Error: no such number.
int option_count(const SessionRequest& request, const std::string& name);

/// The one of a library's providers that `wanted` means, whatever its case. Error: it was built without.
std::string provider_named(const std::string& wanted, const std::vector<std::string>& provided,
                           const std::string& library);

/// `runtime.open` after its options were checked. Error: as that; an option the runtime does not have.
std::unique_ptr<Session> open_session(const Runtime& runtime, const SessionRequest& request);

}  // namespace foretime
