#include "ops/infer.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "base/error.h"
#include "ops/infer_context.h"
#include "ops/op_spec.h"

namespace foretime::ops {
namespace {

Facts initial_facts(const Graph& graph) {
  Facts facts;
  facts.first_node = graph.nodes().data();
  const std::size_t count = graph.tensors().size();
  facts.types.reserve(count);
  facts.values = Contents(graph.tensors());
  facts.constant.resize(count, false);
  for (std::size_t i = 0; i < count; ++i) {
    const Tensor& tensor = graph.tensors()[i];
    facts.types.push_back(tensor.type);
    facts.constant[i] = tensor.constant != nullptr;
  }
  return facts;
}

bool all_inputs_constant(const Node& node, const Facts& facts) {
  const auto constant = [&](TensorId id) { return id == kNoTensor || facts.constant[index(id)]; };
  if (!std::all_of(node.inputs.begin(), node.inputs.end(), constant)) return false;
  return std::all_of(node.subgraphs.begin(), node.subgraphs.end(), [&](const Subgraph& subgraph) {
    return std::all_of(subgraph.captures.begin(), subgraph.captures.end(), constant);
  });
}

void check_arity(const Node& node, const OpSpec& spec) {
  const auto inputs = static_cast<int>(node.inputs.size());
  if (inputs < spec.min_inputs || inputs > spec.max_inputs) {
    throw Error("", "has " + std::to_string(inputs) + " inputs",
                spec.max_inputs == kAny
                    ? "at least " + std::to_string(spec.min_inputs)
                    : std::to_string(spec.min_inputs) + " to " + std::to_string(spec.max_inputs));
  }
  for (int i = 0; i < spec.min_inputs; ++i) {
    if (node.inputs[static_cast<std::size_t>(i)] == kNoTensor) {
      throw Error("", "input " + std::to_string(i) + " is left out", "it is needed");
    }
  }
  if (static_cast<int>(node.outputs.size()) > spec.max_outputs) {
    throw Error("", "has " + std::to_string(node.outputs.size()) + " outputs",
                "at most " + std::to_string(spec.max_outputs));
  }
}

void infer_node(const Graph& graph, const Node& node, Facts& facts, Diagnostics& diagnostics) {
  const OpSpec* spec = find_spec(node.domain, node.op);
  if (spec == nullptr) return;
  try {
    check_arity(node, *spec);
    InferContext context(graph, node, facts, diagnostics);
    spec->infer(context);
  } catch (const Error& error) {
    throw Error("node '" + node.name + "' (" + node.op + ")", error.what());
  }
  const bool fixed = !spec->random && node.subgraphs.empty() && all_inputs_constant(node, facts);
  for (const TensorId output : node.outputs) {
    if (output == kNoTensor) continue;
    const ValuePtr& value = facts.values[index(output)];
    facts.constant[index(output)] = fixed || (value && value->is_static());
  }
}

void infer_nodes(const Graph& graph, Facts& facts, Diagnostics& diagnostics) {
  std::set<std::string> unknown;
  std::size_t unknown_nodes = 0;
  for (const Node& node : graph.nodes()) {
    infer_node(graph, node, facts, diagnostics);
    if (find_spec(node.domain, node.op) != nullptr) continue;
    unknown.insert(node.domain.empty() ? node.op : node.domain + "." + node.op);
    ++unknown_nodes;
  }
  for (const std::string& op : unknown) {
    diagnostics.push_back({Severity::warning, "unknown-operator",
                           "operator " + op + " is not known: its layers are kept, without costs (" +
                               std::to_string(unknown_nodes) + " of " + std::to_string(graph.nodes().size()) +
                               " nodes have unknown operators)",
                           op});
  }
}

}  // namespace

Facts infer(const Graph& graph, std::span<const TensorType> inputs, Diagnostics& diagnostics) {
  Facts facts = initial_facts(graph);
  for (std::size_t i = 0; i < inputs.size(); ++i) facts.types[index(graph.inputs()[i])] = inputs[i];
  infer_nodes(graph, facts, diagnostics);
  return facts;
}

Facts infer_body(const Subgraph& subgraph, std::vector<TensorType> inputs, const Facts& outer,
                 Diagnostics& diagnostics) {
  const Graph& body = subgraph.body;
  Facts facts = initial_facts(body);
  facts.depth = outer.depth + 1;
  for (std::size_t i = 0; i < subgraph.captures.size(); ++i) {
    const std::size_t inside = index(body.captures()[i]);
    const std::size_t outside = index(subgraph.captures[i]);
    facts.types[inside] = outer.types[outside];
    facts.values.set(inside, outer.values[outside]);
    facts.constant[inside] = outer.constant[outside];
  }
  for (std::size_t i = 0; i < std::min(inputs.size(), body.inputs().size()); ++i) {
    TensorType& declared = facts.types[index(body.inputs()[i])];
    if (inputs[i].dtype != DataType::undefined) declared = std::move(inputs[i]);
  }
  infer_nodes(body, facts, diagnostics);
  return facts;
}

int constant_branch(const Node& node, const Facts& facts) {
  if (node.op != "If" || !node.domain.empty() || node.subgraphs.size() != 2 || node.inputs.empty()) return -1;
  const auto decided = facts.decided.find(NodeId{static_cast<std::uint32_t>(&node - facts.first_node)});
  if (decided != facts.decided.end()) return decided->second;
  const ValuePtr& condition = facts.values[index(node.inputs[0])];
  if (!condition || condition->real || condition->size() != 1) return -1;
  const Dim& taken = condition->ints[0];
  // A condition may be known to be true without being a number: its bounds decide.
  const bool then = taken.lower() > 0 || taken.upper() < 0;
  const bool otherwise = taken.is_number() && taken.number() == 0;
  if (!then && !otherwise) return -1;
  const std::string_view wanted = then ? "then_branch" : "else_branch";
  return node.subgraphs[0].attribute == wanted ? 0 : 1;
}

}  // namespace foretime::ops
