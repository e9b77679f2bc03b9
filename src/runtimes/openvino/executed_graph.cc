#include "runtimes/openvino/executed_graph.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "graph/graph_builder.h"

namespace foretime::openvino {
namespace {

constexpr const char* kOrigin = "OpenVINO's executed model";

/// One tag of the text: <name attribute="value" …>, </name> or <name …/>.
struct Tag {
  std::string_view name;
  std::map<std::string_view, std::string> attributes;
  bool closes = false;
  bool empty = false;

  std::string attribute(std::string_view key) const {
    const auto found = attributes.find(key);
    return found == attributes.end() ? std::string() : found->second;
  }
};

std::string unescaped(std::string_view text) {
  constexpr std::pair<std::string_view, char> kEntities[] = {
      {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
  std::string out;
  while (!text.empty()) {
    std::size_t length = 1;
    char letter = text[0];
    for (const auto& [entity, stands_for] : kEntities) {
      if (!text.starts_with(entity)) continue;
      length = entity.size();
      letter = stands_for;
    }
    out += letter;
    text.remove_prefix(length);
  }
  return out;
}

/// The tags of a text, one by one.
class Tags {
 public:
  explicit Tags(std::string_view text) : rest_(text) {}

  std::optional<Tag> next() {
    constexpr std::string_view kBlank = " \t\r\n";
    const std::size_t open = rest_.find('<');
    if (open == std::string_view::npos) return std::nullopt;
    rest_.remove_prefix(open + 1);
    Tag tag;
    tag.closes = take("/");
    tag.name = until(" \t\r\n/>?");
    while (true) {
      rest_.remove_prefix(std::min(rest_.find_first_not_of(kBlank), rest_.size()));
      if (take(">")) return tag;
      if (take("/") || take("?")) {
        tag.empty = true;
        continue;
      }
      const std::string_view key = until("=");
      if (!take("=\"")) fail();
      const std::string_view value = until("\"");
      if (!take("\"")) fail();
      tag.attributes.emplace(key, unescaped(value));
    }
  }

 private:
  bool take(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  std::string_view until(std::string_view ends) {
    const std::string_view text = rest_.substr(0, rest_.find_first_of(ends));
    rest_.remove_prefix(text.size());
    return text;
  }
  [[noreturn]] static void fail() { throw Error(kOrigin, "is no XML"); }

  std::string_view rest_;
};

struct Port {
  std::string id;
  std::string names;  // of the tensor, commas between them
};

struct Layer {
  std::string id;
  std::string name;
  std::string type;
  std::vector<Port> outputs;
  std::map<std::string, std::string> body_outputs;  // port → the layer of the body that gives it
  std::map<std::string, std::string> body_names;    // layer of the body → names of its tensor
};

struct Edge {
  std::string from_layer;
  std::string from_port;
  std::string to_layer;
};

struct Model {
  std::vector<Layer> layers;
  std::vector<Edge> edges;
};

Model read(std::string_view text) {
  Model model;
  Tags tags(text);
  int bodies = 0;  // how many we are inside of
  bool outputs = false;
  while (const auto tag = tags.next()) {
    if (tag->name.ends_with("body") && !tag->empty) bodies += tag->closes ? -1 : 1;
    if (tag->name == "output" && !tag->empty) outputs = !tag->closes;
    if (tag->closes) continue;
    if (bodies == 0 && tag->name == "layer") {
      model.layers.push_back(
          {tag->attribute("id"), tag->attribute("name"), tag->attribute("type"), {}, {}, {}});
    } else if (bodies == 0 && tag->name == "edge") {
      model.edges.push_back(
          {tag->attribute("from-layer"), tag->attribute("from-port"), tag->attribute("to-layer")});
    } else if (model.layers.empty()) {
      continue;
    } else if (bodies == 0 && tag->name == "port" && outputs) {
      model.layers.back().outputs.push_back({tag->attribute("id"), tag->attribute("names")});
    } else if (bodies == 0 && tag->name == "output" && tag->empty) {
      model.layers.back().body_outputs.emplace(tag->attribute("external_port_id"),
                                               tag->attribute("internal_layer_id"));
    } else if (bodies == 1 && tag->name == "layer") {
      model.layers.back().body_names.emplace(tag->attribute("id"), tag->attribute("output_names"));
    }
  }
  if (model.layers.empty()) throw Error(kOrigin, "holds no layers");
  return model;
}

std::string at(const std::map<std::string, std::string>& map, const std::string& key) {
  const auto found = map.find(key);
  return found == map.end() ? std::string() : found->second;
}

/// The name among `names` that the original produces last; empty: it knows none.
std::string known_name(const std::string& names, const Graph& original) {
  std::string best;
  std::optional<NodeId> latest;
  for (std::size_t from = 0; from < names.size();) {
    std::size_t end = from;
    std::string name;
    for (; end < names.size() && names[end] != ','; ++end) {
      if (names[end] == '\\' && end + 1 < names.size()) ++end;  // a comma that belongs to the name
      name += names[end];
    }
    from = end + 1;
    const auto tensor = original.find_tensor(name);
    if (!tensor) continue;
    const NodeId producer = original[*tensor].producer;
    if (latest && (producer == kNoNode || (*latest != kNoNode && producer < *latest))) continue;
    latest = producer;
    best = name;
  }
  return best;
}

/// Tensors by layer and port.
using Tensors = std::map<std::pair<std::string, std::string>, TensorId>;

Tensors declare_tensors(const Model& model, const Graph& original, GraphBuilder& builder) {
  Tensors tensors;
  for (const Layer& layer : model.layers) {
    if (layer.type == "Const") continue;
    for (const Port& port : layer.outputs) {
      const std::string body = at(layer.body_names, at(layer.body_outputs, port.id));
      std::string name = known_name(port.names.empty() ? body : port.names, original);
      if (name.empty() || builder.find(name)) name = "layer " + layer.id + " port " + port.id;
      tensors[{layer.id, port.id}] = builder.tensor(name);
    }
  }
  return tensors;
}

}  // namespace

Graph executed_graph(std::string_view text, const Graph& original) {
  const Model model = read(text);
  GraphBuilder builder("executed", kOrigin);
  const Tensors tensors = declare_tensors(model, original, builder);
  std::map<std::string, std::vector<TensorId>> reads;
  for (const Edge& edge : model.edges) {
    const auto found = tensors.find({edge.from_layer, edge.from_port});
    if (found != tensors.end()) reads[edge.to_layer].push_back(found->second);
  }
  for (const Layer& layer : model.layers) {
    if (layer.type == "Const") continue;
    std::vector<TensorId> outputs;
    for (const Port& port : layer.outputs) outputs.push_back(tensors.at({layer.id, port.id}));
    if (layer.type == "Parameter") {
      for (const TensorId output : outputs) builder.add_input(builder[output].name, {});
    } else if (layer.type == "Result") {
      for (const TensorId read : reads[layer.id]) builder.add_output(read);
    } else {
      Node node;
      node.name = builder.unused_node_name(layer.name);
      node.op = layer.type;
      node.inputs = reads[layer.id];
      node.outputs = std::move(outputs);
      builder.add_node(std::move(node));
    }
  }
  return std::move(builder).build();
}

}  // namespace foretime::openvino
