// From a Graph to the bytes of a ModelProto.
//
// A protobuf message stands behind its length, so the lengths of all weights are planned first; the weights
// then go from where they lie, or from a random generator, straight into the file. Only the constants of the
// outer graph are streamed like that: those of bodies and attributes are small, and are put together in
// memory.

#include "formats/onnx/onnx_writer.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/file_writer.h"
#include "formats/onnx/census.h"
#include "formats/onnx/node_metadata.h"
#include "formats/onnx/onnx_fields.h"
#include "formats/onnx/outgoing.h"

namespace foretime::onnx {
namespace {

constexpr std::int64_t kDefaultOpset = 20;
// A protobuf message's length is a signed 32-bit number in most implementations.
constexpr std::uint64_t kLargestMessage = std::numeric_limits<std::int32_t>::max();
// Runtimes map external data page by page; smaller constants are not worth a page.
constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kWorthAPage = 1024;

// --- Types. protozero drops empty messages that are written in place, and here they mean something: a size
// that has neither number nor name, the shape of a scalar. So messages are made first and added then.

std::string dim_message(const Dim& dim) {
  std::string bytes;
  Message<DimField> message(bytes);
  if (dim.is_number()) {
    message.add_int64(DimField::dim_value, dim.number());
  } else if (dim.name() != "?") {
    message.add_string(DimField::dim_param, dim.name());
  }
  return bytes;
}

std::string tensor_type_message(const TensorType& type) {
  std::string bytes;
  Message<TensorTypeField> tensor(bytes);
  if (type.dtype != DataType::undefined) {
    tensor.add_int32(TensorTypeField::elem_type, static_cast<std::int32_t>(type.dtype));
  }
  if (type.shape) {
    std::string sizes;
    Message<ShapeField> shape(sizes);
    for (const Dim& dim : *type.shape) shape.add_message(ShapeField::dim, dim_message(dim));
    tensor.add_message(TensorTypeField::shape, sizes);
  }
  std::string out;
  Message<TypeField>(out).add_message(TypeField::tensor, bytes);
  return out;
}

std::string type_message(const TensorType& type) {
  if (!type.sequence) return tensor_type_message(type);
  std::string element;
  Message<TensorTypeField>(element).add_message(TensorTypeField::elem_type, tensor_type_message(type));
  std::string out;
  Message<TypeField>(out).add_message(TypeField::sequence, element);
  return out;
}

std::string value_info(const std::string& name, const TensorType& type) {
  std::string bytes;
  Message<ValueInfo> info(bytes);
  info.add_string(ValueInfo::name, name);
  if (type != TensorType{}) info.add_message(ValueInfo::type, type_message(type));
  return bytes;
}

// --- Graphs

/// Names under which a body's tensors are written: captures are read by the name that the tensor has outside,
/// so a tensor of the body that happens to have such a name gets another one.
std::vector<std::string> names_inside(const Subgraph& subgraph, const std::vector<std::string>& outside) {
  const Graph& body = subgraph.body;
  std::vector<std::string> names(body.tensors().size());
  std::set<std::string> taken;
  for (std::size_t i = 0; i < subgraph.captures.size(); ++i) {
    const std::string& name = outside[index(subgraph.captures[i])];
    names[index(body.captures()[i])] = name;
    taken.insert(name);
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!names[i].empty()) continue;
    std::string name = body.tensors()[i].name;
    while (taken.contains(name) || (name != body.tensors()[i].name && body.find_tensor(name))) name += "'";
    taken.insert(name);
    names[i] = std::move(name);
  }
  return names;
}

/// The fields of one GraphProto but its constants.
class GraphWriter {
 public:
  GraphWriter(const Graph& graph, std::vector<std::string> names, const WriteOptions& options)
      : graph_(graph), names_(std::move(names)), options_(options) {
    copy_captured_outputs();
  }

  std::string fields(const std::string& name) const;
  std::vector<Outgoing> constants() const;

 private:
  void copy_captured_outputs();
  void add_inputs_and_outputs(Message<GraphField>& message) const;
  std::string node_message(const Node& node) const;
  void add_attribute(const Node& node, const std::string& name, const Attribute& value,
                     Message<NodeField>& message) const;
  void add_body(const Subgraph& subgraph, Message<NodeField>& message) const;
  const std::string& name_of(TensorId id) const { return names_[index(id)]; }

  const Graph& graph_;
  std::vector<std::string> names_;
  const WriteOptions& options_;
  std::map<TensorId, std::string> copies_;  // of captures that are outputs
};

/// ONNX has no body that returns a tensor of the graph around it: it must be copied.
void GraphWriter::copy_captured_outputs() {
  if (graph_.captures().empty()) return;
  std::set<std::string> taken(names_.begin(), names_.end());
  const std::set<TensorId> captures(graph_.captures().begin(), graph_.captures().end());
  for (const TensorId id : graph_.outputs()) {
    if (!captures.contains(id) || copies_.contains(id)) continue;
    std::string name = name_of(id);
    while (!taken.insert(name).second) name += "'";
    copies_.emplace(id, std::move(name));
  }
}

std::string GraphWriter::fields(const std::string& name) const {
  std::string bytes;
  Message<GraphField> message(bytes);
  for (const Node& node : graph_.nodes()) message.add_message(GraphField::node, node_message(node));
  for (const auto& [id, copy] : copies_) {
    std::string identity;
    Message<NodeField> node(identity);
    node.add_string(NodeField::input, name_of(id));
    node.add_string(NodeField::output, copy);
    node.add_string(NodeField::op_type, "Identity");
    message.add_message(GraphField::node, identity);
  }
  message.add_string(GraphField::name, name);
  add_inputs_and_outputs(message);
  return bytes;
}

void GraphWriter::add_inputs_and_outputs(Message<GraphField>& message) const {
  const auto add = [&](GraphField field, TensorId id, const std::string& name) {
    message.add_message(field, value_info(name, graph_[id].type));
  };
  std::vector<bool> typed(graph_.tensors().size());
  for (const TensorId id : graph_.inputs()) {
    add(GraphField::input, id, name_of(id));
    typed[index(id)] = true;
  }
  for (const TensorId id : graph_.outputs()) {
    const auto copy = copies_.find(id);
    add(GraphField::output, id, copy == copies_.end() ? name_of(id) : copy->second);
    typed[index(id)] = copy == copies_.end();
  }
  for (std::size_t i = 0; i < graph_.tensors().size(); ++i) {
    const Tensor& tensor = graph_.tensors()[i];
    if (typed[i] || tensor.constant || tensor.type == TensorType{}) continue;
    add(GraphField::value_info, TensorId{static_cast<std::uint32_t>(i)}, names_[i]);
  }
}

std::vector<Outgoing> GraphWriter::constants() const {
  std::vector<Outgoing> all;
  for (std::size_t i = 0; i < graph_.tensors().size(); ++i) {
    const Tensor& tensor = graph_.tensors()[i];
    if (!tensor.constant) continue;
    const Purpose purpose = purpose_of(graph_, TensorId{static_cast<std::uint32_t>(i)});
    all.push_back(outgoing(names_[i], tensor.name, tensor.type, *tensor.constant, purpose, options_));
  }
  return all;
}

std::string GraphWriter::node_message(const Node& node) const {
  std::string bytes;
  Message<NodeField> message(bytes);
  const auto add_names = [&](NodeField field, const std::vector<TensorId>& ids) {
    for (const TensorId id : ids) message.add_string(field, id == kNoTensor ? std::string() : name_of(id));
  };
  add_names(NodeField::input, node.inputs);
  add_names(NodeField::output, node.outputs);
  message.add_string(NodeField::name, node.name);
  message.add_string(NodeField::op_type, node.op);
  for (const auto& [name, value] : node.attributes) add_attribute(node, name, value, message);
  for (const Subgraph& subgraph : node.subgraphs) add_body(subgraph, message);
  if (!node.domain.empty()) message.add_string(NodeField::domain, node.domain);
  if (node.module_path != module_path_in_name(node.name)) {
    add_entry(message, NodeField::metadata_props, kModulePath, node.module_path);
  }
  if (!node.source_op.empty()) add_entry(message, NodeField::metadata_props, kSourceOp, node.source_op);
  return bytes;
}

void GraphWriter::add_attribute(const Node& node, const std::string& name, const Attribute& value,
                                Message<NodeField>& message) const {
  std::string bytes;
  Message<AttributeField> attribute(bytes);
  attribute.add_string(AttributeField::name, name);
  const auto set_type = [&](AttributeType type) {
    attribute.add_enum(AttributeField::type, static_cast<std::int32_t>(type));
  };
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    attribute.add_int64(AttributeField::i, *integer);
    set_type(AttributeType::i);
  } else if (const auto* number = std::get_if<float>(&value)) {
    attribute.add_float(AttributeField::f, *number);
    set_type(AttributeType::f);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    attribute.add_bytes(AttributeField::s, *text);
    set_type(AttributeType::s);
  } else if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&value)) {
    for (const std::int64_t each : *integers) attribute.add_int64(AttributeField::ints, each);
    set_type(AttributeType::ints);
  } else if (const auto* numbers = std::get_if<std::vector<float>>(&value)) {
    for (const float each : *numbers) attribute.add_float(AttributeField::floats, each);
    set_type(AttributeType::floats);
  } else if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
    for (const std::string& each : *texts) attribute.add_bytes(AttributeField::strings, each);
    set_type(AttributeType::strings);
  } else if (const auto* tensor = std::get_if<TensorAttribute>(&value)) {
    const bool is_value = node.op == "Constant" && !node.outputs.empty() && node.outputs[0] != kNoTensor;
    const Purpose purpose = is_value ? purpose_of(graph_, node.outputs[0]) : Purpose{Use::parameter, 1};
    const Outgoing constant =
        outgoing({}, node.name + "." + name, tensor->type, tensor->data, purpose, options_);
    attribute.add_message(AttributeField::t, whole_tensor(constant, options_));
    set_type(AttributeType::t);
  }
  message.add_message(NodeField::attribute, bytes);
}

void GraphWriter::add_body(const Subgraph& subgraph, Message<NodeField>& message) const {
  const GraphWriter writer(subgraph.body, names_inside(subgraph, names_), options_);
  // ONNX asks for a name.
  std::string graph = writer.fields(subgraph.body.name().empty() ? subgraph.attribute : subgraph.body.name());
  Message<GraphField> fields(graph);
  for (const Outgoing& constant : writer.constants()) {
    fields.add_message(GraphField::initializer, whole_tensor(constant, options_));
  }
  std::string bytes;
  Message<AttributeField> attribute(bytes);
  attribute.add_string(AttributeField::name, subgraph.attribute);
  attribute.add_message(AttributeField::g, graph);
  attribute.add_enum(AttributeField::type, static_cast<std::int32_t>(AttributeType::g));
  message.add_message(NodeField::attribute, bytes);
}

// --- Models

std::string_view name_of(Weights weights) {
  switch (weights) {
    case Weights::random:
      return "random";
    case Weights::zero:
      return "zero";
    case Weights::none:
      return "none";
    default:
      return "original";
  }
}

void add_opset(Message<Model>& model, const std::string& domain, std::int64_t version) {
  std::string bytes;
  Message<OperatorSet> opset(bytes);
  if (!domain.empty()) opset.add_string(OperatorSet::domain, domain);
  opset.add_int64(OperatorSet::version, version);
  model.add_message(Model::opset_import, bytes);
}

/// The fields of the ModelProto but the graph.
std::string head_of(const Graph& graph, const WriteOptions& options) {
  Census census;
  census.count(graph);
  const std::int64_t stated = graph.opset("");
  const std::int64_t opset = stated > 0 ? stated : kDefaultOpset;
  std::string bytes;
  Message<Model> model(bytes);
  model.add_int64(Model::ir_version, std::max(census.ir_version, ir_version_of_opset(opset)));
  model.add_string(Model::producer_name, "foretime");
  for (const auto& [domain, version] : graph.opsets()) add_opset(model, domain, version);
  for (const std::string& domain : census.domains) {
    if (graph.opset(domain) == 0 && !domain.empty()) add_opset(model, domain, 1);
  }
  if (stated == 0) add_opset(model, "", kDefaultOpset);
  for (const auto& [key, value] : graph.metadata()) {
    if (key == kWeights && options.weights != Weights::original) continue;
    add_entry(model, Model::metadata_props, key, value);
  }
  if (options.weights != Weights::original) {
    add_entry(model, Model::metadata_props, kWeights, name_of(options.weights));
  }
  return bytes;
}

class ModelWriter {
 public:
  ModelWriter(const Graph& graph, const WriteOptions& options) : options_(options) {
    std::vector<std::string> names;
    for (const Tensor& tensor : graph.tensors()) names.push_back(tensor.name);
    const GraphWriter writer(graph, std::move(names), options);
    head_ = head_of(graph, options);
    graph_ = writer.fields(graph.name().empty() ? "graph" : graph.name());
    constants_ = writer.constants();
  }

  std::uint64_t bytes_of_values() const {
    std::uint64_t sum = 0;
    for (const Outgoing& constant : constants_) sum += constant.size;
    return sum;
  }

  /// Moves the values of all but the smallest constants to `data_file`.
  void make_external(const std::string& data_file) {
    std::uint64_t end = 0;
    for (Outgoing& constant : constants_) {
      if (constant.size < kWorthAPage || values_field(constant) != TensorField::raw_data) continue;
      constant.offset = (end + kPage - 1) / kPage * kPage;
      end = *constant.offset + constant.size;
      make_fields(constant, data_file);
    }
  }

  void write_external(const Sink& sink) const {
    std::uint64_t at = 0;
    for (const Outgoing& constant : constants_) {
      if (!constant.offset) continue;
      sink(std::string(static_cast<std::size_t>(*constant.offset - at), '\0'));
      write_values(constant, options_, sink);
      at = *constant.offset + constant.size;
    }
  }

  /// Error: it takes more bytes than a message may have.
  void write(const std::string& where, const Sink& sink) const {
    std::vector<std::string> keys;
    std::uint64_t size = graph_.size();
    for (const Outgoing& constant : constants_) {
      std::string key;
      append_key(key, static_cast<protozero::pbf_tag_type>(GraphField::initializer), constant.message_size());
      size += key.size() + constant.message_size();
      keys.push_back(std::move(key));
    }
    std::string start = head_;
    append_key(start, static_cast<protozero::pbf_tag_type>(Model::graph), size);
    if (start.size() + size > kLargestMessage) {
      throw Error(
          where, "takes " + std::to_string(start.size() + size) + " bytes as one ONNX message",
          "at most " + std::to_string(kLargestMessage) + "; weights in a file of their own do not count");
    }
    sink(start);
    sink(graph_);
    for (std::size_t i = 0; i < constants_.size(); ++i) {
      sink(keys[i]);
      sink(constants_[i].fields);
      if (!constants_[i].offset) write_values(constants_[i], options_, sink);
    }
  }

 private:
  const WriteOptions& options_;
  std::string head_;
  std::string graph_;
  std::vector<Outgoing> constants_;
};

}  // namespace

void write_onnx(const Graph& graph, const std::string& path, const WriteOptions& options) {
  ModelWriter model(graph, options);
  const auto into = [](FileWriter& file) { return [&file](std::string_view piece) { file.write(piece); }; };
  std::optional<FileWriter> data;
  if (model.bytes_of_values() > options.most_bytes_inside) {
    data.emplace(path + ".data");
    model.make_external(std::filesystem::path(path).filename().string() + ".data");
    model.write_external(into(*data));
  }
  FileWriter file(path);
  model.write(path, into(file));
  if (data) data->commit();
  file.commit();
}

std::string to_onnx(const Graph& graph, const WriteOptions& options) {
  std::string bytes;
  ModelWriter(graph, options).write("graph " + graph.name(), [&](std::string_view piece) { bytes += piece; });
  return bytes;
}

}  // namespace foretime::onnx
