// From the bytes of a ModelProto to a Graph, in one walk over the mapped file.
//
// Messages are taken apart where they lie (protozero); what is kept is copied, weights are not. A graph in an
// attribute (a branch, a loop body) becomes a Subgraph whose captures are the names it reads but does not
// define. A node that calls a function of the model is replaced by the function's nodes: their names and
// inner tensors get the calling node's name as prefix, so that nothing collides.

#include "formats/onnx/onnx_reader.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "formats/onnx/messages.h"
#include "formats/onnx/node_metadata.h"
#include "formats/onnx/onnx_fields.h"
#include "formats/onnx/tensor_proto.h"
#include "formats/onnx/type_proto.h"
#include "graph/graph_builder.h"

namespace foretime::onnx {
namespace {

// Bounds on what a small file may ask for. Real models nest bodies two or three deep, and functions four or
// five; the largest exports have some 50,000 nodes.
constexpr int kDeepestBody = 12;
constexpr int kDeepestCall = 16;
constexpr std::size_t kMostInlinedNodes = 250'000;
// What their names, inputs, outputs and attributes take, in bytes of the file.
constexpr std::size_t kMostInlinedBytes = 64'000'000;
constexpr std::size_t kMostOpsets = 256;

/// "domain:name:overload".
std::string function_key(std::string_view domain, std::string_view name, std::string_view overload) {
  std::string key(domain);
  key.append(":").append(name).append(":").append(overload);
  return key;
}

/// Where a node stands: in a graph of the file, or in a function called from there.
struct Frame {
  const std::map<std::string, std::string, std::less<>>* names = nullptr;  // formal to actual; "" is left out
  const std::map<std::string, std::string_view, std::less<>>* attributes = nullptr;  // of the call
  std::string prefix;
  int calls = 0;
};

class Reader {
 public:
  Reader(const std::shared_ptr<const MappedFile>& file, Diagnostics& diagnostics)
      : file_(file), external_(file->path()), diagnostics_(diagnostics) {}

  Graph read();

 private:
  void read_function(std::string_view bytes);
  void join_opsets();

  Graph read_graph(std::string_view bytes, GraphBuilder* outer, const Frame& outer_frame, Subgraph* as,
                   int depth);
  void read_value_info(std::string_view bytes, GraphBuilder& builder, bool as_input);
  void add_constant(ParsedTensor tensor, GraphBuilder& builder);
  void note_missing_weights();

  void read_node(std::string_view bytes, GraphBuilder& builder, const Frame& frame, int depth);
  void inline_call(const FunctionFields& function, const NodeFields& call, GraphBuilder& builder,
                   const Frame& frame, int depth);
  void add_attributes(const NodeFields& fields, Node& node, GraphBuilder& builder, const Frame& frame,
                      int depth);
  bool add_constant_node(const Node& node, GraphBuilder& builder);
  void charge_inlined(std::size_t bytes);
  std::string unused_call_name(const std::string& wanted);
  std::string resolve(std::string_view name, const Frame& frame) const;
  std::string_view resolve_attribute(std::string_view bytes, const Frame& frame, std::string& name) const;
  Error error(const std::string& what, const std::string& accepted = {}) const {
    return {file_->path(), what, accepted};
  }

  std::shared_ptr<const MappedFile> file_;
  ExternalFiles external_;
  Diagnostics& diagnostics_;
  std::map<std::string, FunctionFields, std::less<>> functions_;
  std::vector<std::pair<std::string, std::int64_t>> opsets_;
  std::vector<std::pair<std::string, std::int64_t>> function_opsets_;
  std::vector<std::pair<std::string_view, std::string_view>> metadata_;
  std::set<std::string> call_names_;
  std::map<std::string, std::size_t> call_variants_;
  std::size_t inlined_nodes_ = 0;
  std::size_t inlined_bytes_ = 0;
  std::size_t without_values_ = 0;
};

Graph Reader::read() {
  std::optional<std::string_view> graph;
  auto model = message_of<Model>(file_->text());
  while (model.next()) {
    switch (model.tag()) {
      case Model::graph:
        graph = view(model.get_view());
        break;
      case Model::opset_import:
        opsets_.push_back(parse_opset(view(model.get_view())));
        break;
      case Model::functions:
        read_function(view(model.get_view()));
        break;
      case Model::metadata_props:
        metadata_.push_back(parse_entry(view(model.get_view())));
        break;
      default:
        model.skip();
    }
  }
  if (!graph) throw error("holds no graph", "an ONNX model was expected");
  join_opsets();
  const bool says_so = std::any_of(metadata_.begin(), metadata_.end(), [](const auto& entry) {
    return entry.first == kWeights && entry.second == "none";
  });
  Graph read = read_graph(*graph, nullptr, {}, nullptr, 0);
  if (!says_so) note_missing_weights();
  return read;
}

void Reader::note_missing_weights() {
  if (without_values_ == 0) return;
  diagnostics_.push_back({Severity::info, "weights-missing",
                          std::to_string(without_values_) + " constants state their shape but hold no values",
                          file_->path()});
}

/// Functions import operator sets of their own; the graph's versions stand where both name a domain.
void Reader::join_opsets() {
  std::set<std::string> domains;
  for (const auto& [domain, version] : opsets_) domains.insert(domain);
  for (const auto& [domain, version] : function_opsets_) {
    if (domains.insert(domain).second) opsets_.emplace_back(domain, version);
  }
  if (opsets_.size() > kMostOpsets) {
    throw error("imports " + std::to_string(opsets_.size()) + " operator sets",
                "at most " + std::to_string(kMostOpsets));
  }
}

void Reader::read_function(std::string_view bytes) {
  FunctionFields function = parse_function(bytes);
  function_opsets_.insert(function_opsets_.end(), function.opsets.begin(), function.opsets.end());
  std::string key = function_key(function.domain, function.name, function.overload);
  functions_.insert_or_assign(std::move(key), std::move(function));
}

// --- Graphs

Graph Reader::read_graph(std::string_view bytes, GraphBuilder* outer, const Frame& outer_frame, Subgraph* as,
                         int depth) {
  if (depth > kDeepestBody) throw error("nests bodies more than " + std::to_string(kDeepestBody) + " deep");
  std::string name;
  std::vector<std::string_view> nodes, inputs, outputs, values, constants, sparse;
  auto message = message_of<GraphField>(bytes);
  while (message.next()) {
    switch (message.tag()) {
      case GraphField::name:
        name = message.get_string();
        break;
      case GraphField::node:
        nodes.push_back(view(message.get_view()));
        break;
      case GraphField::input:
        inputs.push_back(view(message.get_view()));
        break;
      case GraphField::output:
        outputs.push_back(view(message.get_view()));
        break;
      case GraphField::value_info:
        values.push_back(view(message.get_view()));
        break;
      case GraphField::initializer:
        constants.push_back(view(message.get_view()));
        break;
      case GraphField::sparse_initializer:
        sparse.push_back(view(message.get_view()));
        break;
      default:
        message.skip();
    }
  }
  GraphBuilder builder(std::move(name), file_->path());
  builder.reserve(nodes.size(), nodes.size() + constants.size() + inputs.size());
  for (const auto& [domain, version] : opsets_) builder.set_opset(domain, version);
  if (outer == nullptr) {
    for (const auto& [key, value] : metadata_) builder.add_metadata(std::string(key), std::string(value));
  }
  for (const std::string_view constant : constants)
    add_constant(parse_tensor(constant, file_, external_), builder);
  for (const std::string_view constant : sparse)
    add_constant(parse_sparse_tensor(constant, file_, external_), builder);
  for (const std::string_view input : inputs) read_value_info(input, builder, true);

  // Inside a function's body graphs, attributes may refer to the call's; names are the body's own.
  Frame frame;
  frame.attributes = outer_frame.attributes;
  frame.calls = outer_frame.calls;
  for (const std::string_view node : nodes) read_node(node, builder, frame, depth);
  for (const std::string_view output : outputs) {
    auto info = message_of<ValueInfo>(output);
    while (info.next(ValueInfo::name)) builder.add_output(builder.tensor(view(info.get_view())));
    read_value_info(output, builder, false);
  }
  for (const std::string_view value : values) read_value_info(value, builder, false);

  if (outer != nullptr) {
    for (const TensorId id : builder.undefined()) {
      const std::string inside = builder[id].name;
      const std::string outside = resolve(inside, outer_frame);
      if (outside.empty()) throw error("a body reads '" + inside + "', which the call leaves out");
      builder.add_capture(inside, builder[id].type);
      as->captures.push_back(outer->tensor(outside));
    }
  }
  return std::move(builder).build();
}

void Reader::add_constant(ParsedTensor tensor, GraphBuilder& builder) {
  if (tensor.name.empty()) throw error("an initialiser has no name");
  if (tensor.data.encoding == Encoding::omitted) ++without_values_;
  builder.add_constant(tensor.name, std::move(tensor.type), std::move(tensor.data));
}

void Reader::read_value_info(std::string_view bytes, GraphBuilder& builder, bool as_input) {
  std::string_view name;
  std::string_view type_bytes;
  auto message = message_of<ValueInfo>(bytes);
  while (message.next()) {
    switch (message.tag()) {
      case ValueInfo::name:
        name = view(message.get_view());
        break;
      case ValueInfo::type:
        type_bytes = view(message.get_view());
        break;
      default:
        message.skip();
    }
  }
  if (name.empty()) throw error(as_input ? "an input has no name" : "an output or value has no name");
  const auto known = builder.find(name);
  if (as_input) {
    // Up to IR version 3 initialisers had to be listed as inputs, too.
    if (known && builder[*known].constant) return;
    builder.add_input(name, parse_type(type_bytes, {file_->path(), name}));
  } else if (known && builder[*known].type == TensorType{}) {
    builder.set_type(*known, parse_type(type_bytes, {file_->path(), name}));
  }
}

// --- Nodes

std::string Reader::resolve(std::string_view name, const Frame& frame) const {
  if (name.empty() || frame.names == nullptr) return std::string(name);
  if (const auto found = frame.names->find(name); found != frame.names->end()) return found->second;
  return frame.prefix + std::string(name);
}

/// A small file can ask for very much by functions that call each other.
void Reader::charge_inlined(std::size_t bytes) {
  inlined_bytes_ += bytes;
  if (++inlined_nodes_ > kMostInlinedNodes) {
    throw error("its functions unfold to more than " + std::to_string(kMostInlinedNodes) + " nodes");
  }
  if (inlined_bytes_ > kMostInlinedBytes) {
    throw error("its functions unfold to more than " + std::to_string(kMostInlinedBytes) + " bytes");
  }
}

void Reader::read_node(std::string_view bytes, GraphBuilder& builder, const Frame& frame, int depth) {
  const NodeFields fields = parse_node(bytes);
  if (fields.op.empty()) throw error("node '" + std::string(fields.name) + "' has no operator");
  if (frame.calls > 0)
    charge_inlined(bytes.size() + frame.prefix.size() * (1 + fields.inputs.size() + fields.outputs.size()));
  if (const auto called = functions_.find(function_key(fields.domain, fields.op, fields.overload));
      called != functions_.end()) {
    return inline_call(called->second, fields, builder, frame, depth);
  }
  Node node;
  node.op = fields.op;
  node.domain = fields.domain;
  node.source_op = fields.source_op;
  node.module_path = module_path_of(fields);
  const auto tensor = [&](std::string_view name) {
    const std::string resolved = resolve(name, frame);
    return resolved.empty() ? kNoTensor : builder.tensor(resolved);
  };
  for (const std::string_view input : fields.inputs) node.inputs.push_back(tensor(input));
  for (const std::string_view output : fields.outputs) node.outputs.push_back(tensor(output));
  while (!node.inputs.empty() && node.inputs.back() == kNoTensor) node.inputs.pop_back();
  while (!node.outputs.empty() && node.outputs.back() == kNoTensor) node.outputs.pop_back();
  add_attributes(fields, node, builder, frame, depth);
  if (add_constant_node(node, builder)) return;
  if (!fields.name.empty()) node.name = builder.unused_node_name(frame.prefix + std::string(fields.name));
  if (node.name.empty() && node.outputs.empty()) node.name = builder.unused_node_name(frame.prefix + node.op);
  builder.add_node(std::move(node));
}

/// A Constant node that holds a tensor is a constant like any other: its values are located, not copied.
bool Reader::add_constant_node(const Node& node, GraphBuilder& builder) {
  if (node.op != "Constant" || !node.domain.empty() || node.outputs.size() != 1) return false;
  const Attribute* value = node.attributes.find("value");
  const auto* tensor = value == nullptr ? nullptr : std::get_if<TensorAttribute>(value);
  if (tensor == nullptr) return false;
  builder.add_constant(builder[node.outputs[0]].name, tensor->type, tensor->data);
  return true;
}

/// Names of calls, too, may occur twice.
std::string Reader::unused_call_name(const std::string& wanted) {
  std::string name = wanted;
  while (!call_names_.insert(name).second) name = wanted + "#" + std::to_string(++call_variants_[wanted] + 1);
  return name;
}

void Reader::inline_call(const FunctionFields& function, const NodeFields& call, GraphBuilder& builder,
                         const Frame& frame, int depth) {
  if (frame.calls >= kDeepestCall) {
    throw error("its functions call each other more than " + std::to_string(kDeepestCall) + " deep");
  }
  std::string_view wanted = call.name;
  if (wanted.empty()) wanted = call.outputs.empty() ? call.op : call.outputs[0];
  const std::string name = unused_call_name(frame.prefix + std::string(wanted));
  constexpr std::size_t kPerEntry = 64;  // of the maps made below
  charge_inlined(name.size() +
                 kPerEntry * (function.inputs.size() + function.outputs.size() + function.defaults.size()));
  std::map<std::string, std::string, std::less<>> names;
  for (std::size_t i = 0; i < function.inputs.size(); ++i) {
    names.emplace(function.inputs[i],
                  i < call.inputs.size() ? resolve(call.inputs[i], frame) : std::string());
  }
  // An output that the call leaves out is still a tensor inside; one that is a formal input needs an
  // Identity.
  std::vector<std::pair<std::string, std::string>> passed_through;
  for (std::size_t i = 0; i < std::min(function.outputs.size(), call.outputs.size()); ++i) {
    std::string actual = resolve(call.outputs[i], frame);
    if (actual.empty()) continue;
    const auto [known, fresh] = names.emplace(function.outputs[i], actual);
    if (!fresh) passed_through.emplace_back(known->second, std::move(actual));
  }
  std::map<std::string, std::string_view, std::less<>> attributes(function.defaults.begin(),
                                                                  function.defaults.end());
  for (const std::string_view bytes : call.attributes) {
    std::string attribute_name;
    const std::string_view resolved = resolve_attribute(bytes, frame, attribute_name);
    if (!resolved.empty()) attributes.insert_or_assign(attribute_name, resolved);
  }
  Frame inner;
  inner.names = &names;
  inner.attributes = &attributes;
  inner.prefix = name + "/";
  inner.calls = frame.calls + 1;
  for (const std::string_view node : function.nodes) read_node(node, builder, inner, depth);
  for (const auto& [from, to] : passed_through) {
    if (from.empty()) continue;
    Node identity;
    identity.op = "Identity";
    identity.inputs = {builder.tensor(from)};
    identity.outputs = {builder.tensor(to)};
    builder.add_node(std::move(identity));
  }
}

/// The AttributeProto that counts, and its name: the attribute itself, or what it refers to in the calling
/// node. Empty when it refers to something the call does not give.
std::string_view Reader::resolve_attribute(std::string_view bytes, const Frame& frame,
                                           std::string& name) const {
  std::string_view reference;
  auto message = message_of<AttributeField>(bytes);
  while (message.next()) {
    switch (message.tag()) {
      case AttributeField::name:
        name = message.get_string();
        break;
      case AttributeField::ref_attr_name:
        reference = view(message.get_view());
        break;
      default:
        message.skip();
    }
  }
  if (reference.empty()) return bytes;
  if (frame.attributes == nullptr) return {};
  const auto found = frame.attributes->find(reference);
  return found == frame.attributes->end() ? std::string_view{} : found->second;
}

void Reader::add_attributes(const NodeFields& fields, Node& node, GraphBuilder& builder, const Frame& frame,
                            int depth) {
  std::vector<std::pair<std::string, Attribute>> attributes;
  std::set<std::string> names;
  for (const std::string_view reference : fields.attributes) {
    std::string name;
    const std::string_view bytes = resolve_attribute(reference, frame, name);
    if (bytes.empty() || name.empty()) continue;
    if (!names.insert(name).second) {
      throw error("node '" + std::string(fields.name) + "' (" + node.op + ") has attribute '" + name +
                  "' twice");
    }
    if (frame.calls > 0) charge_inlined(bytes.size());
    AttributeFields found = parse_attribute(bytes);
    switch (found.type) {
      case AttributeType::i:
        attributes.emplace_back(std::move(name), found.integer);
        break;
      case AttributeType::f:
        attributes.emplace_back(std::move(name), found.number);
        break;
      case AttributeType::s:
        attributes.emplace_back(std::move(name), std::string(found.text));
        break;
      case AttributeType::ints:
        attributes.emplace_back(std::move(name), std::move(found.integers));
        break;
      case AttributeType::floats:
        attributes.emplace_back(std::move(name), std::move(found.numbers));
        break;
      case AttributeType::strings:
        attributes.emplace_back(std::move(name), std::move(found.texts));
        break;
      case AttributeType::t: {
        ParsedTensor parsed = parse_tensor(found.tensor, file_, external_);
        attributes.emplace_back(std::move(name),
                                TensorAttribute{std::move(parsed.type), std::move(parsed.data)});
        break;
      }
      case AttributeType::g: {
        Subgraph subgraph{std::move(name), Graph(), {}};
        subgraph.body = read_graph(found.graph, &builder, frame, &subgraph, depth + 1);
        node.subgraphs.push_back(std::move(subgraph));
        break;
      }
      default:
        break;  // types, sparse tensors, lists of tensors and graphs: no operator here needs them
    }
  }
  node.attributes = Attributes(std::move(attributes));
}

}  // namespace

bool looks_like_onnx(std::string_view bytes) {
  // Fields of ModelProto in any order; all that is looked at is whether the first few make sense.
  static const std::set<std::uint32_t> kKnown = {1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25, 26};
  try {
    protozero::pbf_reader reader(bytes.data(), bytes.size());
    bool graph_or_version = false;
    for (int i = 0; i < 4 && reader.next(); ++i) {
      const bool number = reader.tag() == 1 || reader.tag() == 5;
      const auto expected =
          number ? protozero::pbf_wire_type::varint : protozero::pbf_wire_type::length_delimited;
      if (!kKnown.contains(reader.tag()) || reader.wire_type() != expected) return false;
      graph_or_version = graph_or_version || reader.tag() == 1 || reader.tag() == 7 || reader.tag() == 8;
      if (reader.tag() == 7) return true;
      reader.skip();
    }
    return graph_or_version;
  } catch (const protozero::end_of_buffer_exception&) {
    return true;  // a length that runs past the end: truncated, as reading it will say
  } catch (const protozero::exception&) {
    return false;
  }
}

Graph read_onnx(const std::shared_ptr<const MappedFile>& file, Diagnostics& diagnostics) {
  try {
    return Reader(file, diagnostics).read();
  } catch (const protozero::end_of_buffer_exception&) {
    throw Error(file->path(), "the file is truncated: a field runs past its end");
  } catch (const protozero::exception& e) {
    throw Error(file->path(), std::string("is not valid ONNX: ") + e.what());
  }
}

}  // namespace foretime::onnx
