#include "formats/nnmeter/graph_reader.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "formats/nnmeter/translate.h"
#include "graph/graph_builder.h"
#include "ops/op_spec.h"

namespace foretime::nnmeter {
namespace {

constexpr std::int64_t kOpset = 17;
constexpr std::size_t kLookAhead = 64;  // inputs that stand between two that nodes make

TensorType float_type(std::optional<Shape> shape) {
  return {DataType::float32, std::move(shape), false};
}

class Reader {
 public:
  Reader(const RawGraph& raw, const std::string& origin, Diagnostics& diagnostics)
      : raw_(raw), builder_("", origin), diagnostics_(diagnostics) {}

  Graph graph() {
    builder_.set_opset("", kOpset);
    declare();
    for (std::size_t i = 0; i < raw_.nodes.size(); ++i) add(i);
    add_outputs();
    note_guesses();
    return std::move(builder_).build();
  }

 private:
  /// What a node makes, and how often each was read.
  struct Made {
    std::vector<TensorId> tensors;
    std::vector<std::size_t> reads;
  };

  void declare() {
    for (const RawNode& node : raw_.nodes) names_.insert(node.name);
    for (std::size_t i = 0; i < raw_.nodes.size(); ++i) {
      const RawNode& node = raw_.nodes[i];
      places_.emplace(node.name, i);
      Made& made = made_.emplace_back();
      const std::size_t count = std::max<std::size_t>(1, node.output_shapes.size());
      for (std::size_t k = 0; k < count; ++k) {
        const TensorId id = builder_.tensor(k == 0 ? node.name : unused(node.name + ":" + std::to_string(k)));
        const bool known = k < node.output_shapes.size();
        builder_.set_type(id, float_type(known ? onnx_shape(node.output_shapes[k]) : std::nullopt));
        made.tensors.push_back(id);
      }
      made.reads.resize(count);
    }
  }

  void add(std::size_t place) {
    const RawNode& raw = raw_.nodes[place];
    if (raw.type == "Placeholder") {
      builder_.add_input(raw.name, builder_[made_[place].tensors[0]].type);
    } else if (raw.type == "Const") {
      add_constant(place);
    } else {
      add_node(place);
    }
  }

  void add_constant(std::size_t place) {
    const RawNode& raw = raw_.nodes[place];
    const TensorType type = builder_[made_[place].tensors[0]].type;
    std::vector<float> values;
    if (const Attribute* held = raw.attributes.find("constant")) {
      if (const auto* reals = std::get_if<std::vector<float>>(held)) values = *reals;
      if (const auto* ints = std::get_if<std::vector<std::int64_t>>(held)) {
        for (const std::int64_t value : *ints) values.push_back(static_cast<float>(value));
      }
    }
    const bool fits = type.shape && std::cmp_equal(elements_of(*type.shape), values.size());
    builder_.add_constant(raw.name, type,
                          fits ? ConstantData::of(std::span<const float>(values)) : ConstantData{});
  }

  void add_node(std::size_t place) {
    const RawNode& raw = raw_.nodes[place];
    std::vector<TensorId> made = inputs_from_nodes(raw);
    Translation translation = translate(raw, made.size());
    Node node;
    node.name = raw.name;
    node.op = translation.op;
    node.attributes = std::move(translation.attributes);
    if (raw.type != node.op) node.source_op = raw.type;
    node.outputs = made_[place].tensors;
    node.inputs = std::move(made);
    if (node.inputs.size() > translation.most_inputs) node.inputs.resize(translation.most_inputs);
    fill_gaps(raw, node);
    for (LostConstant& constant : translation.constants) node.inputs.push_back(add_lost(raw.name, constant));
    builder_.add_node(std::move(node));
  }

  /// For each input the tensor of a node, or kNoTensor. Inbounds stand in the order of the inputs, with gaps
  /// where an input is a constant or comes from outside, which its shape shows.
  std::vector<TensorId> inputs_from_nodes(const RawNode& raw) {
    std::vector<TensorId> inputs(raw.input_shapes.size(), kNoTensor);
    std::size_t next = 0;
    for (const std::string& name : raw.inbounds) {
      const auto producer = places_.find(name);
      if (producer == places_.end()) continue;
      const std::size_t at = input_fed_by(raw, raw_.nodes[producer->second], next);
      if (at >= inputs.size()) inputs.resize(at + 1, kNoTensor);
      inputs[at] =
          output_for(producer->second, at < raw.input_shapes.size() ? &raw.input_shapes[at] : nullptr);
      next = at + 1;
    }
    if (inputs.empty()) inputs.push_back(kNoTensor);
    return inputs;
  }

  static std::size_t input_fed_by(const RawNode& raw, const RawNode& producer, std::size_t next) {
    const std::size_t end = std::min(raw.input_shapes.size(), next + kLookAhead);
    for (std::size_t at = next; at < end; ++at) {
      const auto& shapes = producer.output_shapes;
      const std::size_t compared = std::min(shapes.size(), kLookAhead);
      const auto last = shapes.begin() + static_cast<std::ptrdiff_t>(compared);
      if (std::find(shapes.begin(), last, raw.input_shapes[at]) != last) return at;
    }
    return next;
  }

  /// Of several outputs one that has the shape and was read least.
  TensorId output_for(std::size_t producer, const RawShape* shape) {
    Made& made = made_[producer];
    const auto& shapes = raw_.nodes[producer].output_shapes;
    std::size_t best = 0;
    for (std::size_t i = 0; i < std::min(made.tensors.size(), kLookAhead); ++i) {
      const bool fits = shape == nullptr || i >= shapes.size() || shapes[i] == *shape;
      const bool best_fits = shape == nullptr || best >= shapes.size() || shapes[best] == *shape;
      if (fits && (!best_fits || made.reads[i] < made.reads[best])) best = i;
    }
    ++made.reads[best];
    return made.tensors[best];
  }

  /// Inputs that no node makes: of a node without producers the first that is no table comes from outside,
  /// all others are constants.
  void fill_gaps(const RawNode& raw, Node& node) {
    const bool starts =
        std::all_of(node.inputs.begin(), node.inputs.end(), [](TensorId id) { return id == kNoTensor; });
    const ops::OpSpec* spec = ops::find_spec("", node.op);
    const std::size_t outside = spec != nullptr && spec->role(0) == 't' && node.inputs.size() > 1 ? 1 : 0;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if (node.inputs[i] != kNoTensor) continue;
      const RawShape* shape = i < raw.input_shapes.size() ? &raw.input_shapes[i] : nullptr;
      const bool integers = spec != nullptr && spec->role(i) == 'i' && node.op != "Clip";
      const DataType dtype = integers ? DataType::int64 : DataType::float32;
      if (i == outside && starts) {
        node.inputs[i] = graph_input(dtype, shape);
      } else if (shape != nullptr) {
        const std::string name = unused(raw.name + "/" + std::to_string(i));
        node.inputs[i] = builder_.add_constant(name, {dtype, onnx_shape(*shape), false}, ConstantData{});
        ++guessed_constants_;
      }
    }
  }

  TensorId graph_input(DataType dtype, const RawShape* shape) {
    const std::pair key(dtype, shape == nullptr ? RawShape{-2} : *shape);
    const auto [known, is_new] = inputs_.try_emplace(key, kNoTensor);
    if (!is_new) return known->second;
    const std::string name = unused(inputs_.size() == 1 ? "input" : "input" + std::to_string(inputs_.size()));
    const TensorType type{dtype, shape == nullptr ? std::nullopt : onnx_shape(*shape), false};
    return known->second = builder_.add_input(name, type);
  }

  TensorId add_lost(const std::string& node, const LostConstant& constant) {
    const std::string name = unused(node + "/" + constant.name);
    if (constant.of_integers) {
      return builder_.add_constant(name, {DataType::int64, constant.shape, false},
                                   ConstantData::of(constant.integers));
    }
    ConstantData data =
        constant.reals.empty() ? ConstantData{} : ConstantData::of(std::span<const float>(constant.reals));
    return builder_.add_constant(name, float_type(constant.shape), std::move(data));
  }

  void add_outputs() {
    std::size_t outputs = 0;
    for (std::size_t i = 0; i < raw_.nodes.size(); ++i) {
      const std::string& type = raw_.nodes[i].type;
      if (type == "Const" || type == "Placeholder") continue;
      if (std::any_of(made_[i].reads.begin(), made_[i].reads.end(), [](std::size_t n) { return n > 0; }))
        continue;
      builder_.add_output(made_[i].tensors[0]);
      ++outputs;
    }
    if (outputs == 0 && !made_.empty()) builder_.add_output(made_.back().tensors[0]);
  }

  void note_guesses() {
    if (guessed_constants_ == 0 && inputs_.empty()) return;
    diagnostics_.push_back({Severity::info, "inputs-assumed",
                            "nn-Meter's files do not say where inputs come from that no node makes: " +
                                std::to_string(guessed_constants_) + " of them are taken as constants, " +
                                std::to_string(inputs_.size()) + " as inputs of the network",
                            ""});
  }

  std::string unused(const std::string& wanted) {
    std::string name = wanted;
    for (int n = 2; !names_.insert(name).second; ++n) name = wanted + "#" + std::to_string(n);
    return name;
  }

  const RawGraph& raw_;
  GraphBuilder builder_;
  Diagnostics& diagnostics_;
  std::unordered_map<std::string_view, std::size_t> places_;
  std::unordered_set<std::string> names_;  // of tensors
  std::vector<Made> made_;
  std::map<std::pair<DataType, RawShape>, TensorId> inputs_;
  std::size_t guessed_constants_ = 0;
};

}  // namespace

Graph to_graph(const RawGraph& raw, const std::string& origin, Diagnostics& diagnostics) {
  return Reader(raw, origin, diagnostics).graph();
}

}  // namespace foretime::nnmeter
