#include "passes/spell_out.h"

#include <map>
#include <vector>

#include "passes/graph_edit.h"

namespace foretime::passes {
namespace {

bool does_nothing(const Node& node, const std::vector<std::vector<std::size_t>>& readers) {
  if (!node.domain.empty() || (node.op != "Identity" && node.op != "Dropout")) return false;
  // The mask that Dropout may give as well; outputs of the graph keep their names.
  for (std::size_t i = 1; i < node.outputs.size(); ++i) {
    if (node.outputs[i] != kNoTensor && !readers[index(node.outputs[i])].empty()) return false;
  }
  const std::vector<std::size_t>& read = readers[index(node.outputs[0])];
  return read.empty() || read.back() != GraphEdit::kOutside;
}

}  // namespace

Graph spell_out(const Graph& graph) {
  GraphEdit edit(graph);
  const auto readers = edit.readers();
  std::map<TensorId, TensorId> instead;
  const auto replace = [&](std::vector<TensorId>& ids) {
    for (TensorId& id : ids) {
      if (const auto found = instead.find(id); found != instead.end()) id = found->second;
    }
  };
  std::vector<Node> nodes;
  for (Node node : edit.nodes) {
    replace(node.inputs);
    for (Subgraph& body : node.subgraphs) replace(body.captures);
    if (does_nothing(node, readers)) {
      instead[node.outputs[0]] = node.inputs[0];
      continue;
    }
    if (node.op == "HardSwish" && node.domain.empty()) {
      Node gate;
      gate.name = node.name + "/HardSigmoid";
      gate.op = "HardSigmoid";
      gate.inputs = node.inputs;
      gate.outputs = {edit.add(edit[node.outputs[0]].name + "/gate", edit[node.outputs[0]].type)};
      gate.attributes.set("alpha", 1.0F / 6);
      gate.attributes.set("beta", 0.5F);
      node.op = "Mul";
      node.inputs.push_back(gate.outputs[0]);
      nodes.push_back(std::move(gate));
    }
    nodes.push_back(std::move(node));
  }
  edit.nodes = std::move(nodes);
  return std::move(edit).build();
}

}  // namespace foretime::passes
