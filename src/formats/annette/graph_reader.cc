#include "formats/annette/graph_reader.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <queue>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/error.h"
#include "formats/annette/translate.h"
#include "graph/graph_builder.h"
#include "ops/infer.h"

namespace foretime::annette {
namespace {

constexpr std::int64_t kOpset = 17;
constexpr const char* kDomain = "annette";  // of operators that ONNX does not have
constexpr std::size_t kMostColumns = 12;    // named in a message

TensorType float_type(std::optional<Shape> shape) {
  return {DataType::float32, std::move(shape), false};
}

bool all_known(const Shape& shape) {
  return std::all_of(shape.begin() + (shape.empty() ? 0 : 1), shape.end(),
                     [](const Dim& size) { return size.is_number(); });
}

/// Equal but for the batch and for what one of them does not know.
bool agree(const Shape& stated, const Shape& found) {
  if (stated.size() != found.size()) return false;
  for (std::size_t i = 1; i < stated.size(); ++i) {
    if (stated[i].is_number() && found[i].is_number() && !(stated[i] == found[i])) return false;
  }
  return true;
}

/// The same sizes but for those of 1, in whatever order: files disagree with themselves about ranks
/// (a softmax of [1, 1000] said to give [1, 1, 1, 1000]) and about where channels are.
bool resemble(const Shape& stated, const Shape& found) {
  const auto sorted = [](const Shape& shape) {
    Integers sizes;
    for (std::size_t i = 1; i < shape.size(); ++i) {
      if (!shape[i].is_number()) return Integers();
      if (shape[i].number() != 1) sizes.push_back(shape[i].number());
    }
    std::sort(sizes.begin(), sizes.end());
    return sizes;
  };
  const Integers sizes = sorted(stated);
  return !sizes.empty() && sizes == sorted(found);
}

TensorId add_constant(GraphBuilder& builder, const std::string& name, const LostConstant& constant) {
  if (constant.of_integers) {
    return builder.add_constant(name, {DataType::int64, constant.shape, false},
                                ConstantData::of(constant.integers));
  }
  ConstantData data =
      constant.reals.empty() ? ConstantData{} : ConstantData::of(std::span<const float>(constant.reals));
  return builder.add_constant(name, float_type(constant.shape), std::move(data));
}

/// Of a node by itself the type of its output; absent: it does not fit together.
std::optional<TensorType> result_of(const Translation& translation, const std::vector<TensorType>& inputs) {
  try {
    GraphBuilder builder("");
    builder.set_opset("", kOpset);
    Node node;
    node.op = translation.op;
    node.attributes = translation.attributes;
    for (const TensorType& type : inputs)
      node.inputs.push_back(builder.add_input("x" + std::to_string(node.inputs.size()), type));
    for (const LostConstant& constant : translation.constants) {
      const std::string name = "c" + std::to_string(node.inputs.size());
      node.inputs.push_back(constant.name.empty() ? kNoTensor : add_constant(builder, name, constant));
    }
    const TensorId output = builder.tensor("y");
    node.outputs = {output};
    builder.add_node(std::move(node));
    builder.add_output(output);
    Diagnostics ignored;
    const Graph graph = std::move(builder).build();
    return ops::infer(graph, {}, ignored).types[index(*graph.find_tensor("y"))];
  } catch (const Error&) {
    return std::nullopt;
  }
}

class Reader {
 public:
  Reader(const RawGraph& raw, const std::string& origin, Diagnostics& diagnostics)
      : raw_(raw), origin_(origin), builder_(raw.name, origin), diagnostics_(diagnostics) {}

  Graph graph() {
    refuse_columns();
    builder_.set_opset("", kOpset);
    for (std::size_t i = 0; i < raw_.layers.size(); ++i) {
      places_.emplace(raw_.layers[i].name, i);
      names_.insert(raw_.layers[i].name);
    }
    made_.resize(raw_.layers.size());
    types_.resize(raw_.layers.size());
    read_.resize(raw_.layers.size());
    compare_children();
    for (const std::size_t place : order_by_parents()) add(place);
    add_outputs();
    note_counts();
    return std::move(builder_).build();
  }

 private:
  void refuse_columns() const {
    std::string names;
    std::size_t count = 0;
    for (const std::string& name : columns(raw_)) {
      if (++count <= kMostColumns) names += (names.empty() ? "" : ", ") + name;
    }
    if (count == 0) return;
    throw Error(origin_, "is a template: instead of sizes it has the columns " + names,
                "--dim " + *columns(raw_).begin() + "=N for each of them");
  }

  /// Edges that only one end knows of: ANNETTE walks children, data flow is in parents.
  void compare_children() {
    std::unordered_set<std::string> edges;
    for (const RawLayer& layer : raw_.layers) {
      for (const std::string& child : layer.children) edges.insert(layer.name + '\0' + child);
    }
    const std::size_t listed = edges.size();
    std::size_t missing = 0;
    std::unordered_set<std::string> matched;
    for (const RawLayer& layer : raw_.layers) {
      for (const std::string& parent : layer.parents) {
        const std::string edge = std::string(layer_of(parent)) + '\0' + layer.name;
        if (!edges.contains(edge)) {
          ++missing;
        } else {
          matched.insert(edge);
        }
      }
    }
    const std::size_t extra = listed - matched.size();
    if (missing + extra == 0) return;
    note(Severity::info, "children-disagree",
         std::to_string(missing + extra) +
             " edges stand only in the children or only in the parents of layers; parents are taken",
         "");
  }

  std::vector<std::size_t> order_by_parents() {
    std::vector<std::size_t> open(raw_.layers.size());
    std::vector<std::vector<std::size_t>> readers(raw_.layers.size());
    for (std::size_t i = 0; i < raw_.layers.size(); ++i) {
      for (const std::string& parent : raw_.layers[i].parents) {
        const auto found = places_.find(layer_of(parent));
        if (found == places_.end()) continue;
        ++open[i];
        readers[found->second].push_back(i);
      }
    }
    std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;  // in the file's order
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (open[i] == 0) ready.push(i);
    }
    std::vector<std::size_t> order;
    while (!ready.empty()) {
      order.push_back(ready.top());
      ready.pop();
      for (const std::size_t reader : readers[order.back()]) {
        if (--open[reader] == 0) ready.push(reader);
      }
    }
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (open[i] > 0) throw Error(origin_ + ": " + raw_.layers[i].name, "lies on a cycle, or behind one");
    }
    return order;
  }

  std::optional<Shape> stated_shape(const RawLayer& layer, const char* key) const {
    const Integers* found = sizes(layer, key);
    const bool stated =
        found != nullptr && found->size() > 1 && std::find(found->begin(), found->end(), 0) == found->end();
    if (!stated) return std::nullopt;  // importers wrote [0] and [1] for what they did not know
    return onnx_shape(*found);
  }

  void add(std::size_t place) {
    const RawLayer& layer = raw_.layers[place];
    std::optional<Shape> stated = stated_shape(layer, "output_shape");
    if (layer.type == "DataInput" && layer.parents.empty()) {
      types_[place] = float_type(std::move(stated));
      made_[place] = builder_.add_input(layer.name, types_[place]);
      return;
    }
    std::vector<TensorId> tensors;
    std::vector<TensorType> inputs;
    collect_inputs(layer, tensors, inputs);
    const std::optional<Translation> found = translate(layer, inputs, stated);
    if (found) {
      add_translated(place, *found, std::move(tensors), inputs);
    } else {
      add_opaque(place, std::move(tensors), std::move(stated));
    }
  }

  void collect_inputs(const RawLayer& layer, std::vector<TensorId>& tensors,
                      std::vector<TensorType>& inputs) {
    for (const std::string& parent : layer.parents) {
      const auto found = places_.find(layer_of(parent));
      if (found == places_.end()) {
        note(Severity::warning, "parent-missing", "its parent '" + parent + "' is no layer", layer.name);
        continue;
      }
      read_[found->second] = true;
      tensors.push_back(made_[found->second]);
      inputs.push_back(types_[found->second]);
    }
    if (tensors.empty()) assume_input(layer, tensors, inputs);
  }

  /// A layer that no other feeds, but that says what it reads.
  void assume_input(const RawLayer& layer, std::vector<TensorId>& tensors, std::vector<TensorType>& inputs) {
    note(Severity::warning, "input-assumed", "no layer feeds it", layer.name);
    std::optional<Shape> shape = stated_shape(layer, "input_shape");
    if (!shape) return;
    inputs.push_back(float_type(std::move(shape)));
    tensors.push_back(builder_.add_input(unused(layer.name + "/input"), inputs.back()));
  }

  /// The first translation that comes to the stated shape, or to one like it.
  std::optional<Translation> translate(const RawLayer& layer, const std::vector<TensorType>& inputs,
                                       const std::optional<Shape>& stated) {
    Layer view{layer, {}, stated ? &*stated : nullptr};
    for (const TensorType& type : inputs) {
      if (!type.shape) return std::nullopt;
      view.inputs.push_back(*type.shape);
    }
    std::optional<Translation> alike;
    TensorType type_alike;
    bool first = true;
    for (Translation& candidate : translations(view)) {
      const bool stated_first = std::exchange(first, false);
      const std::optional<TensorType> result = result_of(candidate, read_by(candidate, inputs));
      if (!result || !result->shape) continue;
      if (!stated || agree(*stated, *result->shape)) {
        if (!stated_first) ++refitted_;
        type_ = *result;
        return std::move(candidate);
      }
      if (alike || !resemble(*stated, *result->shape)) continue;
      alike = std::move(candidate);
      type_alike = *result;
    }
    if (alike) type_ = std::move(type_alike);
    return alike;
  }

  static std::vector<TensorType> read_by(const Translation& translation, std::vector<TensorType> inputs) {
    if (inputs.size() > translation.most_inputs) inputs.resize(translation.most_inputs);
    if (translation.flattens)
      inputs[0].shape = Shape{(*inputs[0].shape)[0], translation.constants[0].shape[0]};
    return inputs;
  }

  void add_translated(std::size_t place, const Translation& translation, std::vector<TensorId> tensors,
                      const std::vector<TensorType>& inputs) {
    const RawLayer& layer = raw_.layers[place];
    if (tensors.size() > translation.most_inputs) tensors.resize(translation.most_inputs);
    if (translation.flattens) {
      Node flat;
      flat.op = "Flatten";
      flat.name = unused(layer.name + "/flat");
      flat.inputs = {tensors[0]};
      flat.outputs = {builder_.tensor(flat.name)};
      tensors[0] = flat.outputs[0];
      builder_.set_type(tensors[0],
                        float_type(Shape{(*inputs[0].shape)[0], translation.constants[0].shape[0]}));
      builder_.add_node(std::move(flat));
    }
    Node node;
    node.op = translation.op;
    node.attributes = translation.attributes;
    node.inputs = std::move(tensors);
    for (const LostConstant& constant : translation.constants) {
      node.inputs.push_back(constant.name.empty()
                                ? kNoTensor
                                : add_constant(builder_, unused(layer.name + "/" + constant.name), constant));
      if (constant.name == "operand") ++operands_;
    }
    finish(place, std::move(node), type_);
  }

  /// What ONNX does not have, or what does not fit together.
  void add_opaque(std::size_t place, std::vector<TensorId> tensors, std::optional<Shape> stated) {
    const RawLayer& layer = raw_.layers[place];
    Node node;
    node.op = layer.type == "DataInput" ? "Unknown" : layer.type;
    node.domain = kDomain;
    node.inputs = std::move(tensors);
    if (stated && !all_known(*stated)) stated.reset();
    // Nothing binds the sizes of such a layer's output later on.
    if (stated && !(*stated)[0].is_number()) (*stated)[0] = Dim(1);
    const std::string what = layer.type == "DataInput"
                                 ? "the file does not say what it computes"
                                 : "its type, attributes and shapes fit no operator of ONNX";
    note(Severity::warning, "layer-opaque",
         what + "; it keeps its stated shape, of a batch of 1, and has no work", layer.name);
    finish(place, std::move(node), float_type(std::move(stated)));
  }

  void finish(std::size_t place, Node node, TensorType type) {
    const RawLayer& layer = raw_.layers[place];
    node.name = layer.name;
    if (node.op != layer.type) node.source_op = layer.type;
    made_[place] = builder_.tensor(layer.name);
    node.outputs = {made_[place]};
    builder_.set_type(made_[place], type);
    types_[place] = std::move(type);
    builder_.add_node(std::move(node));
  }

  void add_outputs() {
    bool any = false;
    for (std::size_t i = 0; i < raw_.layers.size(); ++i) {
      if (read_[i]) continue;
      builder_.add_output(made_[i]);
      any = true;
    }
    if (!any) throw Error(origin_, "has no layer that none reads");
  }

  void note_counts() {
    if (operands_ > 0) {
      note(Severity::info, "operand-lost",
           std::to_string(operands_) +
               " layers of two operands have one parent; the other is taken as a number",
           "");
    }
    if (refitted_ > 0) {
      note(Severity::warning, "padding-assumed",
           std::to_string(refitted_) +
               " layers have padding or axes that do not give their shapes; the shapes are taken as right",
           "");
    }
  }

  void note(Severity severity, const char* code, std::string message, const std::string& where) {
    diagnostics_.push_back({severity, code, std::move(message), where});
  }

  std::string unused(const std::string& wanted) {
    std::string name = wanted;
    for (int n = 2; !names_.insert(name).second; ++n) name = wanted + "#" + std::to_string(n);
    return name;
  }

  const RawGraph& raw_;
  const std::string& origin_;
  GraphBuilder builder_;
  Diagnostics& diagnostics_;
  std::unordered_map<std::string_view, std::size_t> places_;
  std::unordered_set<std::string> names_;
  std::vector<TensorId> made_;  // by each layer
  std::vector<TensorType> types_;
  std::vector<bool> read_;
  TensorType type_;  // of the translation found last
  std::size_t operands_ = 0;
  std::size_t refitted_ = 0;
};

}  // namespace

Graph to_graph(const RawGraph& raw, const std::string& origin, Diagnostics& diagnostics) {
  return Reader(raw, origin, diagnostics).graph();
}

}  // namespace foretime::annette
