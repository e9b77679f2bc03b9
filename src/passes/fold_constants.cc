// Works in three steps on a flat list of nodes, in which the branches of decided Ifs already stand inline:
// lay out, find out from the back what is still needed, and build.

#include "passes/fold_constants.h"

#include <algorithm>
#include <array>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graph/graph_builder.h"
#include "ops/op_spec.h"

namespace foretime::passes {
namespace {

constexpr std::size_t kNone = SIZE_MAX;

// Flat tensors and nodes point into the graphs they come from and the facts about them.
struct FlatTensor {
  std::string_view name;
  const TensorType* type = nullptr;
  const std::shared_ptr<const Quantization>* quantization = nullptr;
  const ops::Value* value = nullptr;  // of a tensor that a node computes, where it is known
  bool constant = false;
  bool dequantized = false;  // a constant that was made real; what computes with it runs
  bool runs = false;         // computed from such a one
  bool needed = false;
  bool output = false;               // of the whole graph
  const Tensor* original = nullptr;  // a constant of the file
  std::size_t producer = kNone;      // flat node
  TensorId built = kNoTensor;
};

using Places = std::vector<std::size_t>;  // of a graph's tensors: where they stand among the flat ones

struct FlatNode {
  const Node* node = nullptr;
  const Places* places = nullptr;   // of the graph that the node stands in
  std::string prefix;               // of the node's name, when it stands in a branch
  std::vector<Subgraph> subgraphs;  // folded
  bool folded = false;

  std::size_t place(TensorId id) const { return id == kNoTensor ? kNone : (*places)[index(id)]; }
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

/// Runtimes fold these behind a DequantizeLinear, too: they move its integers.
bool moves(const Node& node) {
  static constexpr std::array<std::string_view, 6> kOps = {"Transpose", "Reshape", "Squeeze",
                                                           "Unsqueeze", "Flatten", "Identity"};
  return std::find(kOps.begin(), kOps.end(), node.op) != kOps.end();
}

/// Contents that can be written down (see stored).
bool can_be_stored(const FlatTensor& tensor) {
  if (tensor.value == nullptr || !tensor.value->is_static()) return false;
  return tensor.type->dtype == DataType::float32 ||
         (!tensor.value->real && is_integer(tensor.type->dtype) && bits_of(tensor.type->dtype) >= 8);
}

class Folder {
 public:
  explicit Folder(Fold fold) : fold_(fold) {}

  Graph fold_whole(const Graph& graph, const ops::Facts& facts);
  Subgraph fold_body(const Subgraph& subgraph, const ops::Facts& facts);

 private:
  const Places& lay_out(const Graph& graph, const ops::Facts& facts, const std::vector<std::size_t>& captured,
                        const std::string& prefix);
  void add_node(const Node& node, const ops::Facts& facts, const Places& places, const std::string& prefix);
  void add_branch(const Node& node, const ops::Facts& facts, Places& places, const std::string& prefix);
  void hand_on(const Node& node, std::size_t from, std::size_t to);
  void set_running(FlatNode& flat);
  void find_needed(const Graph& graph, const Places& places);
  void need(std::size_t tensor) { tensors_[tensor].needed = true; }
  Graph build(const Graph& graph, const Places& places, Subgraph* as);
  void build_constant(FlatTensor& tensor, GraphBuilder& builder);
  ConstantData derived(const FlatTensor& tensor) const;
  Macs macs_of(const FlatNode& flat) const;

  /// A branch's tensor may have the name of one outside; without branches names are unique as they are.
  std::string unused(std::string_view wanted, const GraphBuilder& builder) const {
    std::string name(wanted);
    while (inlined_ && builder.find(name)) name += "'";
    return name;
  }

  std::vector<FlatTensor> tensors_;
  std::vector<FlatNode> nodes_;
  std::deque<Places> places_;    // of each graph laid out
  std::deque<Node> identities_;  // made by hand_on
  Fold fold_;
  bool inlined_ = false;  // nodes of a branch stand among the others
};

const Places& Folder::lay_out(const Graph& graph, const ops::Facts& facts,
                              const std::vector<std::size_t>& captured, const std::string& prefix) {
  Places& places = places_.emplace_back(graph.tensors().size(), kNone);
  tensors_.reserve(tensors_.size() + graph.tensors().size());
  nodes_.reserve(nodes_.size() + graph.nodes().size());
  for (std::size_t i = 0; i < captured.size(); ++i) places[index(graph.captures()[i])] = captured[i];
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (places[i] != kNone) continue;
    const Tensor& tensor = graph.tensors()[i];
    FlatTensor flat;
    flat.name = tensor.name;
    flat.type = &facts.types[i];
    flat.quantization = &tensor.quantization;
    flat.constant = facts.constant[i];
    if (tensor.constant) {
      flat.original = &tensor;
    } else {
      flat.value = facts.values[i].get();
    }
    places[i] = tensors_.size();
    tensors_.push_back(flat);
  }
  if (prefix.empty()) {
    for (const TensorId output : graph.outputs()) tensors_[places[index(output)]].output = true;
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
  const Places& inner = lay_out(branch.body, inside, captured, prefix + node.name + "/");
  for (std::size_t i = 0; i < std::min(node.outputs.size(), branch.body.outputs().size()); ++i) {
    if (node.outputs[i] == kNoTensor) continue;
    const std::size_t result = inner[index(branch.body.outputs()[i])];
    std::size_t& place = places[index(node.outputs[i])];
    // Outside, the result goes by the name of the If's output. What the branch only hands on has a name
    // already; where an output of the network would lose its own by that, a copy remains.
    const bool named =
        result < first_inside || tensors_[result].original != nullptr || tensors_[result].output;
    if (named && tensors_[place].output) {
      hand_on(node, result, place);
      continue;
    }
    if (!named) tensors_[result].name = tensors_[place].name;
    if (!named) tensors_[result].output = tensors_[place].output;
    tensors_[place].name = {};
    place = result;
  }
}

/// What is left of an If whose branch hands on a tensor that is there: a constant of another name, or an
/// Identity.
void Folder::hand_on(const Node& node, std::size_t from, std::size_t to) {
  tensors_[to].original = tensors_[from].original;
  tensors_[to].constant = tensors_[from].constant;
  if (tensors_[to].original != nullptr) return;
  Node& identity = identities_.emplace_back();
  identity.name = node.name;
  identity.op = "Identity";
  identity.inputs = {TensorId{0}};
  identity.outputs = {TensorId{1}};
  FlatNode flat;
  flat.node = &identity;
  flat.places = &places_.emplace_back(Places{from, to});
  flat.folded = tensors_[from].constant;
  tensors_[to].value = tensors_[from].value;
  tensors_[to].producer = nodes_.size();
  nodes_.push_back(std::move(flat));
}

void Folder::add_node(const Node& node, const ops::Facts& facts, const Places& places,
                      const std::string& prefix) {
  FlatNode flat;
  flat.node = &node;
  flat.places = &places;
  flat.prefix = prefix;
  flat.folded = !node.outputs.empty();
  for (const TensorId output : node.outputs) {
    if (output == kNoTensor) continue;
    FlatTensor& tensor = tensors_[flat.place(output)];
    tensor.producer = nodes_.size();
    flat.folded =
        flat.folded && facts.constant[index(output)] && (fold_ == Fold::all || can_be_stored(tensor));
  }
  set_running(flat);
  if (!flat.folded && !node.subgraphs.empty()) {
    flat.subgraphs = node.subgraphs;
    const auto bodies = facts.bodies.find(NodeId{static_cast<std::uint32_t>(&node - facts.first_node)});
    const std::size_t known = bodies == facts.bodies.end() ? 0 : bodies->second.size();
    for (std::size_t i = 0; i < std::min(known, flat.subgraphs.size()); ++i) {
      flat.subgraphs[i] = Folder(fold_).fold_body(node.subgraphs[i], bodies->second[i]);
    }
  }
  nodes_.push_back(std::move(flat));
}

/// ONNX Runtime keeps DequantizeLinear with whoever reads it, and so runs what would be constant behind it.
void Folder::set_running(FlatNode& flat) {
  const Node& node = *flat.node;
  bool dequantized = node.op == "DequantizeLinear";
  bool runs = false;
  for (const TensorId id : node.inputs) {
    const std::size_t input = flat.place(id);
    if (input == kNone || node.op == "Shape" || node.op == "Size") continue;
    dequantized = dequantized || tensors_[input].dequantized;
    runs = runs || tensors_[input].runs || (tensors_[input].dequantized && !moves(node));
  }
  flat.folded = flat.folded && !runs;
  for (const TensorId output : node.outputs) {
    if (output == kNoTensor) continue;
    FlatTensor& tensor = tensors_[flat.place(output)];
    if (!tensor.constant) continue;
    tensor.dequantized = dequantized && flat.folded;
    tensor.runs = runs;
    tensor.constant = !runs;
  }
}

void Folder::find_needed(const Graph& graph, const Places& places) {
  for (const TensorId output : graph.outputs()) need(places[index(output)]);
  for (std::size_t i = nodes_.size(); i-- > 0;) {
    const FlatNode& flat = nodes_[i];
    if (flat.folded) {
      const bool wanted = std::any_of(
          flat.node->outputs.begin(), flat.node->outputs.end(),
          [&](TensorId output) { return output != kNoTensor && tensors_[flat.place(output)].needed; });
      if (!wanted) continue;
    }
    for (const TensorId id : flat.node->inputs) {
      const std::size_t input = flat.place(id);
      if (input != kNone && (!flat.folded || tensors_[input].constant)) need(input);
    }
    for (const Subgraph& subgraph : flat.subgraphs) {
      for (const TensorId capture : subgraph.captures) need(flat.place(capture));
    }
  }
}

/// The sources of a folded constant: constant inputs that hold values first, those that only say how after
/// them.
ConstantData Folder::derived(const FlatTensor& tensor) const {
  const FlatNode& flat = nodes_[tensor.producer];
  const Node& node = *flat.node;
  ConstantData data;
  data.encoding = Encoding::derived;
  if (tensor.value && tensor.value->is_static()) data = stored(*tensor.value, *tensor.type);
  const ops::OpSpec* spec = ops::find_spec(node.domain, node.op);
  std::vector<TensorId> others;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const std::size_t input = flat.place(node.inputs[i]);
    if (input == kNone || !tensors_[input].constant) continue;
    const bool rule = spec != nullptr && spec->role(i) == 'i';
    const TensorId built = tensors_[input].built;
    if (built != kNoTensor) (rule ? others : data.sources).push_back(built);
  }
  data.value_sources = data.sources.size();
  data.sources.insert(data.sources.end(), others.begin(), others.end());
  if (&tensor == &tensors_[flat.place(node.outputs.front())] && is_float(tensor.type->dtype))
    data.macs = macs_of(flat);
  return data;
}

/// Rules of costs look at the types in a graph: one is made of the node alone.
Macs Folder::macs_of(const FlatNode& flat) const {
  const ops::OpSpec* spec = ops::find_spec(flat.node->domain, flat.node->op);
  if (spec == nullptr || !flat.node->subgraphs.empty()) return {};
  GraphBuilder builder("");
  Node node = *flat.node;
  for (TensorId& id : node.inputs) {
    if (id == kNoTensor) continue;
    const FlatTensor& input = tensors_[flat.place(id)];
    id = builder.find(input.name) ? builder.tensor(input.name) : builder.add_input(input.name, *input.type);
  }
  for (TensorId& id : node.outputs) {
    if (id == kNoTensor) continue;
    const FlatTensor& output = tensors_[flat.place(id)];
    id = builder.tensor(output.name);
    builder.set_type(id, *output.type);
    builder.add_output(id);
  }
  builder.add_node(std::move(node));
  const Graph graph = std::move(builder).build();
  const auto work = spec->work(graph, graph.nodes().front());
  return work ? work->macs : Macs{};
}

void Folder::build_constant(FlatTensor& tensor, GraphBuilder& builder) {
  const std::string name = unused(tensor.name, builder);
  if (tensor.original != nullptr) {
    tensor.built = builder.add_constant(name, *tensor.type, tensor.original->constant);
  } else if (tensor.producer != kNone) {
    tensor.built = builder.add_constant(name, *tensor.type, derived(tensor));
  }
}

Graph Folder::build(const Graph& graph, const Places& places, Subgraph* as) {
  GraphBuilder builder(graph.name());
  builder.reserve(nodes_.size(), tensors_.size());
  for (const auto& [domain, version] : graph.opsets()) builder.set_opset(domain, version);
  for (const auto& [key, value] : graph.metadata()) builder.add_metadata(key, value);
  for (const TensorId input : graph.inputs()) {
    FlatTensor& tensor = tensors_[places[index(input)]];
    tensor.built = builder.add_input(tensor.name, *tensor.type);
  }
  std::vector<TensorId> captures;
  for (std::size_t i = 0; i < graph.captures().size(); ++i) {
    FlatTensor& tensor = tensors_[places[index(graph.captures()[i])]];
    if (!tensor.needed) continue;
    tensor.built = builder.add_capture(tensor.name, *tensor.type);
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
      builder.set_type(tensor.built, *tensor.type);
    }
    return tensor.built;
  };
  for (FlatNode& flat : nodes_) {
    const auto rebuilt = [&](std::vector<TensorId>& ids) {
      for (TensorId& id : ids) id = built(flat.place(id));
    };
    if (flat.folded) {
      for (const TensorId id : flat.node->outputs) {
        if (id != kNoTensor && tensors_[flat.place(id)].needed) {
          build_constant(tensors_[flat.place(id)], builder);
        }
      }
      continue;
    }
    Node node = *flat.node;
    if (inlined_) node.name = builder.unused_node_name(flat.prefix + node.name);
    rebuilt(node.inputs);
    rebuilt(node.outputs);
    node.subgraphs = std::move(flat.subgraphs);
    for (Subgraph& subgraph : node.subgraphs) rebuilt(subgraph.captures);
    builder.add_node(std::move(node));
  }
  for (const TensorId output : graph.outputs()) builder.add_output(built(places[index(output)]));
  for (const FlatTensor& tensor : tensors_) {
    if (tensor.built != kNoTensor && tensor.quantization != nullptr && *tensor.quantization != nullptr) {
      builder.set_quantization(tensor.built, *tensor.quantization);
    }
  }
  if (as != nullptr) as->captures = std::move(captures);
  return std::move(builder).build();
}

Graph Folder::fold_whole(const Graph& graph, const ops::Facts& facts) {
  const Places& places = lay_out(graph, facts, {}, "");
  find_needed(graph, places);
  return build(graph, places, nullptr);
}

Subgraph Folder::fold_body(const Subgraph& subgraph, const ops::Facts& facts) {
  Subgraph out = subgraph;
  const Places& places = lay_out(subgraph.body, facts, {}, "");
  find_needed(subgraph.body, places);
  out.body = build(subgraph.body, places, &out);
  return out;
}

}  // namespace

Graph fold_constants(const Graph& graph, const ops::Facts& facts, Fold fold) {
  return Folder(fold).fold_whole(graph, facts);
}

}  // namespace foretime::passes
