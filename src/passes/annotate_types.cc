#include "passes/annotate_types.h"

#include <utility>

#include "graph/graph_builder.h"

namespace foretime::passes {

Graph annotate_types(const Graph& graph, const ops::Facts& facts) {
  GraphBuilder builder(graph.name());
  for (const auto& [domain, version] : graph.opsets()) builder.set_opset(domain, version);
  for (const auto& [key, value] : graph.metadata()) builder.add_metadata(key, value);
  // Tensors are declared in the order of their ids, so that ids stay what they are.
  for (const Tensor& tensor : graph.tensors()) builder.tensor(tensor.name);
  for (const TensorId id : graph.inputs()) builder.add_input(graph[id].name, facts.types[index(id)]);
  for (const TensorId id : graph.captures()) builder.add_capture(graph[id].name, facts.types[index(id)]);
  for (std::size_t i = 0; i < graph.tensors().size(); ++i) {
    const Tensor& tensor = graph.tensors()[i];
    if (tensor.constant != nullptr) {
      builder.add_constant(tensor.name, tensor.type, tensor.constant);
    } else {
      builder.set_type(TensorId{static_cast<std::uint32_t>(i)}, facts.types[i]);
    }
    builder.set_quantization(TensorId{static_cast<std::uint32_t>(i)}, tensor.quantization);
  }
  for (std::size_t i = 0; i < graph.nodes().size(); ++i) {
    Node node = graph.nodes()[i];
    const auto bodies = facts.bodies.find(NodeId{static_cast<std::uint32_t>(i)});
    // An If that always takes the same branch has facts for that branch only: its bodies stay as they are.
    if (bodies != facts.bodies.end() && bodies->second.size() == node.subgraphs.size()) {
      for (std::size_t b = 0; b < node.subgraphs.size(); ++b) {
        node.subgraphs[b].body = annotate_types(node.subgraphs[b].body, bodies->second[b]);
      }
    }
    builder.add_node(std::move(node));
  }
  for (const TensorId id : graph.outputs()) builder.add_output(id);
  return std::move(builder).build();
}

}  // namespace foretime::passes
