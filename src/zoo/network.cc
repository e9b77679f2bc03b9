#include "zoo/network.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace foretime::zoo {
namespace {

/// The first operator set with Gelu, and with LayerNormalization and GroupNormalization besides.
constexpr std::int64_t kOpset = 20;

Shape shape_of(const Sizes& sizes) {
  return {sizes.begin(), sizes.end()};
}

}  // namespace

Network::Network(std::string name) : name_("zoo:" + name), builder_(name, name_) {
  builder_.set_opset("", kOpset);
}

Value Network::input(std::string_view name, Sizes sizes, DataType dtype) {
  const TensorId id = builder_.add_input(name, {dtype, shape_of(sizes)});
  return {this, id, std::move(sizes), dtype};
}

void Network::output(const Value& value) {
  builder_.add_output(value.id);
}

std::string Network::below(std::string_view name) const {
  return path_.empty() ? std::string(name) : path_ + "." + std::string(name);
}

Value Network::constant(const std::string& name, Sizes sizes, DataType dtype, ConstantData data) {
  const auto known = builder_.find(name);
  const TensorId id = known ? *known : builder_.add_constant(name, {dtype, shape_of(sizes)}, std::move(data));
  return {this, id, std::move(sizes), dtype};
}

Value Network::buffer(std::string_view name, Sizes sizes) {
  return constant(below(name), std::move(sizes), DataType::float32, ConstantData{});
}

Value Network::parameter(std::string_view name, Sizes sizes) {
  const bool tied = builder_.find(below(name)).has_value();
  Value value = buffer(name, std::move(sizes));
  if (!tied) learnt_ += elements_of(shape_of(value.sizes));
  return value;
}

Value Network::integers(const std::vector<std::int64_t>& values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return constant(fmt::format("[{}]", fmt::join(values, ",")), {count}, DataType::int64,
                  ConstantData::of(values));
}

Value Network::scalar(float value) {
  const std::vector<float> values{value};
  return constant(fmt::format("{}", value), {}, DataType::float32, ConstantData::of(values));
}

Value Network::index_scalar(std::int64_t value) {
  const std::vector<std::int64_t> values{value};
  return constant(fmt::format("{}i", value), {}, DataType::int64, ConstantData::of(values));
}

Value Network::index_table(std::string_view name, Sizes sizes, const std::vector<std::int64_t>& values) {
  return constant(below(name), std::move(sizes), DataType::int64, ConstantData::of(values));
}

Value Network::mask(std::string_view name, Sizes sizes, const std::vector<bool>& values) {
  std::vector<std::byte> bytes(values.size());
  std::transform(values.begin(), values.end(), bytes.begin(), [](bool value) { return std::byte{value}; });
  return constant(below(name), std::move(sizes), DataType::boolean, ConstantData::owning(std::move(bytes)));
}

std::string Network::node_name(const std::string& op) {
  const bool free_leaf = !class_.empty() && builder_.unused_node_name(path_) == path_;
  if (free_leaf) return path_;
  return builder_.unused_node_name(path_.empty() ? op : path_ + "/" + op);
}

std::vector<Value> Network::append(Operation operation, const std::vector<Sizes>& sizes) {
  Node node;
  node.name = node_name(operation.op);
  node.op = std::move(operation.op);
  node.inputs = std::move(operation.inputs);
  node.attributes = std::move(operation.attributes);
  if (!class_.empty()) {
    node.module_path = path_;
    node.source_op = class_;
  }
  std::vector<Value> values;
  for (const Sizes& each : sizes) {
    const std::string name = sizes.size() == 1 ? node.name : fmt::format("{}:{}", node.name, values.size());
    const TensorId id = builder_.tensor(name);
    builder_.set_type(id, {DataType::float32, shape_of(each)});
    node.outputs.push_back(id);
    values.push_back({this, id, each});
  }
  builder_.add_node(std::move(node));
  return values;
}

Value Network::append(Operation operation, Sizes sizes, DataType dtype) {
  Value value = append(std::move(operation), std::vector<Sizes>{std::move(sizes)}).front();
  builder_.set_type(value.id, {dtype, shape_of(value.sizes)});
  value.dtype = dtype;
  return value;
}

void Network::fail(const std::string& what, const std::string& accepted) const {
  throw Error(path_.empty() ? name_ : name_ + ", " + path_, what, accepted);
}

Graph Network::build() && {
  builder_.add_metadata("learnt_parameters", std::to_string(learnt_));
  return std::move(builder_).build();
}

Scope::Scope(Network& net, std::string_view name, std::string_view leaf_class)
    : net_(net), path_(net.path_), class_(net.class_) {
  net_.path_ = net_.below(name);
  net_.class_ = leaf_class;
}

Scope::~Scope() {
  net_.path_ = std::move(path_);
  net_.class_ = std::move(class_);
}

}  // namespace foretime::zoo
