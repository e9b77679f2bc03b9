#include "datasets/inline_graph.h"

#include <algorithm>

#include "base/error.h"
#include "formats/ir_json/ir_json.h"
#include "formats/nnmeter/graph_reader.h"
#include "formats/nnmeter/raw_graph.h"
#include "ops/infer.h"
#include "passes/bind_inputs.h"
#include "passes/fold_constants.h"

namespace foretime {
namespace {

using nnmeter::RawGraph;
using nnmeter::RawNode;
using nnmeter::RawShape;

/// A fully connected layer keeps -1 for the batch; the networks of the data set were measured with 1.
void bind_batch(std::vector<RawShape>& shapes) {
  for (RawShape& shape : shapes) {
    if (!shape.empty() && shape[0] == -1) shape[0] = 1;
  }
}

/// TensorFlow exchanges channels in [N,H,W,groups,each]; nn-Meter's reader turns only what has four sizes.
void channels_first(std::vector<RawShape>& shapes) {
  for (RawShape& shape : shapes) {
    if (shape.size() == 5) std::rotate(shape.begin() + 1, shape.begin() + 3, shape.end());
  }
}

/// The file does not say how a transposition exchanges axes: of rank 5 it is a channel shuffle.
void add_permutation(RawNode& node) {
  const bool shuffle = node.type == "Transpose" && !node.attributes.has("perm") &&
                       !node.output_shapes.empty() && node.output_shapes[0].size() == 5;
  if (!shuffle) return;
  node.attributes.set("perm", std::vector<std::int64_t>{0, 2, 1, 3, 4});
  node.input_shapes.resize(std::min<std::size_t>(node.input_shapes.size(), 1));
}

Graph nn_meter_graph(std::string_view json, const std::string& where) {
  Diagnostics ignored;
  RawGraph raw = nnmeter::parse_raw_graph(json, where, ignored);
  for (RawNode& node : raw.nodes) {
    for (auto* shapes : {&node.input_shapes, &node.output_shapes}) {
      bind_batch(*shapes);
      channels_first(*shapes);
    }
    add_permutation(node);
  }
  return nnmeter::to_graph(raw, where, ignored);
}

Graph ready(const Graph& graph, const std::string& where) {
  Diagnostics diagnostics;
  const std::vector<TensorType> inputs = passes::bind_inputs(graph, {}, diagnostics);
  const ops::Facts facts = ops::infer(graph, inputs, diagnostics);
  for (const Diagnostic& each : diagnostics) {
    if (each.code != "unknown-operator") continue;
    throw Error(where, "operator " + each.where + " is not known", "those of docs/operators.md");
  }
  return passes::fold_constants(graph, facts);
}

}  // namespace

Graph inline_graph(std::string_view json, const std::string& where) {
  const Graph graph = nnmeter::is_raw_graph(json) ? nn_meter_graph(json, where) : parse_ir_json(json, where);
  try {
    return ready(graph, where);
  } catch (const Error& error) {
    const std::string text = error.what();
    throw text.starts_with(where) ? error : Error(where, text);
  }
}

}  // namespace foretime
