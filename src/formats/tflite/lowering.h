#pragma once

// From a Graph to TFLite's operators.
//
// ONNX puts channels first, TFLite last. Rather than transposing around every convolution, each tensor
// carries along in which order its axes are stored: a convolution leaves its result channels last,
// elementwise operators keep the order they find, a Transpose of the graph only renames axes, and a Reshape
// that splits or joins neighbouring axes works in any order that keeps these together. A TRANSPOSE is written
// only where an operator needs an order that no copy of the tensor has; copies are remembered. So
// convolutional networks need none, and a vision transformer's patches, transposed in the graph, cost nothing
// here.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/tflite/outgoing.h"
#include "formats/weights/weights.h"
#include "graph/graph.h"

namespace foretime::tflite {

struct LoweringOptions {
  Weights weights = Weights::original;
  std::uint64_t seed = 0;
};

class Lowering {
 public:
  Lowering(const Graph& graph, const LoweringOptions& options) : graph_(graph), options_(options) {}

  OutModel run();

  // --- What the operators ask (lower_*.cc)
  const Graph& graph() const { return graph_; }
  const Node& node() const { return *node_; }
  bool has(std::size_t input) const;
  TensorId input(std::size_t i) const { return node_->inputs[i]; }
  TensorId output() const { return node_->outputs[0]; }
  /// Error: a size is not known before it runs.
  Sizes sizes(TensorId id) const;
  DataType dtype(TensorId id) const { return graph_[id].type.dtype; }
  bool is_constant(TensorId id) const { return graph_[id].constant != nullptr; }
  /// Contents of a constant; absent for a computed tensor. Error: it has no values.
  std::optional<Sizes> integers(std::size_t input) const;
  std::optional<double> scalar(std::size_t input) const;
  /// The integers of an attribute, or of a constant input.
  Sizes integers(const char* attribute, std::size_t input) const;
  /// All values of a constant of 32-bit floats, as the file will hold them.
  std::vector<float> floats(TensorId id) const;

  /// How the tensor is stored now.
  const Perm& layout(TensorId id);
  /// The tensor stored so; a copy is made if need be.
  int at(TensorId id, const Perm& perm);
  /// The same as an operand of a result of this rank and order: leading axes of size 1 are added.
  int operand(TensorId id, std::size_t rank, const Perm& perm);
  /// The node's output, stored so, is this.
  void set(TensorId id, int tensor, Perm perm);
  void set(int tensor, Perm perm) { set(output(), tensor, std::move(perm)); }
  /// All stored forms of the tensor, seen as another whose axis i is axis `axes[i]` of this.
  void rename(TensorId from, TensorId to, const Perm& axes);
  /// The output is the input with other sizes.
  void reshape(TensorId from, TensorId to);

  /// A new operator with one result.
  int emit(std::string_view op, std::vector<int> inputs, Sizes shape, DataType dtype, Options options = {});
  std::vector<int> emit_many(std::string_view op, std::vector<int> inputs, std::vector<Sizes> shapes,
                             DataType dtype, Options options = {});
  int constant(std::string_view what, Sizes shape, DataType dtype, std::function<std::string()> values,
               bool no_values = false);
  int constant(const Sizes& values);  // int32, a vector
  int constant(const Sizes& values, Sizes shape);
  int constant(float value);
  int constant(std::string_view what, Sizes shape, std::vector<float> values);
  /// A constant of the graph in another order and shape.
  int stored(TensorId id, const Sizes& sizes, const Perm& perm, Sizes shape);
  const Sizes& shape(int tensor) const { return model_.tensors[static_cast<std::size_t>(tensor)].shape; }

  /// The only reader of the tensor; null where there are several, or the tensor is an output of the graph.
  const Node* only_reader(TensorId id) const;
  /// That node is part of what is written already; the tensor it gives.
  TensorId absorb(const Node& reader);
  /// The activation that the tensor's only reader applies, if TFLite's operators can do that themselves; the
  /// reader is absorbed and `id` becomes its output.
  schema::Activation activation_behind(TensorId& id);
  bool values_known() const { return options_.weights != Weights::none; }
  [[noreturn]] void refuse(const std::string& what, const std::string& accepted = {}) const;
  /// An axis that may count from the back, as one that counts from the front. Error: there is no such axis.
  std::size_t axis_of(std::int64_t axis, std::size_t rank) const;

 private:
  struct Form {
    Perm perm;
    int tensor;
  };

  void add_inputs();
  bool wants_channels_last(TensorId input) const;
  std::string bytes_of_constant(TensorId id) const;
  int moved(int tensor, const Sizes& sizes, const Perm& from, const Perm& to, DataType dtype);
  std::string unused(std::string name);

  const Graph& graph_;
  LoweringOptions options_;
  OutModel model_;
  const Node* node_ = nullptr;
  std::vector<std::vector<Form>> forms_;  // by tensor of the graph; the first is the one that was made
  std::vector<bool> absorbed_;            // by node
  std::vector<bool> is_output_;           // by tensor
  std::map<std::string, int, std::less<>> names_;
};

/// What an operator of the graph becomes. Null: it cannot be written.
using Lower = void (*)(Lowering&);
Lower lower_for(const Node& node);

// One table for each family.
struct LowerRow {
  std::string_view op;
  Lower lower;
};
std::span<const LowerRow> convolution_lowerings();
std::span<const LowerRow> elementwise_lowerings();
std::span<const LowerRow> movement_lowerings();
std::span<const LowerRow> reduction_lowerings();

}  // namespace foretime::tflite
