#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtimes/runtime.h"
#include "runtimes/tflite/litert.h"

namespace foretime::litert {

/// A tensor at the border of the model, with the memory it lives in.
struct Port {
  std::string name;
  RankedType type;
  Handle buffer = nullptr;
  std::size_t bytes = 0;
};

/// A model compiled for the CPU, its inputs filled.
class Compiled {
 public:
  /// Error: LiteRT refuses the model or an option; an input does not fit.
  Compiled(std::shared_ptr<const Library> library, const SessionRequest& request, bool profiling);
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;
  ~Compiled();

  void run();
  std::vector<TensorValue> outputs();
  /// REQUIRES: profiling.
  Handle profiler() const { return profiler_; }
  const Library& library() const { return *library_; }

 private:
  void add_options(const SessionRequest& request, bool profiling);
  void add_text(const char* id, const std::string& text);
  void add_ports(const SessionRequest& request);
  Port port(std::size_t i, bool input);
  void allocate(Port& port, std::size_t i, bool input);
  void fill(const Port& port, const TensorValue& value);
  void check(Status status, std::string_view what) const { library_->check(status, model_path_, what); }

  std::shared_ptr<const Library> library_;
  std::string model_path_;
  Handle environment_ = nullptr;
  Handle model_ = nullptr;
  Handle options_ = nullptr;
  Handle compiled_ = nullptr;
  Handle signature_ = nullptr;
  Handle profiler_ = nullptr;
  std::vector<Port> inputs_;
  std::vector<Port> outputs_;
  std::vector<Handle> input_buffers_;
  std::vector<Handle> output_buffers_;
};

/// Element type of the interface's number; `undefined` for those that hold no elements.
DataType data_type_of(int element);

/// The value as a tensor of these sizes: as it is, or with axis 1 moved to the end. Error: neither fits.
std::vector<std::byte> fitted(const TensorValue& value, const std::vector<std::int64_t>& sizes);

}  // namespace foretime::litert
