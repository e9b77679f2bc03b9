#include "formats/ncnn/network.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/error.h"
#include "graph/graph_builder.h"
#include "ops/infer.h"

namespace foretime::ncnn {
namespace {

constexpr std::int64_t kOpset = 20;  // the first with Gelu

TensorType float_type(Shape shape) {
  return {DataType::float32, std::move(shape), false};
}

}  // namespace

Network::Network(std::string name, const std::string& origin) : origin_(origin), name_(std::move(name)) {}

void Network::begin(const Layer& layer) {
  layer_ = &layer;
  layer_nodes_ = 0;
}

TensorId Network::bottom(std::size_t i) const {
  if (i >= layer_->bottoms.size()) {
    fail("a " + std::string(layer_->type) + " reads " + std::to_string(i + 1) + " blobs");
  }
  const auto found = blobs_.find(layer_->bottoms[i]);
  if (found == blobs_.end()) {
    fail("reads the blob '" + std::string(layer_->bottoms[i]) + "', which no layer above makes");
  }
  found->second.read = true;
  return found->second.tensor;
}

std::vector<TensorId> Network::bottoms() const {
  std::vector<TensorId> all;
  for (std::size_t i = 0; i < layer_->bottoms.size(); ++i) all.push_back(bottom(i));
  return all;
}

void Network::set_top(std::size_t i, TensorId tensor) {
  if (i >= layer_->tops.size()) fail("a " + std::string(layer_->type) + " makes another number of blobs");
  const std::string_view name = layer_->tops[i];
  if (!blobs_.emplace(name, Blob{tensor}).second) fail("makes the blob '" + std::string(name) + "' again");
  order_.push_back(name);
  std::string& own = tensors_[index(tensor)].name;
  if (own.empty()) own = unused(std::string(name));
}

TensorId Network::make(Made made) {
  tensors_.push_back(std::move(made));
  return static_cast<TensorId>(tensors_.size() - 1);
}

TensorId Network::input(Shape shape) {
  return make({{}, float_type(std::move(shape)), nullptr, true});
}

TensorId Network::make_constant(const char* part, DataType dtype, Shape shape, ConstantData data) {
  return make({unused(std::string(layer_->name) + "." + part),
               {dtype, std::move(shape), false},
               std::make_shared<const ConstantData>(std::move(data))});
}

TensorId Network::weight(const char* part, Shape shape) {
  return make_constant(part, DataType::float32, std::move(shape), {});
}

TensorId Network::integers(const char* part, const std::vector<std::int64_t>& values) {
  return make_constant(part, DataType::int64, {static_cast<std::int64_t>(values.size())},
                       ConstantData::of(values));
}

TensorId Network::reals(const char* part, const std::vector<float>& values) {
  return make_constant(part, DataType::float32, {static_cast<std::int64_t>(values.size())},
                       ConstantData::of(std::span<const float>(values)));
}

std::vector<TensorType> Network::inferred(const Node& node) const {
  GraphBuilder builder("", origin_);
  builder.set_opset("", kOpset);
  Node alone = node;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const Made& read = tensors_[index(node.inputs[i])];
    const std::string name = "x" + std::to_string(i);
    alone.inputs[i] = read.constant != nullptr ? builder.add_constant(name, read.type, read.constant)
                                               : builder.add_input(name, read.type);
  }
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    alone.outputs[i] = builder.tensor("y" + std::to_string(i));
    builder.add_output(alone.outputs[i]);
  }
  const std::vector<TensorId> outputs = alone.outputs;
  builder.add_node(std::move(alone));
  const Graph graph = std::move(builder).build();
  Diagnostics ignored;
  const ops::Facts facts = ops::infer(graph, {}, ignored);
  std::vector<TensorType> types;
  for (const TensorId output : outputs) types.push_back(facts.types[index(output)]);
  return types;
}

std::string Network::node_name(const char* op) {
  const std::string name(layer_->name);
  const int number = layer_nodes_++;
  return number == 0 ? name : name + "/" + op + (number == 1 ? "" : std::to_string(number));
}

std::vector<TensorId> Network::add(const char* op, std::vector<TensorId> inputs, Attributes attributes,
                                   std::size_t outputs) {
  Node node;
  node.op = op;
  node.name = node_name(op);
  node.inputs = std::move(inputs);
  node.attributes = std::move(attributes);
  node.source_op = layer_->type;
  node.outputs.resize(outputs);
  try {
    const std::vector<TensorType> types = inferred(node);
    for (std::size_t i = 0; i < outputs; ++i) node.outputs[i] = make({{}, types[i], nullptr});
  } catch (const Error& error) {
    fail("does not fit what it reads: " + std::string(error.what()));
  }
  nodes_.push_back(node);
  return node.outputs;
}

TensorId Network::add(const char* op, std::vector<TensorId> inputs, Attributes attributes) {
  return add(op, std::move(inputs), std::move(attributes), 1).front();
}

std::vector<TensorId> Network::add_opaque(const std::vector<Shape>& shapes) {
  Node node;
  node.op = layer_->type;
  node.domain = kDomain;
  node.name = node_name("");
  node.inputs = bottoms();
  for (const Shape& shape : shapes) {
    TensorType type = float_type(shape);
    if (shape.empty()) type.shape.reset();
    node.outputs.push_back(make({{}, std::move(type), nullptr}));
  }
  nodes_.push_back(node);
  return node.outputs;
}

Shape Network::shape(TensorId tensor) const {
  return tensors_[index(tensor)].type.shape.value_or(Shape());
}

std::int64_t Network::size(TensorId tensor, std::size_t axis) const {
  const Shape sizes = shape(tensor);
  if (axis >= sizes.size()) fail("reads a blob of too few dimensions");
  if (!sizes[axis].is_number()) {
    fail("needs sizes that the file does not state", "an Input layer with 0=WIDTH 1=HEIGHT 2=CHANNELS");
  }
  return sizes[axis].number();
}

TensorId Network::reshaped(TensorId tensor, const std::vector<std::int64_t>& wanted) {
  if (shape(tensor) == Shape(wanted.begin(), wanted.end())) return tensor;
  return add("Reshape", {tensor, integers("shape", wanted)});
}

std::vector<Shape> Network::stated_shapes() const {
  constexpr int kShapes = 30;
  constexpr std::size_t kEach = 4;  // dimensions, width, height, channels
  std::vector<Shape> shapes(layer_->tops.size());
  const std::vector<std::int64_t> stated = layer_->integers(kShapes);
  for (std::size_t i = 0; i < shapes.size() && (i + 1) * kEach <= stated.size(); ++i) {
    const std::int64_t dimensions = stated[i * kEach];
    if (dimensions < 1 || dimensions > 3) continue;
    shapes[i] = {1};
    for (std::int64_t d = dimensions; d > 0; --d) {
      shapes[i].emplace_back(std::max<std::int64_t>(stated[i * kEach + static_cast<std::size_t>(d)], 0));
    }
  }
  return shapes;
}

void Network::fail(const std::string& what, const std::string& accepted) const {
  throw Error(origin_ + ":" + std::to_string(layer_->line) + ": " + std::string(layer_->name), what,
              accepted);
}

std::string Network::unused(const std::string& wanted) {
  const int number = ++names_[wanted];
  return number == 1 ? wanted : unused(wanted + "#" + std::to_string(number));
}

Graph Network::finish() {
  GraphBuilder builder(name_, origin_);
  builder.set_opset("", kOpset);
  const auto has_own = [](const Node& node) { return node.domain == kDomain; };
  if (std::any_of(nodes_.begin(), nodes_.end(), has_own)) builder.set_opset(kDomain, 1);
  for (Node& node : nodes_) {
    for (const TensorId output : node.outputs) {
      std::string& name = tensors_[index(output)].name;
      if (name.empty()) name = unused(node.name);
    }
  }
  std::vector<TensorId> ids;
  for (Made& made : tensors_) {
    if (made.is_input) {
      ids.push_back(builder.add_input(made.name, std::move(made.type)));
    } else if (made.constant != nullptr) {
      ids.push_back(builder.add_constant(made.name, std::move(made.type), std::move(made.constant)));
    } else {
      ids.push_back(builder.tensor(made.name));
      // What follows from open sizes is inferred again when they are bound.
      if (made.type.shape && !is_static(*made.type.shape)) made.type.shape.reset();
      builder.set_type(ids.back(), std::move(made.type));
    }
  }
  for (Node& node : nodes_) {
    for (TensorId& input : node.inputs) input = ids[index(input)];
    for (TensorId& output : node.outputs) output = ids[index(output)];
    node.name = builder.unused_node_name(node.name);
    builder.add_node(std::move(node));
  }
  std::set<TensorId> outputs;
  for (const std::string_view name : order_) {
    const Blob& blob = blobs_.at(name);
    const TensorId id = ids[index(blob.tensor)];
    if (!blob.read && outputs.insert(id).second) builder.add_output(id);
  }
  return std::move(builder).build();
}

}  // namespace foretime::ncnn
