// Written to the description of nn-Meter's NNI converter; no file of this kind was at hand to try it on.

#include "formats/nnmeter/nni_ir.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/error.h"
#include "base/json.h"
#include "formats/nnmeter/raw_attribute.h"

namespace foretime::nnmeter {
namespace {

constexpr const char* kRoot = "_model";

constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kTypes = {{
    {"aten::mul", "mul"},
    {"aten::floordiv", "div"},
    {"aten::reshape", "reshape"},
    {"aten::cat", "concat"},
    {"aten::split", "split"},
    {"__torch__.torch.nn.modules.conv.Conv2d", "conv"},
    {"__torch__.torch.nn.modules.activation.ReLU", "relu"},
    {"__torch__.torch.nn.modules.activation.ReLU6", "relu"},
    {"__torch__.torch.nn.modules.batchnorm.BatchNorm2d", "bn"},
    {"__torch__.torch.nn.modules.linear.Linear", "fc"},
    {"__torch__.torch.nn.modules.pooling.AvgPool2d", "gap"},
    {"__torch__.torch.nn.modules.pooling.MaxPool2d", "maxpool"},
    {"__torch__.torch.nn.modules.activation.Sigmoid", "sigmoid"},
    {"__torch__.torch.nn.modules.activation.Hardsigmoid", "hardsigmoid"},
    {"__torch__.torch.nn.modules.activation.Hardswish", "hswish"},
    {"__torch__.torch.nn.modules.activation.Softmax", "softmax"},
}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kAttributes = {{
    {"kernel_size", "ks"},
    {"padding", "pads"},
    {"stride", "strides"},
    {"groups", "group"},
}};

template <typename Table>
std::string mapped(const Table& table, const std::string& name) {
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const auto& row) { return row.first == name; });
  return found == table.end() ? name : std::string(found->second);
}

const Json* member(const Json* object, const char* key) {
  if (object == nullptr || !object->is_object()) return nullptr;
  const auto found = object->find(key);
  return found == object->end() ? nullptr : &*found;
}

/// One shape or a list of shapes; those of rank 4 from NCHW to NHWC.
std::vector<RawShape> shapes_of(const Json* json) {
  std::vector<RawShape> shapes;
  if (json == nullptr || !json->is_array()) return shapes;
  const bool one = std::none_of(json->begin(), json->end(), [](const Json& item) { return item.is_array(); });
  const auto add = [&](const Json& shape) {
    const auto sizes = attribute_of(shape);
    const auto* list = sizes ? std::get_if<RawShape>(&*sizes) : nullptr;
    if (list == nullptr) return;
    shapes.push_back(*list);
    if (list->size() == 4)
      std::rotate(shapes.back().begin() + 1, shapes.back().begin() + 2, shapes.back().end());
  };
  if (one) {
    add(*json);
  } else {
    for (const Json& shape : *json) add(shape);
  }
  return shapes;
}

class NniReader {
 public:
  NniReader(const Json& document, const std::string& origin, Diagnostics& diagnostics)
      : document_(document), origin_(origin), diagnostics_(diagnostics) {}

  RawGraph read() {
    const Json* root = member(&document_, kRoot);
    const Json* nodes = member(root, "nodes");
    if (nodes == nullptr || !nodes->is_object())
      throw Error(origin_, "is no NNI model", R"({"_model": {"nodes": …}})");
    read_edges(member(root, "edges"));
    for (const auto& [name, json] : nodes->get_ref<const Json::object_t&>()) add_node(name, json);
    if (graph_.nodes.empty()) throw Error(origin_, "holds no node whose input_shape is known");
    return std::move(graph_);
  }

 private:
  /// {"head": [producer, slot], "tail": [consumer, slot]}: producers by consumer and slot, in this order.
  void read_edges(const Json* edges) {
    if (edges == nullptr) return;
    if (!edges->is_array()) throw Error(origin_, "has edges that are no list", R"([{"head": …, "tail": …}])");
    for (const Json& edge : *edges) {
      const auto [head, head_slot] = end_of(member(&edge, "head"));
      const auto [tail, tail_slot] = end_of(member(&edge, "tail"));
      producers_[tail].emplace_back(tail_slot, head);
    }
    for (auto& [name, list] : producers_) {
      std::stable_sort(list.begin(), list.end(),
                       [](const auto& a, const auto& b) { return a.first < b.first; });
    }
  }

  /// A slot that is not said is the first.
  std::pair<std::string, std::int64_t> end_of(const Json* json) const {
    const bool named = json != nullptr && json->is_array() && !json->empty() && (*json)[0].is_string();
    if (!named)
      throw Error(origin_, "has an edge that does not name its ends",
                  R"({"head": ["a", 0], "tail": ["b", 0]})");
    const bool slotted = json->size() > 1 && (*json)[1].is_number_integer();
    return {(*json)[0].get<std::string>(), slotted ? (*json)[1].get<std::int64_t>() : 0};
  }

  void add_node(const std::string& name, const Json& json) {
    const Json* operation = member(&json, "operation");
    const Json* type = member(operation, "type");
    if (type == nullptr || !type->is_string()) throw Error(origin_ + ": " + name, "has no operation type");
    if (member(operation, "cell_name") != nullptr) {
      throw Error(origin_ + ": " + name, "is a cell", "a model that was flattened, as nn-Meter does first");
    }
    RawNode node;
    node.name = name;
    node.type = mapped(kTypes, type->get<std::string>());
    for (const char* place : {"parameters", "attributes"}) {
      const Json* held = member(operation, place);
      if (node.input_shapes.empty()) node.input_shapes = shapes_of(member(held, "input_shape"));
      if (node.output_shapes.empty()) node.output_shapes = shapes_of(member(held, "output_shape"));
    }
    if (node.input_shapes.empty()) {
      diagnostics_.push_back(
          {Severity::warning, "node-dropped", "the file does not say its input_shape", name});
      return;
    }
    read_attributes(member(operation, "parameters"), node);
    for (const auto& [slot, producer] : producers_[name]) node.inbounds.push_back(producer);
    graph_.nodes.push_back(std::move(node));
  }

  void read_attributes(const Json* parameters, RawNode& node) {
    if (parameters == nullptr || !parameters->is_object()) return;
    std::map<std::string, Attribute> items;
    for (const auto& [key, value] : parameters->get_ref<const Json::object_t&>()) {
      if (key == "input_shape" || key == "output_shape") continue;
      std::optional<Attribute> attribute = attribute_of(value);
      if (!attribute) continue;  // a None, most often
      const bool dim = node.type == "concat" && key == "dim";
      const std::string name = dim ? "axis" : mapped(kAttributes, key);
      const auto* one = std::get_if<std::int64_t>(&*attribute);
      const bool pair = name == "ks" || name == "pads" || name == "strides";
      if (one != nullptr && pair) attribute = std::vector<std::int64_t>{*one, *one};
      items.emplace(name, std::move(*attribute));
    }
    node.attributes = Attributes({items.begin(), items.end()});
  }

  const Json& document_;
  const std::string& origin_;
  Diagnostics& diagnostics_;
  std::map<std::string, std::vector<std::pair<std::int64_t, std::string>>> producers_;
  RawGraph graph_;
};

}  // namespace

bool is_nni_ir(std::string_view text) {
  constexpr std::size_t kLooked = 1 << 20;
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos || text[start] != '{') return false;
  const std::string_view beginning = text.substr(start, kLooked);
  const auto holds = [&](std::string_view part) { return beginning.find(part) != std::string_view::npos; };
  return holds("\"_model\"") && holds("\"nodes\"") && holds("\"operation\"");
}

RawGraph parse_nni_ir(std::string_view text, const std::string& origin, Diagnostics& diagnostics) {
  const Json document = parse_json(text, origin);
  return NniReader(document, origin, diagnostics).read();
}

}  // namespace foretime::nnmeter
