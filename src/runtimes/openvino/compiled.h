#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtimes/openvino/library.h"
#include "runtimes/runtime.h"

namespace foretime::openvino {

/// What OpenVINO counted of one kernel since the model was compiled.
struct Counter {
  std::string name;  // of a node of `executed_model`, or of the runtime's own
  std::string type;
  std::string primitive;
  bool executed = false;  // else: part of the one before it, or nothing to do
  double mean_us = 0;     // over all runs, cut to whole ones
};

/// A model compiled for a device, its inputs filled.
class Compiled {
 public:
  /// Error: OpenVINO refuses the model or a setting; an input does not fit.
  Compiled(std::shared_ptr<const Library> library, const SessionRequest& request, bool profiling);
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;
  ~Compiled();

  void run();
  /// In the order of the model's outputs, without names.
  std::vector<TensorValue> outputs() const;
  /// What a setting really is.
  std::string property(const char* key) const;
  /// The device's name: "CPU", "GPU.0".
  const std::string& device() const { return device_; }

  // REQUIRES: profiling.
  std::vector<Counter> counters() const;
  /// The model as it was rewritten for the device, as text (XML).
  std::string executed_model() const;

 private:
  void configure(const SessionRequest& request, bool profiling);
  void set(const char* key, const void* value);
  void bind_sizes(const std::vector<TensorValue>& inputs);
  void bind_inputs();
  void release();
  void check(Status status) const { library_->check(status, model_path_); }

  std::shared_ptr<const Library> library_;
  std::string model_path_;
  std::string device_;
  std::vector<TensorValue> contents_;  // what the input tensors point into
  Handle core_ = nullptr;
  Handle model_ = nullptr;
  Handle compiled_ = nullptr;
  Handle request_ = nullptr;
};

}  // namespace foretime::openvino
