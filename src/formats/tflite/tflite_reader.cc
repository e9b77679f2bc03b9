// From the tables of a TFLite model to a Graph.
//
// Vectors and names may be shared by many tables, so a small file could ask for much: whatever is copied out
// of the file is charged to a budget that grows with its size.

#include "formats/tflite/tflite_reader.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "formats/tflite/operators.h"
#include "graph/graph_builder.h"

namespace foretime::tflite {
namespace {

// Real models nest bodies two or three deep.
constexpr int kDeepestBody = 12;
// Elements copied out of the file, per byte of it: an operator takes 60 bytes or more and has 5 elements or
// so.
constexpr std::uint64_t kCopiesPerByte = 4;
constexpr std::uint64_t kCopiesOfAnyFile = 1 << 16;
constexpr std::int64_t kOpset = 22;  // of ONNX, whose operators are meant

class Reader {
 public:
  Reader(const std::shared_ptr<const MappedFile>& file, Diagnostics& diagnostics)
      : file_(file),
        model_(verified_model(*file)),
        diagnostics_(diagnostics),
        copies_left_(file->bytes().size() * kCopiesPerByte + kCopiesOfAnyFile) {}

  Graph read();

 private:
  struct Body {
    const schema::SubGraph& source;
    GraphBuilder builder;
    std::vector<TensorId> tensors;  // by place in the file
    bool captures = false;          // inputs come from around the node
    int depth = 0;
    std::vector<bool> has_source;
  };

  Graph read_subgraph(std::size_t place, bool captures, int depth);
  void declare_tensors(Body& body);
  TensorType type_of(const schema::Tensor& tensor) const;
  void set_quantization(const schema::Tensor& tensor, TensorId id, Body& body);
  void add_inputs(Body& body);
  void add_constants(Body& body);
  void add_constant(const schema::Tensor& tensor, std::size_t place, Body& body);
  void read_operator(const schema::Operator& source, std::size_t place, Body& body);
  std::vector<TensorId> ids(const flatbuffers::Vector<std::int32_t>* places, const Body& body,
                            const char* whose);
  void name_operator(const schema::Operator& source, Node& node, const Builtin*& builtin);
  void add_bodies(const schema::Operator& source, Node& node, const Body& body);
  void add_body(Node& node, const char* attribute, std::int64_t place, bool captures, const Body& body);
  void add_metadata(GraphBuilder& builder);
  std::string described(const flatbuffers::Vector<flatbuffers::Offset<schema::TensorMap>>* maps,
                        const schema::SubGraph& subgraph);
  bool open_batch(const schema::SubGraph& subgraph);

  std::size_t count_of_subgraphs() const {
    return model_.subgraphs() == nullptr ? 0 : model_.subgraphs()->size();
  }
  void charge(std::size_t elements) {
    if (elements > copies_left_) {
      throw error("the file asks for far more than its size", "tables that are not shared by thousands");
    }
    copies_left_ -= elements;
  }
  Error error(const std::string& what, const std::string& accepted = {}) const {
    return {file_->path(), what, accepted};
  }

  std::shared_ptr<const MappedFile> file_;
  const schema::Model& model_;
  Diagnostics& diagnostics_;
  std::uint64_t copies_left_;
};

Graph Reader::read() {
  if (count_of_subgraphs() == 0) throw error("the model has no subgraph", "at least one");
  return read_subgraph(0, false, 0);
}

Graph Reader::read_subgraph(std::size_t place, bool captures, int depth) {
  if (depth > kDeepestBody) {
    throw error("bodies nest more than " + std::to_string(kDeepestBody) + " deep, or call themselves");
  }
  const schema::SubGraph& source = *model_.subgraphs()->Get(static_cast<flatbuffers::uoffset_t>(place));
  charge(text(source.name()).size());
  Body body{source, GraphBuilder(std::string(text(source.name())), file_->path()), {}, captures, depth, {}};
  body.builder.set_opset("", kOpset);
  body.builder.set_opset(kDomain, 1);
  if (depth == 0) add_metadata(body.builder);
  declare_tensors(body);
  add_inputs(body);
  add_constants(body);
  if (source.operators() != nullptr) {
    for (flatbuffers::uoffset_t i = 0; i < source.operators()->size(); ++i) {
      read_operator(*source.operators()->Get(i), i, body);
    }
  }
  for (const TensorId id : ids(source.outputs(), body, "an output")) {
    if (id != kNoTensor) body.builder.add_output(id);
  }
  // A body may be called for what it does (initialise tables), and give nothing.
  const bool silent = source.outputs() == nullptr || source.outputs()->size() == 0;
  if (silent && depth > 0) {
    std::string name = "nothing";
    while (body.builder.find(name)) name += "'";
    body.builder.add_output(
        body.builder.add_constant(name, {DataType::float32, Shape{Dim(0)}}, ConstantData::owning({})));
  }
  return std::move(body.builder).build();
}

// --- Tensors

void Reader::declare_tensors(Body& body) {
  if (body.source.tensors() == nullptr) return;
  for (flatbuffers::uoffset_t i = 0; i < body.source.tensors()->size(); ++i) {
    const schema::Tensor& tensor = *body.source.tensors()->Get(i);
    const std::string_view stated = text(tensor.name());
    charge(stated.size() + elements(tensor.shape()).size() + 1);
    std::string name = stated.empty() ? "tensor_" + std::to_string(i) : std::string(stated);
    // The place makes it another one; hostile files may have taken that name, too.
    if (body.builder.find(name)) name += "#" + std::to_string(i);
    while (body.builder.find(name)) name += "'";
    const TensorId id = body.builder.tensor(name);
    body.builder.set_type(id, type_of(tensor));
    set_quantization(tensor, id, body);
    body.tensors.push_back(id);
  }
  body.has_source.resize(body.tensors.size(), false);
  if (body.source.operators() == nullptr) return;
  for (const schema::Operator* source : *body.source.operators()) {
    charge(elements(source->outputs()).size());
    for (const std::int32_t place : elements(source->outputs())) {
      if (place >= 0 && static_cast<std::size_t>(place) < body.has_source.size()) {
        body.has_source[static_cast<std::size_t>(place)] = true;
      }
    }
  }
}

TensorType Reader::type_of(const schema::Tensor& tensor) const {
  TensorType type;
  type.dtype = data_type_of(tensor.type());
  Shape shape;
  for (const std::int32_t size : elements(tensor.shape())) {
    if (size < -1) {
      throw error("tensor '" + std::string(text(tensor.name())) + "' has a size of " + std::to_string(size));
    }
    shape.push_back(size < 0 ? Dim::named("?") : Dim(size));
  }
  type.shape = std::move(shape);
  return type;
}

void Reader::set_quantization(const schema::Tensor& tensor, TensorId id, Body& body) {
  const schema::QuantizationParameters* stated = tensor.quantization();
  if (stated == nullptr || elements(stated->scale()).empty()) return;
  const auto scales = elements(stated->scale());
  const auto zeros = elements(stated->zero_point());
  charge(scales.size() + zeros.size());
  auto quantization = std::make_shared<Quantization>();
  quantization->scales.assign(scales.begin(), scales.end());
  if (std::any_of(zeros.begin(), zeros.end(), [](std::int64_t zero) { return zero != 0; })) {
    quantization->zero_points.assign(zeros.begin(), zeros.end());
  }
  quantization->axis = stated->quantized_dimension();
  body.builder.set_quantization(id, std::move(quantization));
}

std::vector<TensorId> Reader::ids(const flatbuffers::Vector<std::int32_t>* places, const Body& body,
                                  const char* whose) {
  std::vector<TensorId> out;
  charge(elements(places).size());
  for (const std::int32_t place : elements(places)) {
    if (place >= static_cast<std::int64_t>(body.tensors.size()) || place < -1) {
      throw error(std::string(whose) + " is tensor " + std::to_string(place),
                  "0 to " + std::to_string(static_cast<std::int64_t>(body.tensors.size()) - 1) + ", or -1");
    }
    out.push_back(place < 0 ? kNoTensor : body.tensors[static_cast<std::size_t>(place)]);
  }
  return out;
}

/// Whether every input that has sizes leaves the first one open, and was converted with 1.
bool Reader::open_batch(const schema::SubGraph& subgraph) {
  bool any = false;
  for (const std::int32_t place : elements(subgraph.inputs())) {
    if (place < 0 || place >= static_cast<std::int64_t>(subgraph.tensors()->size())) return false;
    const schema::Tensor& tensor = *subgraph.tensors()->Get(static_cast<flatbuffers::uoffset_t>(place));
    const auto shape = elements(tensor.shape());
    const auto signature = elements(tensor.shape_signature());
    if (shape.empty()) continue;
    if (signature.size() != shape.size() || signature[0] != -1 || shape[0] != 1) return false;
    any = true;
  }
  return any;
}

void Reader::add_inputs(Body& body) {
  const bool open = body.depth == 0 && body.source.tensors() != nullptr && open_batch(body.source);
  for (const TensorId id : ids(body.source.inputs(), body, "an input")) {
    if (id == kNoTensor) continue;
    body.has_source[index(id)] = true;  // tensors are declared in the file's order
    TensorType type = body.builder[id].type;
    if (open && type.shape && !type.shape->empty()) type.shape->front() = Dim::named("?");
    const std::string name = body.builder[id].name;
    if (body.captures) {
      body.builder.add_capture(name, std::move(type));
    } else {
      body.builder.add_input(name, std::move(type));
    }
  }
}

/// What neither an operator nor the caller gives is a constant: bytes of the file, or a state that is kept
/// from run to run.
void Reader::add_constants(Body& body) {
  std::vector<bool> read(body.tensors.size(), false);
  const auto note = [&](const flatbuffers::Vector<std::int32_t>* places) {
    charge(elements(places).size());
    for (const std::int32_t place : elements(places)) {
      if (place >= 0 && static_cast<std::size_t>(place) < read.size())
        read[static_cast<std::size_t>(place)] = true;
    }
  };
  note(body.source.outputs());
  if (body.source.operators() != nullptr) {
    for (const schema::Operator* source : *body.source.operators()) note(source->inputs());
  }
  for (std::size_t i = 0; i < body.tensors.size(); ++i) {
    if (!read[i] || body.has_source[i]) continue;
    add_constant(*body.source.tensors()->Get(static_cast<flatbuffers::uoffset_t>(i)), i, body);
  }
}

void Reader::add_constant(const schema::Tensor& tensor, std::size_t place, Body& body) {
  const TensorId id = body.tensors[place];
  const std::string name = body.builder[id].name;
  const TensorType type = body.builder[id].type;
  const std::size_t buffers = model_.buffers() == nullptr ? 0 : model_.buffers()->size();
  if (tensor.buffer() >= std::max<std::size_t>(buffers, 1)) {
    throw error("tensor '" + name + "' lies in buffer " + std::to_string(tensor.buffer()),
                "the model has " + std::to_string(buffers));
  }
  ConstantData data;
  if (buffers > 0) data.bytes = bytes_of(*model_.buffers()->Get(tensor.buffer()), *file_);
  data.keeper = file_;
  const bool plain =
      type.dtype != DataType::string && bits_of(type.dtype) > 0 && tensor.sparsity() == nullptr;
  const std::int64_t wanted = foretime::bytes_of(type).value_or(0);
  if (plain && (!data.bytes.empty() || wanted == 0)) {
    if (static_cast<std::int64_t>(data.bytes.size()) < wanted) {
      throw error(
          "tensor '" + name + "' " + to_string(type) + " has " + std::to_string(data.bytes.size()) + " bytes",
          std::to_string(wanted));
    }
    data.encoding = Encoding::raw;
    data.bytes = data.bytes.first(static_cast<std::size_t>(wanted));
  } else {
    data = {data.bytes.empty() ? Encoding::omitted : Encoding::packed, {}, nullptr};
  }
  body.builder.add_constant(name, type, std::move(data));
}

// --- Operators

void Reader::name_operator(const schema::Operator& source, Node& node, const Builtin*& builtin) {
  const std::size_t count = model_.operator_codes() == nullptr ? 0 : model_.operator_codes()->size();
  if (source.opcode_index() >= count) {
    throw error("an operator has code " + std::to_string(source.opcode_index()),
                "the model has " + std::to_string(count));
  }
  const schema::OperatorCode& code = *model_.operator_codes()->Get(source.opcode_index());
  // Older files have the code in a byte, newer ones in both.
  const std::int64_t number = std::max<std::int64_t>(code.deprecated_code(), code.code());
  builtin = find_builtin(number);
  node.domain = kDomain;
  if (builtin == nullptr) {
    node.op = "BUILTIN_" + std::to_string(number);
  } else if (builtin->name == "CUSTOM") {
    charge(text(code.custom_code()).size());
    node.domain = kCustomDomain;
    node.op = text(code.custom_code());
    if (node.op.empty()) node.op = "CUSTOM";
  } else {
    node.op = builtin->name;
    if (builtin->op.empty()) return;
    node.source_op = std::exchange(node.op, std::string(builtin->op));
    node.domain.clear();
  }
}

void Reader::read_operator(const schema::Operator& source, std::size_t place, Body& body) {
  Node node;
  const Builtin* builtin = nullptr;
  name_operator(source, node, builtin);
  node.inputs = ids(source.inputs(), body, "an input of an operator");
  node.outputs = ids(source.outputs(), body, "an output of an operator");
  const bool named =
      std::any_of(node.outputs.begin(), node.outputs.end(), [](TensorId id) { return id != kNoTensor; });
  if (!named) node.name = body.builder.unused_node_name(node.op + "_" + std::to_string(place));
  Translation translation{source, body.builder, std::move(node)};
  try {
    if (builtin != nullptr && builtin->translate != nullptr) builtin->translate(translation);
  } catch (const Error& problem) {
    throw error("operator " + std::to_string(place) + " (" + translation.node.op + ") " + problem.what());
  }
  if (translation.node.op == translation.node.source_op) translation.node.source_op.clear();
  add_bodies(source, translation.node, body);
  body.builder.add_node(std::move(translation.node));
}

void Reader::add_bodies(const schema::Operator& source, Node& node, const Body& body) {
  const schema::BuiltinOptions kind = source.builtin_options_type();
  if (node.op == "If" && node.domain.empty()) {
    if (kind != schema::BuiltinOptions::If || node.inputs.empty())
      throw error("an If has no condition or branches");
    const std::vector<TensorId> captured(node.inputs.begin() + 1, node.inputs.end());
    add_body(node, "then_branch", source.builtin_options_as_If()->then_subgraph(), true, body);
    add_body(node, "else_branch", source.builtin_options_as_If()->else_subgraph(), true, body);
    node.inputs.resize(1);
  } else if (node.domain != kDomain) {
    return;
  } else if (kind == schema::BuiltinOptions::While && node.op == "WHILE") {
    add_body(node, "cond", source.builtin_options_as_While()->cond_subgraph(), false, body);
    add_body(node, "body", source.builtin_options_as_While()->body_subgraph(), false, body);
  } else if (kind == schema::BuiltinOptions::CallOnce && node.op == "CALL_ONCE") {
    add_body(node, "init", source.builtin_options_as_CallOnce()->init_subgraph(), false, body);
  } else if (kind == schema::BuiltinOptions::Call && node.op == "CALL") {
    add_body(node, "body", source.builtin_options_as_Call()->subgraph(), false, body);
  } else if (const schema::CompositeOptions* composite = source.builtin_options_2_as_Composite()) {
    if (node.op == "STABLEHLO_COMPOSITE") {
      node.attributes.set("name", std::string(text(composite->name())));
      add_body(node, "decomposition", composite->decomposition_subgraph(), false, body);
    }
  } else if (const schema::StablehloWhileOptions* loop = source.builtin_options_2_as_While()) {
    if (node.op == "STABLEHLO_WHILE") {
      add_body(node, "cond", loop->cond_subgraph(), false, body);
      add_body(node, "body", loop->body_subgraph(), false, body);
    }
  }
}

/// A branch of an If reads the operator's other inputs as captures.
void Reader::add_body(Node& node, const char* attribute, std::int64_t place, bool captures,
                      const Body& body) {
  if (place < 0 || place >= static_cast<std::int64_t>(count_of_subgraphs())) {
    throw error("an operator calls subgraph " + std::to_string(place),
                "the model has " + std::to_string(count_of_subgraphs()));
  }
  Subgraph subgraph;
  subgraph.attribute = attribute;
  subgraph.body = read_subgraph(static_cast<std::size_t>(place), captures, body.depth + 1);
  if (captures) {
    const std::size_t given = node.inputs.size() - 1;
    if (subgraph.body.captures().size() != given) {
      throw error("a branch reads " + std::to_string(subgraph.body.captures().size()) + " tensors",
                  std::to_string(given) + " are given");
    }
    subgraph.captures.assign(node.inputs.begin() + 1, node.inputs.end());
    if (std::find(subgraph.captures.begin(), subgraph.captures.end(), kNoTensor) != subgraph.captures.end()) {
      throw error("an If leaves out an input of its branches");
    }
  }
  node.subgraphs.push_back(std::move(subgraph));
}

// --- Metadata

std::string Reader::described(const flatbuffers::Vector<flatbuffers::Offset<schema::TensorMap>>* maps,
                              const schema::SubGraph& subgraph) {
  std::string out;
  if (maps == nullptr) return out;
  for (const schema::TensorMap* map : *maps) {
    const std::size_t tensors = subgraph.tensors() == nullptr ? 0 : subgraph.tensors()->size();
    if (map->tensor_index() >= tensors) {
      throw error("a signature names tensor " + std::to_string(map->tensor_index()),
                  "the subgraph has " + std::to_string(tensors));
    }
    const std::string_view tensor = text(subgraph.tensors()->Get(map->tensor_index())->name());
    charge(text(map->name()).size() + tensor.size() + 2);
    out.append(out.empty() ? "" : ", ").append(text(map->name())).append("=").append(tensor);
  }
  return out;
}

void Reader::add_metadata(GraphBuilder& builder) {
  charge(text(model_.description()).size());
  if (const auto description = text(model_.description()); !description.empty()) {
    builder.add_metadata("description", std::string(description));
  }
  if (model_.signature_defs() == nullptr) return;
  std::string others;
  for (const schema::SignatureDef* signature : *model_.signature_defs()) {
    const std::string key(text(signature->signature_key()));
    charge(key.size() + 1);
    if (signature->subgraph_index() >= count_of_subgraphs()) {
      throw error("signature '" + key + "' is of subgraph " + std::to_string(signature->subgraph_index()),
                  "the model has " + std::to_string(count_of_subgraphs()));
    }
    const schema::SubGraph& subgraph = *model_.subgraphs()->Get(signature->subgraph_index());
    builder.add_metadata("tflite.signature." + key,
                         "input: " + described(signature->inputs(), subgraph) +
                             "; output: " + described(signature->outputs(), subgraph));
    if (signature->subgraph_index() != 0) others.append(others.empty() ? "" : ", ").append(key);
  }
  if (others.empty()) return;
  diagnostics_.push_back({Severity::info, "other-signatures",
                          "what is read is the first subgraph; other signatures of the file: " + others,
                          file_->path()});
}

}  // namespace

bool looks_like_tflite(std::string_view bytes) {
  return bytes.size() >= 8 && bytes.substr(4, 4) == schema::ModelIdentifier();
}

Graph read_tflite(const std::shared_ptr<const MappedFile>& file, Diagnostics& diagnostics) {
  return Reader(file, diagnostics).read();
}

}  // namespace foretime::tflite
