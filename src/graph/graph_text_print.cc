#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <utility>
#include <variant>

#include "graph/graph_text.h"
#include "graph/graph_text_lexer.h"
#include "graph/literals.h"

namespace foretime {
namespace {

constexpr std::size_t kMostElements = 64;

template <typename Items, typename F>
std::string joined(const Items& items, F text_of) {
  std::string text;
  for (const auto& item : items) {
    if (!text.empty()) text += ", ";
    text += text_of(item);
  }
  return text;
}

std::string written(const Dim& dim) {
  if (dim.is_number()) return std::to_string(dim.number());
  std::string text = written_name(dim.name());
  if (dim.lower() == 0 && dim.upper() == Dim::kUnbounded) return text;
  text += '(' + std::to_string(dim.lower()) + "..";
  if (dim.upper() != Dim::kUnbounded) text += std::to_string(dim.upper());
  return text + ')';
}

std::string written(const TensorType& type) {
  std::string text(name_of(type.dtype));
  text += '[';
  if (!type.shape) text += '?';
  for (std::size_t i = 0; type.shape && i < type.shape->size(); ++i) {
    if (i > 0) text += ',';
    text += written((*type.shape)[i]);
  }
  text += ']';
  return type.sequence ? "seq(" + text + ")" : text;
}

std::string written(const ConstantData& data, const TensorType& type) {
  if (const auto literals = literals_of(data, type, kMostElements)) {
    return "{" + joined(*literals, [](const std::string& literal) { return literal; }) + "}";
  }
  return data.encoding == Encoding::derived ? "derived" : "omitted";
}

std::string written(std::int64_t value) {
  return std::to_string(value);
}
std::string written(float value) {
  return literal(value);
}
std::string written(const std::string& value) {
  return written_string(value);
}
std::string written(const TensorAttribute& value) {
  return written(value.type) + ' ' + written(value.data, value.type);
}

template <typename T>
std::string written(const std::vector<T>& values) {
  // An empty list shows no kind of its own.
  const char* kind = !values.empty() || std::is_same_v<T, std::int64_t> ? ""
                     : std::is_same_v<T, float>                         ? "floats "
                                                                        : "strings ";
  return kind + ("[" + joined(values, [](const T& value) { return written(value); }) + "]");
}

class Printer {
 public:
  std::string text(const Graph& graph) {
    body(graph, {}, nullptr);
    return std::move(out_) + '\n';
  }

 private:
  void line() { out_.append(1, '\n').append(depth_ * 2, ' '); }

  /// `captures`: the tensors of `outer` that the graph's captures stand for.
  void body(const Graph& graph, std::span<const TensorId> captures, const Graph* outer) {
    out_ += "graph ";
    if (!graph.name().empty()) out_ += written_name(graph.name()) + ' ';
    out_ += '{';
    ++depth_;
    head(graph);
    for (std::size_t i = 0; i < graph.captures().size(); ++i) {
      const Tensor& inside = graph[graph.captures()[i]];
      line();
      out_ += "capture " + typed(inside);
      if (i >= captures.size()) continue;  // the graph is a body printed on its own
      const std::string& outside = (*outer)[captures[i]].name;
      if (outside != inside.name) out_ += " = " + written_name(outside);
    }
    for (const Tensor& tensor : graph.tensors()) {
      if (!tensor.constant) continue;
      line();
      out_ += "const " + typed(tensor) + " = " + written(*tensor.constant, tensor.type);
    }
    for (const Node& each : graph.nodes()) node(graph, each);
    for (const TensorId id : graph.outputs()) {
      line();
      out_ += "output " + written_name(graph[id].name);
    }
    --depth_;
    line();
    out_ += '}';
  }

  void head(const Graph& graph) {
    for (const auto& [domain, version] : graph.opsets()) {
      line();
      out_ += "opset " + written_string(domain) + ' ' + std::to_string(version);
    }
    for (const auto& [key, value] : graph.metadata()) {
      line();
      out_ += "metadata " + written_name(key) + ' ' + written_string(value);
    }
    for (const TensorId id : graph.inputs()) {
      line();
      out_ += "input " + typed(graph[id]);
    }
  }

  void node(const Graph& graph, const Node& node) {
    line();
    if (!takes_name_of_output(graph, node)) out_ += written_name(node.name) + ": ";
    out_ += node.outputs.empty()
                ? "()"
                : joined(node.outputs, [&](TensorId id) { return id == kNoTensor ? "_" : typed(graph[id]); });
    out_ += " = ";
    if (!node.domain.empty()) out_ += written_name(node.domain) + "::";
    out_ += written_name(node.op) + '(';
    out_ += joined(node.inputs,
                   [&](TensorId id) { return id == kNoTensor ? "_" : written_name(graph[id].name); });
    out_ += ')';
    attributes(graph, node);
    if (!node.source_op.empty()) out_ += " from " + written_name(node.source_op);
    if (!node.module_path.empty()) out_ += " in " + written_name(node.module_path);
  }

  static bool takes_name_of_output(const Graph& graph, const Node& node) {
    const auto first =
        std::find_if(node.outputs.begin(), node.outputs.end(), [](TensorId id) { return id != kNoTensor; });
    return first != node.outputs.end() && graph[*first].name == node.name;
  }

  void attributes(const Graph& graph, const Node& node) {
    if (node.attributes.empty() && node.subgraphs.empty()) return;
    out_ += " {";
    const char* separator = "";
    for (const auto& [name, value] : node.attributes) {
      out_ += std::exchange(separator, ", ") + written_name(name) + " = ";
      out_ += std::visit([](const auto& held) { return written(held); }, value);
    }
    for (const Subgraph& subgraph : node.subgraphs) {
      out_ += std::exchange(separator, ", ") + written_name(subgraph.attribute) + " = ";
      body(subgraph.body, subgraph.captures, &graph);
    }
    out_ += '}';
  }

  static std::string typed(const Tensor& tensor) {
    const bool nothing_known = tensor.type == TensorType{};
    return written_name(tensor.name) + (nothing_known ? "" : ": " + written(tensor.type));
  }

  std::string out_;
  std::size_t depth_ = 0;
};

}  // namespace

std::string to_text(const Graph& graph) {
  return Printer().text(graph);
}

}  // namespace foretime
