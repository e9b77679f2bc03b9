#include "formats/dot/dot.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "base/utf8.h"

namespace foretime {
namespace {

constexpr std::size_t kLongestName = 40;   // bytes; wider boxes push each other off the screen
constexpr std::size_t kMostConstants = 6;  // lines for constants in one box

/// The text as Graphviz reads it between quotes; bytes that are not UTF-8 would stop it.
std::string escaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = utf8_character(text);
    if (length == 0) {
      out += "\uFFFD";
    } else if (text[0] == '"' || text[0] == '\\') {
      out += {'\\', text[0]};
    } else {
      out += static_cast<unsigned char>(text[0]) < ' ' ? " " : text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(1, length));
  }
  return out;
}

/// Start and end of a long name: they tell more than its middle.
std::string shortened(std::string_view name) {
  if (name.size() <= kLongestName) return escaped(name);
  std::size_t head = kLongestName / 2;
  std::size_t tail = name.size() - kLongestName / 2;
  const auto inside_character = [&](std::size_t i) {
    return (static_cast<unsigned char>(name[i]) & 0xc0) == 0x80;
  };
  while (head > 0 && inside_character(head)) --head;
  while (tail + 1 < name.size() && inside_character(tail)) ++tail;
  return escaped(name.substr(0, head)) + "…" + escaped(name.substr(tail));
}

std::string type_text(const TensorType& type) {
  return type == TensorType{} ? std::string() : shortened(to_string(type));
}

class Writer {
 public:
  std::string document(const Graph& graph) {
    out_ = "digraph \"" + escaped(graph.name()) + "\" {\n";
    out_ += "  rankdir=TB;\n  node [shape=box, style=rounded, fontname=\"Helvetica\"];\n";
    out_ += "  edge [fontname=\"Helvetica\", fontsize=10];\n";
    body(graph, {});
    return std::move(out_) + "}\n";
  }

 private:
  /// Where edges of each tensor of a graph come from; empty: no edge is drawn.
  using Sources = std::vector<std::string>;

  /// `captured`: where the graph's captures come from, as far as it has a graph around it.
  void body(const Graph& graph, const Sources& captured) {
    const std::size_t id = next_graph_++;
    const std::string prefix = "g" + std::to_string(id) + "_";
    Sources sources(graph.tensors().size());
    for (const TensorId input : graph.inputs())
      sources[index(input)] = terminal(graph, input, prefix + "in" + std::to_string(index(input)));
    for (std::size_t i = 0; i < graph.captures().size(); ++i) {
      const TensorId capture = graph.captures()[i];
      sources[index(capture)] =
          i < captured.size() ? captured[i]
                              : terminal(graph, capture, prefix + "in" + std::to_string(index(capture)));
    }
    for (const Tensor& tensor : graph.tensors()) {
      if (tensor.producer == kNoNode) continue;
      sources[static_cast<std::size_t>(&tensor - graph.tensors().data())] =
          prefix + "n" + std::to_string(index(tensor.producer));
    }
    for (std::size_t i = 0; i < graph.nodes().size(); ++i)
      node(graph, graph.nodes()[i], prefix + "n" + std::to_string(i), sources);
    for (std::size_t i = 0; i < graph.outputs().size(); ++i) {
      const TensorId output = graph.outputs()[i];
      const std::string name = terminal(graph, output, prefix + "out" + std::to_string(i));
      edge(graph, output, sources, name);
    }
  }

  void node(const Graph& graph, const Node& node, const std::string& name, const Sources& sources) {
    std::string label = shortened(node.op) + "\\n" + shortened(node.name);
    std::size_t constants = 0;
    for (const TensorId input : node.inputs) {
      if (input == kNoTensor || !graph[input].constant || ++constants > kMostConstants) continue;
      const std::string type = type_text(graph[input].type);
      label += "\\n" + shortened(graph[input].name) + (type.empty() ? "" : ' ' + type);
    }
    if (constants > kMostConstants)
      label += "\\n… and " + std::to_string(constants - kMostConstants) + " more";
    line(name + " [label=\"" + label + "\", tooltip=\"" + escaped(node.name) + "\"];");
    for (const TensorId input : node.inputs) {
      if (input != kNoTensor) edge(graph, input, sources, name);
    }
    for (const Subgraph& subgraph : node.subgraphs) cluster(node, name, subgraph, sources);
  }

  void cluster(const Node& owner, const std::string& name, const Subgraph& subgraph, const Sources& sources) {
    Sources captured;
    for (const TensorId id : subgraph.captures) captured.push_back(sources[index(id)]);
    line("subgraph \"cluster_" + name + "_" + escaped(subgraph.attribute) + "\" {");
    ++depth_;
    line("label=\"" + shortened(subgraph.attribute) + " of " + shortened(owner.name) + "\";");
    body(subgraph.body, captured);
    --depth_;
    line("}");
  }

  /// An input or output of the graph; gives its name in the drawing.
  std::string terminal(const Graph& graph, TensorId id, std::string name) {
    const std::string& tensor = graph[id].name;
    line(name + " [shape=ellipse, label=\"" + shortened(tensor) + "\", tooltip=\"" + escaped(tensor) +
         "\"];");
    return name;
  }

  void edge(const Graph& graph, TensorId id, const Sources& sources, const std::string& to) {
    const std::string& from = sources[index(id)];
    if (from.empty()) return;
    const std::string label = type_text(graph[id].type);
    line(from + " -> " + to + (label.empty() ? "" : " [label=\"" + label + "\"]") + ";");
  }

  void line(const std::string& text) { out_.append(depth_ * 2, ' ').append(text) += '\n'; }

  std::string out_;
  std::size_t depth_ = 1;
  std::size_t next_graph_ = 0;
};

}  // namespace

std::string to_dot(const Graph& graph) {
  return Writer().document(graph);
}

}  // namespace foretime
