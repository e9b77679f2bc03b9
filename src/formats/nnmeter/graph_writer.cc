#include "formats/nnmeter/graph_writer.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/error.h"

namespace foretime::nnmeter {
namespace {

/// As if every tensor of rank 4 were NCHW, weights too.
RawShape raw_shape(const Shape& shape) {
  RawShape sizes;
  for (const Dim& size : shape) sizes.push_back(size.is_number() ? size.number() : -1);
  if (sizes.size() == 4) std::rotate(sizes.begin() + 1, sizes.begin() + 2, sizes.end());
  return sizes;
}

std::vector<RawShape> shapes_of(const Graph& graph, std::span<const TensorId> ids) {
  std::vector<RawShape> shapes;
  for (const TensorId id : ids) {
    if (id != kNoTensor && graph[id].type.shape) shapes.push_back(raw_shape(*graph[id].type.shape));
  }
  return shapes;
}

/// Texts get the look of Python's bytes, as nn-Meter prints them.
Attributes attributes_of(const Node& node) {
  std::vector<std::pair<std::string, Attribute>> items;
  for (const auto& [name, value] : node.attributes) {
    const bool kept = std::holds_alternative<std::int64_t>(value) || std::holds_alternative<float>(value) ||
                      std::holds_alternative<std::vector<std::int64_t>>(value);
    if (kept) items.emplace_back(name, value);
    if (const auto* text = std::get_if<std::string>(&value)) items.emplace_back(name, "b'" + *text + "'");
  }
  return Attributes(std::move(items));
}

}  // namespace

RawGraph from_graph(const Graph& graph) {
  if (graph.opset("tflite") > 0) {
    throw Error(graph.name(), "keeps the layout of TFLite, which nn-Meter's graphs have no place for",
                "a network with channels first");
  }
  RawGraph raw;
  raw.nodes.reserve(graph.nodes().size());
  for (const Node& node : graph.nodes()) {
    RawNode& out = raw.nodes.emplace_back();
    out.name = node.name;
    out.type = node.op;
    out.attributes = attributes_of(node);
    out.input_shapes = shapes_of(graph, node.inputs);
    out.output_shapes = shapes_of(graph, node.outputs);
    for (const TensorId id : node.inputs) {
      if (id == kNoTensor || graph[id].producer == kNoNode) continue;
      out.inbounds.push_back(graph[graph[id].producer].name);
    }
  }
  return raw;
}

}  // namespace foretime::nnmeter
