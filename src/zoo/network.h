#pragma once

// The zoo writes networks the way their modules are called. `Network` turns such calls into nodes and keeps
// what ONNX has no place for: which module each node belongs to. A *module call* (a leaf of the module tree)
// leaves its path and class on its nodes; a *functional call* (a residual addition, a flatten) leaves both
// empty.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graph/graph_builder.h"

namespace foretime::zoo {

using Sizes = std::vector<std::int64_t>;

class Network;

/// A tensor on its way through the network being built. Its sizes are always known.
struct Value {
  Network* net = nullptr;
  TensorId id = kNoTensor;
  Sizes sizes;
  DataType dtype = DataType::float32;

  std::size_t rank() const { return sizes.size(); }
  std::int64_t batch() const { return sizes[0]; }
  // Of images: N, C, H, W. REQUIRES: four sizes.
  std::int64_t channels() const { return sizes[1]; }
  std::int64_t height() const { return sizes[2]; }
  std::int64_t width() const { return sizes[3]; }
};

/// An operator before its outputs are known.
struct Operation {
  std::string op;
  std::vector<TensorId> inputs;
  Attributes attributes = {};
};

class Network {
 public:
  explicit Network(std::string name);
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  Value input(std::string_view name, Sizes sizes, DataType dtype = DataType::float32);
  void output(const Value& value);

  /// What training learns, named below the current module as in a state dictionary. It has a shape and no
  /// values. The same name gives the same tensor: tied weights are one.
  Value parameter(std::string_view name, Sizes sizes);
  /// A floating-point tensor that training does not learn (running statistics). It has no values either.
  Value buffer(std::string_view name, Sizes sizes);

  /// Constants with values; equal ones are shared.
  Value integers(const std::vector<std::int64_t>& values);
  Value scalar(float value);
  Value index_scalar(std::int64_t value);
  /// A table of indices or, as booleans, a mask.
  Value index_table(std::string_view name, Sizes sizes, const std::vector<std::int64_t>& values);
  Value mask(std::string_view name, Sizes sizes, const std::vector<bool>& values);

  /// Appends a node that belongs to the current module.
  Value append(Operation operation, Sizes sizes, DataType dtype = DataType::float32);
  std::vector<Value> append(Operation operation, const std::vector<Sizes>& sizes);

  /// Error, naming the network and the current module.
  [[noreturn]] void fail(const std::string& what, const std::string& accepted) const;

  void add_metadata(std::string key, std::string value) {
    builder_.add_metadata(std::move(key), std::move(value));
  }
  /// Adds to the metadata, under "learnt_parameters", the number of elements that training learns.
  Graph build() &&;

 private:
  friend class Scope;

  std::string below(std::string_view name) const;
  std::string node_name(const std::string& op);
  Value constant(const std::string& name, Sizes sizes, DataType dtype, ConstantData data);

  std::string name_;
  std::int64_t learnt_ = 0;  // elements
  GraphBuilder builder_;
  std::string path_;   // of the module we are in: "layer1.0"
  std::string class_;  // its class when it is a leaf, else empty
};

/// Enters a module for as long as it lives: a container, or with a class a leaf whose nodes are marked with
/// it.
class [[nodiscard]] Scope {
 public:
  Scope(Network& net, std::string_view name, std::string_view leaf_class = {});
  ~Scope();
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

 private:
  Network& net_;
  std::string path_;
  std::string class_;
};

}  // namespace foretime::zoo
