#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/error.h"
#include "graph/graph.h"
#include "ops/value.h"

namespace foretime::ops {

struct Facts;

/// What an operator's shape inference sees of its node, and where it puts what it finds out.
/// Inputs are counted as in the operator's specification; one left out has an undefined type.
class InferContext {
 public:
  InferContext(const Graph& graph, const Node& node, Facts& facts, Diagnostics& diagnostics)
      : graph_(graph), node_(node), facts_(facts), diagnostics_(diagnostics) {}

  const Node& node() const { return node_; }
  const Graph& graph() const { return graph_; }
  const Attributes& attributes() const { return node_.attributes; }
  /// Version of the node's operator set; the newest when the file states none.
  std::int64_t opset() const;

  std::size_t inputs() const { return node_.inputs.size(); }
  std::size_t outputs() const { return node_.outputs.size(); }
  bool has(std::size_t input) const;
  const TensorType& type(std::size_t input) const;
  DataType dtype(std::size_t input) const { return type(input).dtype; }
  /// Null when the rank is unknown or the input is left out.
  const Shape* shape(std::size_t input) const;
  /// Null when the contents are not known. Its elements follow `shape(input)`, which is then static.
  const Value* value(std::size_t input) const;
  /// The contents as plain integers, if they are known and hold no names.
  std::optional<std::vector<std::int64_t>> numbers(std::size_t input) const;
  /// The single integer held by a scalar or one-element input.
  std::optional<Dim> scalar(std::size_t input) const;

  /// Axes come as an attribute up to some opset and as an input from then on: whichever is there.
  /// `known` is false when they are an input whose contents are not known.
  struct Axes {
    std::vector<std::int64_t> values;
    bool given = false;
    bool known = true;
  };
  Axes axes(std::string_view attribute, std::size_t input) const;

  void set(std::size_t output, DataType dtype, std::optional<Shape> shape);
  void set(std::size_t output, TensorType type);
  void set_value(std::size_t output, Value value);
  const TensorType& output_type(std::size_t output) const;

  /// A size known only while running, at most `upper`, named after the node; leaves a diagnostic
  /// `data-dependent`.
  Dim running(std::int64_t upper, std::string_view suffix = {});
  void note(Severity severity, std::string code, std::string message);

  Facts& facts() { return facts_; }
  Diagnostics& diagnostics() { return diagnostics_; }

 private:
  const Graph& graph_;
  const Node& node_;
  Facts& facts_;
  Diagnostics& diagnostics_;
};

/// `axis` counted from the front. Error: outside [-rank, rank).
std::size_t normalized_axis(std::int64_t axis, std::size_t rank);

/// NumPy's broadcasting of two shapes. Error: sizes that differ and are not 1.
Shape broadcast(const Shape& a, const Shape& b);

}  // namespace foretime::ops
