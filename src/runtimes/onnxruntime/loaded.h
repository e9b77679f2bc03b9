#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtimes/onnxruntime/library.h"
#include "runtimes/runtime.h"

namespace foretime::ort {

/// Where a session that explains itself writes; empty: it does not.
struct Explain {
  std::string profile_prefix;   // of the file with one event per kernel and run
  std::string optimized_model;  // the graph as it runs
};

/// One session of the library with its inputs and outputs.
class Loaded {
 public:
  /// Error: the model is refused; a provider or an option's value is not known.
  Loaded(std::shared_ptr<const Library> library, const SessionRequest& request, const Explain& explain);
  Loaded(const Loaded&) = delete;
  Loaded& operator=(const Loaded&) = delete;
  ~Loaded();

  /// Error: the runtime refuses.
  void run();
  std::vector<TensorValue> outputs() const;
  const std::string& provider() const { return provider_; }
  std::optional<Bytes> arena() const;
  /// Ends profiling and gives the path of what it wrote. REQUIRES: a profile was asked for.
  std::string end_profile();

 private:
  void create(const SessionRequest& request, const Explain& explain);
  void bind_inputs(const std::vector<TensorValue>& inputs);
  void find_outputs();
  void release_outputs();
  void release();

  std::shared_ptr<const Library> library_;
  std::string model_;
  std::string provider_;
  OrtSession* session_ = nullptr;
  OrtMemoryInfo* memory_ = nullptr;
  std::vector<TensorValue> contents_;  // what the input values point into
  std::vector<const char*> input_names_;
  std::vector<OrtValue*> inputs_;
  std::vector<std::string> output_texts_;
  std::vector<const char*> output_names_;
  std::vector<OrtValue*> outputs_;
};

}  // namespace foretime::ort
