// Works in three steps on a flat list of nodes, in which the branches of decided Ifs already stand inline:
// lay out, find out from the back what is still needed, and build.

#include "passes/fold_constants.h"

#include <algorithm>
#include <bit>
#include <string>
#include <utility>
#include <vector>

#include "graph/graph_builder.h"
#include "ops/op_spec.h"

namespace foretime::passes {
namespace {

constexpr std::size_t kNone = SIZE_MAX;

struct FlatTensor {
  std::string name;
  TensorType type;
  ops::ValuePtr value;
  bool constant = false;
  bool needed = false;
  const Tensor* original = nullptr;  // a constant of the file
  std::size_t producer = kNone;      // flat node
  TensorId built = kNoTensor;
};

struct FlatNode {
  const Node* node = nullptr;
  std::string name;
  std::vector<std::size_t> inputs;
  std::vector<std::size_t> outputs;
  std::vector<Subgraph> subgraphs;                 // folded
  std::vector<std::vector<std::size_t>> captures;  // of each subgraph, flat
  bool folded = false;
};

/// Contents as bytes of the type; derived (without values) when the type is none that shapes are made of.
ConstantData stored(const ops::Value& value, const TensorType& type) {
  if (value.real && type.dtype == DataType::float32) {
    std::vector<float> numbers(value.reals.begin(), value.reals.end());
    return ConstantData::of(numbers);
  }
  ConstantData data;
  data.encoding = Encoding::derived;
  if (value.real || !is_integer(type.dtype) || bits_of(type.dtype) < 8) return data;
  std::vector<std::byte> bytes;
  const auto width = static_cast<std::size_t>(bits_of(type.dtype) / 8);
  for (const Dim& element : value.ints) {
    const auto pattern = static_cast<std::uint64_t>(element.number());
    for (std::size_t i = 0; i < width; ++i) bytes.push_back(static_cast<std::byte>(pattern >> (8 * i)));
  }
  return ConstantData::owning(std::move(bytes));
}

class Folder {
 public:
  Graph fold_whole(const Graph& graph, const ops::Facts& facts);
  Subgraph fold_body(const Subgraph& subgraph, const ops::Facts& facts);

 private:
  using Places = std::vector<std::size_t>;  // of a graph's tensors: where they are in tensors_

  Places lay_out(const Graph& graph, const ops::Facts& facts, const std::vector<std::size_t>& captured,
                 const std::string& prefix);
  void add_node(const Node& node, const ops::Facts& facts, Places& places, const std::string& prefix);
  void add_branch(const Node& node, const ops::Facts& facts, Places& places, const std::string& prefix);
  void find_needed(const std::vector<std::size_t>& outputs);
  void need(std::size_t tensor) { tensors_[tensor].needed = true; }
  Graph build(const Graph& graph, const Places& places, Subgraph* as);
  void build_constant(FlatTensor& tensor, GraphBuilder& builder);
  ConstantData derived(const FlatTensor& tensor) const;

  /// A branch's tensor may have the name of one outside; without branches names are unique as they are.
  std::string unused(const std::string& wanted, const GraphBuilder& builder) const {
    std::string name = wanted;
    while (inlined_ && builder.find(name)) name += "'";
    return name;
  }

  std::vector<FlatTensor> tensors_;
  std::vector<FlatNode> nodes_;
  bool inlined_ = false;  // nodes of a branch stand among the others
};

Folder::Places Folder::lay_out(const Graph& graph, const ops::Facts& facts,
                               const std::vector<std::size_t>& captured, const std::string& prefix) {
  Places places(graph.tensors().size(), kNone);
  tensors_.reserve(tensors_.size() + graph.tensors().size());
  nodes_.reserve(nodes_.size() + graph.nodes().size());
  for (std::size_t i = 0; i < captured.size(); ++i) places[index(graph.captures()[i])] = captured[i];
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (places[i] != kNone) continue;
    const Tensor& tensor = graph.tensors()[i];
    FlatTensor flat;
    flat.name = tensor.name;
    flat.type = facts.types[i];
    flat.value = facts.values[i];
    flat.constant = facts.constant[i];
    if (tensor.constant) flat.original = &tensor;
    places[i] = tensors_.size();
    tensors_.push_back(std::move(flat));
  }
  for (const Node& node : graph.nodes()) {
    if (ops::constant_branch(node, facts) >= 0) {
      add_branch(node, facts, places, prefix);
    } else {
      add_node(node, facts, places, prefix);
    }
  }
  return places;
}

void Folder::add_branch(const Node& node, const ops::Facts& facts, Places& places,
                        const std::string& prefix) {
  inlined_ = true;
  const Subgraph& branch = node.subgraphs[static_cast<std::size_t>(ops::constant_branch(node, facts))];
  const NodeId id{static_cast<std::uint32_t>(&node - facts.first_node)};
  const ops::Facts& inside = facts.bodies.at(id)[0];
  std::vector<std::size_t> captured;
  for (const TensorId capture : branch.captures) captured.push_back(places[index(capture)]);
  const std::size_t first_inside = tensors_.size();
  const Places inner = lay_out(branch.body, inside, captured, prefix + node.name + "/");
  for (std::size_t i = 0; i < std::min(node.outputs.size(), branch.body.outputs().size()); ++i) {
    if (node.outputs[i] == kNoTensor) continue;
    const std::size_t result = inner[index(branch.body.outputs()[i])];
    std::size_t& place = places[index(node.outputs[i])];
    // Outside, the result goes by the name of the If's output.
    if (result >= first_inside && tensors_[result].original == nullptr)
      tensors_[result].name = tensors_[place].name;
    tensors_[place].name.clear();
    place = result;
  }
}

void Folder::add_node(const Node& node, const ops::Facts& facts, Places& places, const std::string& prefix) {
  FlatNode flat;
  flat.node = &node;
  flat.name = prefix + node.name;
  const auto place = [&](TensorId id) { return id == kNoTensor ? kNone : places[index(id)]; };
  for (const TensorId input : node.inputs) flat.inputs.push_back(place(input));
  flat.folded = !node.outputs.empty();
  for (const TensorId output : node.outputs) {
    flat.outputs.push_back(place(output));
    if (output == kNoTensor) continue;
    tensors_[place(output)].producer = nodes_.size();
    flat.folded = flat.folded && facts.constant[index(output)];
  }
  if (!flat.folded) {
    const NodeId id{static_cast<std::uint32_t>(&node - facts.first_node)};
    for (std::size_t i = 0; i < node.subgraphs.size(); ++i) {
      const Subgraph& subgraph = node.subgraphs[i];
      const auto bodies = facts.bodies.find(id);
      Subgraph folded = subgraph;
      if (bodies != facts.bodies.end() && i < bodies->second.size()) {
        folded = Folder().fold_body(subgraph, bodies->second[i]);
      }
      std::vector<std::size_t> captured;
      for (const TensorId capture : folded.captures) captured.push_back(place(capture));
      flat.captures.push_back(std::move(captured));
      flat.subgraphs.push_back(std::move(folded));
    }
  }
  nodes_.push_back(std::move(flat));
}

void Folder::find_needed(const std::vector<std::size_t>& outputs) {
  for (const std::size_t output : outputs) need(output);
  for (std::size_t i = nodes_.size(); i-- > 0;) {
    const FlatNode& node = nodes_[i];
    if (node.folded) {
      const bool wanted = std::any_of(node.outputs.begin(), node.outputs.end(), [&](std::size_t output) {
        return output != kNone && tensors_[output].needed;
      });
      if (!wanted) continue;
    }
    for (const std::size_t input : node.inputs) {
      if (input != kNone && (!node.folded || tensors_[input].constant)) need(input);
    }
    for (const auto& captures : node.captures) {
      for (const std::size_t capture : captures) need(capture);
    }
  }
}

/// The sources of a folded constant: constant inputs that hold values first, those that only say how after
/// them.
ConstantData Folder::derived(const FlatTensor& tensor) const {
  const FlatNode& node = nodes_[tensor.producer];
  ConstantData data;
  data.encoding = Encoding::derived;
  if (tensor.value && tensor.value->is_static()) data = stored(*tensor.value, tensor.type);
  const ops::OpSpec* spec = ops::find_spec(node.node->domain, node.node->op);
  std::vector<TensorId> others;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i] == kNone || !tensors_[node.inputs[i]].constant) continue;
    const bool rule = spec != nullptr && spec->role(i) == 'i';
    const TensorId built = tensors_[node.inputs[i]].built;
    if (built != kNoTensor) (rule ? others : data.sources).push_back(built);
  }
  data.value_sources = data.sources.size();
  data.sources.insert(data.sources.end(), others.begin(), others.end());
  return data;
}

void Folder::build_constant(FlatTensor& tensor, GraphBuilder& builder) {
  const std::string name = unused(tensor.name, builder);
  if (tensor.original != nullptr) {
    tensor.built = builder.add_constant(name, tensor.type, tensor.original->constant);
  } else if (tensor.producer != kNone) {
    tensor.built = builder.add_constant(name, tensor.type, derived(tensor));
  }
}

Graph Folder::build(const Graph& graph, const Places& places, Subgraph* as) {
  GraphBuilder builder(graph.name());
  builder.reserve(nodes_.size(), tensors_.size());
  for (const auto& [domain, version] : graph.opsets()) builder.set_opset(domain, version);
  for (const auto& [key, value] : graph.metadata()) builder.add_metadata(key, value);
  for (const TensorId input : graph.inputs()) {
    FlatTensor& tensor = tensors_[places[index(input)]];
    tensor.built = builder.add_input(tensor.name, tensor.type);
  }
  std::vector<TensorId> captures;
  for (std::size_t i = 0; i < graph.captures().size(); ++i) {
    FlatTensor& tensor = tensors_[places[index(graph.captures()[i])]];
    if (!tensor.needed) continue;
    tensor.built = builder.add_capture(tensor.name, tensor.type);
    if (as != nullptr) captures.push_back(as->captures[i]);
  }
  for (FlatTensor& tensor : tensors_) {
    if (tensor.needed && tensor.built == kNoTensor && tensor.original != nullptr)
      build_constant(tensor, builder);
  }
  const auto built = [&](std::size_t place) {
    if (place == kNone) return kNoTensor;
    FlatTensor& tensor = tensors_[place];
    if (tensor.built == kNoTensor) {
      tensor.built = builder.tensor(unused(tensor.name, builder));
      builder.set_type(tensor.built, tensor.type);
    }
    return tensor.built;
  };
  for (FlatNode& flat : nodes_) {
    if (flat.folded) {
      for (const std::size_t output : flat.outputs) {
        if (output != kNone && tensors_[output].needed) build_constant(tensors_[output], builder);
      }
      continue;
    }
    Node node = *flat.node;
    node.name = inlined_ ? builder.unused_node_name(flat.name) : flat.name;
    std::transform(flat.inputs.begin(), flat.inputs.end(), node.inputs.begin(), built);
    std::transform(flat.outputs.begin(), flat.outputs.end(), node.outputs.begin(), built);
    node.subgraphs = std::move(flat.subgraphs);
    for (std::size_t i = 0; i < node.subgraphs.size(); ++i) {
      std::transform(flat.captures[i].begin(), flat.captures[i].end(), node.subgraphs[i].captures.begin(),
                     built);
    }
    builder.add_node(std::move(node));
  }
  for (const TensorId output : graph.outputs()) builder.add_output(built(places[index(output)]));
  if (as != nullptr) as->captures = std::move(captures);
  return std::move(builder).build();
}

Graph Folder::fold_whole(const Graph& graph, const ops::Facts& facts) {
  const Places places = lay_out(graph, facts, {}, "");
  std::vector<std::size_t> outputs;
  for (const TensorId output : graph.outputs()) outputs.push_back(places[index(output)]);
  find_needed(outputs);
  return build(graph, places, nullptr);
}

Subgraph Folder::fold_body(const Subgraph& subgraph, const ops::Facts& facts) {
  Subgraph out = subgraph;
  const Places places = lay_out(subgraph.body, facts, {}, "");
  std::vector<std::size_t> outputs;
  for (const TensorId output : subgraph.body.outputs()) outputs.push_back(places[index(output)]);
  find_needed(outputs);
  out.body = build(subgraph.body, places, &out);
  return out;
}

}  // namespace

Graph fold_constants(const Graph& graph, const ops::Facts& facts) {
  return Folder().fold_whole(graph, facts);
}

}  // namespace foretime::passes
