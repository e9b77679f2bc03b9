#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/error.h"
#include "formats/annette/walk.h"
#include "formats/mmdnn/model.h"

namespace foretime::mmdnn {
namespace {

using annette::Integers;
using annette::RawGraph;
using annette::RawLayer;
using annette::Value;
using annette::Values;

constexpr std::array<std::string_view, 7> kKept = {"kernel_shape",   "strides",   "pads", "pooling_type",
                                                   "global_pooling", "dilations", "axis"};

/// The first shape of _output_shape, or else of _output_shapes.
const Integers* shape_of(const Node& node) {
  for (const char* key : {"_output_shape", "_output_shapes"}) {
    const Value* value = node.find(key);
    if (value == nullptr) continue;
    const auto* list = value->as<Values>();
    return list == nullptr || list->empty() ? value->as<Integers>() : list->front().as<Integers>();
  }
  return nullptr;
}

class Converter {
 public:
  Converter(const Model& model, const std::string& origin, Diagnostics& diagnostics)
      : model_(model), origin_(origin), diagnostics_(diagnostics) {}

  RawGraph convert(const std::string& name) {
    connect();
    RawGraph unordered;
    for (std::size_t i = 0; i < model_.nodes.size(); ++i) {
      if (parents_[i].empty() && children_[i].empty()) {
        note("node-dropped", "the node is connected to no other", model_.nodes[i]);
      } else {
        unordered.layers.push_back(layer_of(i));
      }
    }
    return in_order(std::move(unordered), name);
  }

 private:
  /// In-edges without repetition, as names; children in the order of the nodes that read.
  void connect() {
    std::unordered_map<std::string_view, std::size_t> places;
    for (std::size_t i = 0; i < model_.nodes.size(); ++i) {
      const Node& node = model_.nodes[i];
      if (node.name.empty()) throw Error(origin_, "has a node without a name");
      if (!places.emplace(node.name, i).second) throw Error(where(node), "there are two nodes of this name");
    }
    parents_.resize(model_.nodes.size());
    children_.resize(model_.nodes.size());
    for (std::size_t i = 0; i < model_.nodes.size(); ++i) {
      std::unordered_set<std::string_view> seen;
      for (const std::string& input : model_.nodes[i].inputs) {
        const auto source = places.find(annette::layer_of(input));
        if (source == places.end()) {
          note("parent-missing", "reads '" + input + "', which is no node", model_.nodes[i]);
          continue;
        }
        if (!seen.insert(source->first).second) continue;
        parents_[i].push_back({source->second, input});
        children_[source->second].push_back(i);
      }
    }
  }

  RawLayer layer_of(std::size_t place) {
    const Node& node = model_.nodes[place];
    RawLayer layer{node.name, node.op, {}, {}, {}};
    for (const auto& [source, text] : parents_[place]) layer.parents.push_back(text);
    for (const std::size_t child : children_[place]) layer.children.push_back(model_.nodes[child].name);
    const Integers* shape = shape_of(node);
    if (shape != nullptr) {
      layer.attributes.emplace_back("output_shape", Value{*shape});
    } else {
      note("shape-missing", "the file does not state its output shape", node);
    }
    const Integers* input =
        parents_[place].empty() ? nullptr : shape_of(model_.nodes[parents_[place][0].first]);
    if (input != nullptr) layer.attributes.emplace_back("input_shape", Value{*input});
    for (const std::string_view key : kKept) {
      if (const Value* value = node.find(key)) layer.attributes.emplace_back(std::string(key), *value);
    }
    if (is_depthwise(node, shape)) make_depthwise(layer);
    return layer;
  }

  static bool is_depthwise(const Node& node, const Integers* shape) {
    const Value* group = node.op == "Conv" ? node.find("group") : nullptr;
    const auto* number = group == nullptr ? nullptr : group->as<std::int64_t>();
    return number != nullptr && shape != nullptr && shape->size() > 3 && (*shape)[3] == *number;
  }

  static void make_depthwise(RawLayer& layer) {
    layer.type = "DepthwiseConv";
    for (auto& [key, value] : layer.attributes) {
      auto* kernel = std::get_if<Integers>(&value.held);
      if (key == "kernel_shape" && kernel != nullptr && kernel->size() > 3) (*kernel)[3] = 1;
    }
  }

  RawGraph in_order(RawGraph graph, const std::string& name) const {
    RawGraph sorted;
    sorted.name = name;
    std::vector<bool> taken(graph.layers.size());
    for (const std::size_t place : annette::evaluation_order(graph)) {
      if (taken[place]) continue;
      taken[place] = true;
      sorted.layers.push_back(std::move(graph.layers[place]));
    }
    for (std::size_t i = 0; i < taken.size(); ++i) {
      if (!taken[i]) throw Error(origin_ + ": " + graph.layers[i].name, "lies on a cycle, or behind one");
    }
    if (sorted.layers.empty()) throw Error(origin_, "holds no node that is connected to another");
    return sorted;
  }

  std::string where(const Node& node) const { return origin_ + ": " + node.name; }
  void note(const char* code, std::string message, const Node& node) {
    diagnostics_.push_back({Severity::warning, code, std::move(message), node.name});
  }

  const Model& model_;
  const std::string& origin_;
  Diagnostics& diagnostics_;
  std::vector<std::vector<std::pair<std::size_t, std::string>>> parents_;  // of each node: node, as written
  std::vector<std::vector<std::size_t>> children_;
};

}  // namespace

RawGraph to_raw_graph(const Model& model, const std::string& name, const std::string& origin,
                      Diagnostics& diagnostics) {
  return Converter(model, origin, diagnostics).convert(name);
}

RawGraph read_raw_graph(std::string_view bytes, const std::string& path, Diagnostics& diagnostics) {
  const Model model = is_json(bytes) ? parse_json_form(bytes, path) : parse_protobuf(bytes, path);
  const std::size_t slash = path.rfind('/');
  const std::string file = slash == std::string::npos ? path : path.substr(slash + 1);
  return to_raw_graph(model, file.substr(0, file.rfind('.')), path, diagnostics);
}

}  // namespace foretime::mmdnn
