#pragma once

// Tests of single operators as rows of data: the node, and what is expected of it, in words.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "graph/graph_builder.h"
#include "graph/graph_text.h"
#include "ops/infer.h"
#include "ops/op_spec.h"

namespace foretime::ops::testing {

/// An input of the node under test; `constant` holds its contents where they are known.
struct Input {
  TensorType type;
  std::shared_ptr<const ConstantData> constant;
  bool left_out = false;
};

inline Input f32(Shape shape) {
  return {{DataType::float32, std::move(shape)}, nullptr};
}
inline Input typed(DataType dtype, Shape shape) {
  return {{dtype, std::move(shape)}, nullptr};
}
inline Input sequence_of(DataType dtype, std::optional<Shape> shape) {
  return {{dtype, std::move(shape), true}, nullptr};
}
inline Input unknown_rank(DataType dtype) {
  return {{dtype, std::nullopt}, nullptr};
}
inline Input left_out() {
  return {{}, nullptr, true};
}
inline Input ints(Shape shape, const std::vector<std::int64_t>& values) {
  return {{DataType::int64, std::move(shape)}, std::make_shared<ConstantData>(ConstantData::of(values))};
}
inline Input ints(const std::vector<std::int64_t>& values) {
  return ints(Shape{static_cast<std::int64_t>(values.size())}, values);
}
inline Input floats(Shape shape, const std::vector<float>& values) {
  return {{DataType::float32, std::move(shape)}, std::make_shared<ConstantData>(ConstantData::of(values))};
}
inline Input floats(const std::vector<float>& values) {
  return floats(Shape{static_cast<std::int64_t>(values.size())}, values);
}

/// The cost rule has no answer.
constexpr std::int64_t kNoCost = -1;
/// The cost is not looked at.
constexpr std::int64_t kAnyCost = -2;

struct Case {
  std::string op;
  std::vector<Input> inputs;
  Attributes attributes;
  std::vector<std::string> outputs;  // as to_string(TensorType) writes them; "" is an output left out
  std::int64_t macs = kAnyCost;
  std::int64_t flops = kAnyCost;
  std::string domain = {};
  std::int64_t opset = 21;
};

/// The graph of the one node; its outputs are `types`, or not known.
inline Graph graph_of(const Case& test, const std::vector<TensorType>& types = {}) {
  GraphBuilder builder("test");
  builder.set_opset(test.domain, test.opset);
  Node node;
  node.name = "n";
  node.op = test.op;
  node.domain = test.domain;
  node.attributes = test.attributes;
  for (std::size_t i = 0; i < test.inputs.size(); ++i) {
    const Input& input = test.inputs[i];
    const std::string name = "x" + std::to_string(i);
    if (input.left_out) {
      node.inputs.push_back(kNoTensor);
    } else if (input.constant) {
      node.inputs.push_back(builder.add_constant(name, input.type, input.constant));
    } else {
      node.inputs.push_back(builder.add_input(name, input.type));
    }
  }
  for (std::size_t i = 0; i < test.outputs.size(); ++i) {
    if (test.outputs[i].empty()) {
      node.outputs.push_back(kNoTensor);
      continue;
    }
    const TensorId id = builder.tensor("y" + std::to_string(i));
    if (i < types.size()) builder.set_type(id, types[i]);
    node.outputs.push_back(id);
  }
  const std::vector<TensorId> outputs = node.outputs;
  builder.add_node(std::move(node));
  for (const TensorId id : outputs) {
    if (id != kNoTensor) builder.add_output(id);
  }
  return std::move(builder).build();
}

/// What inference finds out about the outputs of the one node.
struct Found {
  std::vector<TensorType> types;
  std::vector<ValuePtr> values;
  Diagnostics diagnostics;
};

inline Found infer_one(const Case& test) {
  const Graph graph = graph_of(test);
  Found found;
  const Facts facts = infer(graph, {}, found.diagnostics);
  for (const TensorId id : graph.nodes()[0].outputs) {
    found.types.push_back(id == kNoTensor ? TensorType{} : facts.types[index(id)]);
    found.values.push_back(id == kNoTensor ? nullptr : facts.values[index(id)]);
  }
  return found;
}

/// What the cost rule says, its types inferred.
inline std::optional<Work> work_of_one(const Case& test, const std::vector<TensorType>& types) {
  const Graph graph = graph_of(test, types);
  return find_spec(test.domain, test.op)->work(graph, graph.nodes()[0]);
}

/// The text of the error that inference stops with; empty if it does not.
inline std::string error_of(const Case& test) {
  try {
    infer_one(test);
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

/// What is not as the test expects; empty if all is.
inline std::string mismatch(const Case& test) {
  if (find_spec(test.domain, test.op) == nullptr) return test.op + ": no such operator";
  Found found;
  try {
    found = infer_one(test);
  } catch (const Error& error) {
    return error.what();
  }
  std::string out;
  for (std::size_t i = 0; i < test.outputs.size(); ++i) {
    if (test.outputs[i].empty() || to_string(found.types[i]) == test.outputs[i]) continue;
    out += test.op + " output " + std::to_string(i) + ": is " + to_string(found.types[i]) + ", not " +
           test.outputs[i] + "; ";
  }
  const std::optional<Work> work = work_of_one(test, found.types);
  const std::int64_t macs = work ? work->macs.value : kNoCost;
  const std::int64_t flops = work ? work->flops.value : kNoCost;
  if (test.macs != kAnyCost && macs != test.macs)
    out += test.op + ": MACs are " + std::to_string(macs) + "; ";
  if (test.flops != kAnyCost && flops != test.flops) {
    out += test.op + ": FLOPs are " + std::to_string(flops) + "; ";
  }
  return out;
}

/// Known contents as text: "1 2 (h / 2)", or "unknown".
inline std::string text_of(const ValuePtr& value) {
  if (!value) return "unknown";
  std::string out;
  for (const Dim& dim : value->ints) out += (out.empty() ? "" : " ") + to_string(dim);
  for (const double number : value->reals) out += (out.empty() ? "" : " ") + std::to_string(number);
  return out;
}

/// Known contents of output 0.
inline std::string contents(const Case& test) {
  return text_of(infer_one(test).values[0]);
}

/// What inference finds out about the tensors of a network in text form (graph/graph_text.h).
struct Inferred {
  explicit Inferred(const std::string& text)
      : graph(parse_text(text, "test")), facts(infer(graph, {}, diagnostics)) {}

  std::string type(std::string_view tensor) const { return to_string(facts.types[at(tensor)]); }
  Dim size(std::string_view tensor, std::size_t axis) const {
    return facts.types[at(tensor)].shape->at(axis);
  }
  std::string contents(std::string_view tensor) const { return text_of(facts.values[at(tensor)]); }
  bool constant(std::string_view tensor) const { return facts.constant[at(tensor)]; }
  std::size_t at(std::string_view tensor) const { return index(graph.find_tensor(tensor).value()); }

  Diagnostics diagnostics;
  Graph graph;
  Facts facts;
};

}  // namespace foretime::ops::testing
