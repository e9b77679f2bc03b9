#pragma once

// A Graph in the making, whose shapes are known as it grows: what a layer of ncnn's does depends on the rank
// of what it reads.

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "formats/ncnn/param_file.h"
#include "graph/graph.h"

namespace foretime::ncnn {

constexpr const char* kDomain = "ncnn";  // of layers that ONNX does not have

class Network {
 public:
  Network(std::string name, const std::string& origin);

  /// The layer whose nodes are made next.
  void begin(const Layer& layer);
  const Layer& layer() const { return *layer_; }

  /// What it reads, one after the other. Error: there is no such blob.
  TensorId bottom(std::size_t i) const;
  std::vector<TensorId> bottoms() const;
  /// The tensor is the layer's i-th top.
  void set_top(std::size_t i, TensorId tensor);

  TensorId input(Shape shape);
  /// Weights: floats without values.
  TensorId weight(const char* part, Shape shape);
  TensorId integers(const char* part, const std::vector<std::int64_t>& values);
  TensorId reals(const char* part, const std::vector<float>& values);

  /// A node with one output. Error, with where = the line: the operator cannot be applied to these.
  TensorId add(const char* op, std::vector<TensorId> inputs, Attributes attributes = {});
  std::vector<TensorId> add(const char* op, std::vector<TensorId> inputs, Attributes attributes,
                            std::size_t outputs);
  /// A node of ncnn's own, with these shapes; an empty one is not known.
  std::vector<TensorId> add_opaque(const std::vector<Shape>& shapes);

  /// Empty: not known.
  Shape shape(TensorId tensor) const;
  std::size_t rank(TensorId tensor) const { return shape(tensor).size(); }
  /// It is known to be so, whatever was inferred.
  void set_shape(TensorId tensor, Shape shape) { tensors_[index(tensor)].type.shape = std::move(shape); }
  /// A size of it. Error: its rank is less; it is not known.
  std::int64_t size(TensorId tensor, std::size_t axis) const;
  /// Of this shape, by a Reshape where it is not yet.
  TensorId reshaped(TensorId tensor, const std::vector<std::int64_t>& shape);

  /// The shapes that the file states for the layer's tops, empty where it does not.
  std::vector<Shape> stated_shapes() const;

  [[noreturn]] void fail(const std::string& what, const std::string& accepted = {}) const;

  /// Blobs that no layer reads are the outputs.
  Graph finish();

 private:
  struct Made {
    std::string name;  // empty: none yet
    TensorType type;
    std::shared_ptr<const ConstantData> constant;
    bool is_input = false;
  };
  struct Blob {
    TensorId tensor;
    bool read = false;
  };

  TensorId make(Made made);
  TensorId make_constant(const char* part, DataType dtype, Shape shape, ConstantData data);
  std::string node_name(const char* op);
  std::string unused(const std::string& wanted);
  /// What the outputs of a node are, by itself.
  std::vector<TensorType> inferred(const Node& node) const;

  const std::string& origin_;
  std::string name_;
  const Layer* layer_ = nullptr;
  int layer_nodes_ = 0;
  std::vector<Made> tensors_;
  std::vector<Node> nodes_;
  mutable std::unordered_map<std::string_view, Blob> blobs_;
  std::vector<std::string_view> order_;  // of blobs
  std::unordered_map<std::string, int> names_;
};

}  // namespace foretime::ncnn
