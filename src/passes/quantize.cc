// Which tensors become integers is decided first, walking the operators in order, as ONNX Runtime's quantiser
// does (onnxruntime/quantization, MIT licence: its registry of operators and what each of them asks for);
// then a QuantizeLinear and a DequantizeLinear are put behind each of these tensors.

#include "passes/quantize.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "passes/fold_normalization.h"
#include "passes/graph_edit.h"
#include "passes/guess_ranges.h"
#include "passes/join_bias.h"
#include "passes/spell_out.h"

namespace foretime::passes {
namespace {

/// What an operator asks for.
enum class Style : std::uint8_t {
  product,     // activations and results; weights by channel, a bias of 32 bits
  arithmetic,  // everything that it reads and writes
  first,       // its first input and its results
  moving,      // if its input is: its result, with the parameters of the input
  splitting,   // its input, and its results with the same parameters
  gathering,   // its table, and its result with the same parameters
  cutting,     // goes away where its input is quantised, for integers end where it cuts
};
struct Row {
  std::string_view op;
  Style style;
  std::int64_t opset = 10;  // that it moves integers since
};
constexpr std::array kRows{
    Row{"Conv", Style::product},
    Row{"ConvTranspose", Style::product},
    Row{"Gemm", Style::product},
    Row{"MatMul", Style::product},
    Row{"Add", Style::arithmetic},
    Row{"Mul", Style::arithmetic},
    Row{"Concat", Style::arithmetic},
    Row{"Sigmoid", Style::arithmetic},
    Row{"LeakyRelu", Style::arithmetic},
    Row{"Softmax", Style::arithmetic},
    Row{"GlobalAveragePool", Style::arithmetic},
    Row{"LayerNormalization", Style::first},
    Row{"InstanceNormalization", Style::first},
    Row{"BatchNormalization", Style::first},
    Row{"Reshape", Style::moving},
    Row{"Transpose", Style::moving},
    Row{"Squeeze", Style::moving},
    Row{"Unsqueeze", Style::moving},
    Row{"Flatten", Style::moving},
    Row{"Slice", Style::moving},
    Row{"AveragePool", Style::moving},
    Row{"MaxPool", Style::moving, 12},
    Row{"Resize", Style::moving, 11},
    Row{"Split", Style::splitting},
    Row{"Gather", Style::gathering},
    Row{"GatherElements", Style::gathering},
    Row{"Relu", Style::cutting},
    Row{"Clip", Style::cutting},
};

const Row* row_of(const Node& node) {
  if (!node.domain.empty()) return nullptr;
  const auto* row =
      std::find_if(kRows.begin(), kRows.end(), [&](const Row& each) { return each.op == node.op; });
  return row == kRows.end() ? nullptr : row;
}

/// Whole numbers, rounded and cut off.
template <typename T>
ConstantData integers_of(const std::vector<double>& values) {
  constexpr double kLow = std::numeric_limits<T>::min();
  constexpr double kHigh = std::numeric_limits<T>::max();
  std::vector<T> integers;
  integers.reserve(values.size());
  for (const double value : values)
    integers.push_back(static_cast<T>(std::clamp(std::nearbyint(value), kLow, kHigh)));
  const auto raw = std::as_bytes(std::span(integers));
  return ConstantData::owning({raw.begin(), raw.end()});
}
ConstantData integers_of(const std::vector<double>& values, DataType type) {
  if (type == DataType::uint8) return integers_of<std::uint8_t>(values);
  return type == DataType::int8 ? integers_of<std::int8_t>(values) : integers_of<std::int32_t>(values);
}

/// Where none is stated.
constexpr std::int64_t kNewest = 1000;
/// Since this opset DequantizeLinear has a scale for each slice along an axis.
constexpr std::int64_t kByChannel = 13;

/// How one tensor is quantised, as numbers and, once somebody needs them, as constants of the graph.
struct Parameters {
  DataType type = DataType::uint8;
  std::vector<float> scales;  // one, or one for each slice along `axis`
  double zero_point = 0;
  std::int64_t axis = -1;  // -1: one scale for all
  TensorId scale = kNoTensor;
  TensorId zero = kNoTensor;
};

class Quantizer {
 public:
  explicit Quantizer(const Graph& graph)
      : edit_(graph),
        readers_(edit_.readers()),
        ranges_(guess_ranges(graph)),
        opset_(graph.opset("") > 0 ? graph.opset("") : kNewest) {}

  Graph run() {
    mark();
    rewrite();
    return std::move(edit_).build();
  }

 private:
  void mark();
  void mark_node(std::size_t place, const Row& row);
  bool remove_cut(std::size_t place);
  bool is_marked(TensorId id) const { return id != kNoTensor && like_.contains(id); }
  bool is_float(TensorId id) const {
    return id != kNoTensor && edit_[id].type.dtype == DataType::float32 && !edit_[id].type.sequence;
  }
  void mark_own(TensorId id) {
    if (is_float(id)) like_.try_emplace(id, id);
  }
  void mark_like(TensorId id, TensorId other) {
    if (is_float(id)) like_[id] = like_[other];
  }
  bool has_weights(const Node& node) const {
    const Row* row = row_of(node);
    return row != nullptr && row->style == Style::product && node.inputs.size() > 1 &&
           edit_.is_constant(node.inputs[1]) && is_float(node.inputs[1]) && edit_[node.inputs[1]].type.shape;
  }

  void rewrite();
  void rewrite_inputs(Node& node);
  void rewrite_weights(Node& node);
  void add_pair(TensorId id, std::optional<std::size_t> producer);
  Parameters& parameters_of(TensorId id);
  Parameters weight_parameters(const Node& node) const;
  // Names by value: those of the graph's tensors move when tensors are added.
  void add_constants(Parameters& parameters, std::string name);
  Node conversion(const std::string& op, TensorId from, TensorId to, const Parameters& parameters,
                  const std::string& name) const;
  TensorId dequantized(TensorId id, Parameters parameters, std::string name);

  GraphEdit edit_;
  std::vector<std::vector<std::size_t>> readers_;
  std::vector<Range> ranges_;
  std::int64_t opset_;
  std::map<TensorId, TensorId> like_;  // tensors to quantise: whose parameters they have
  std::vector<bool> removed_;          // by node
  std::map<TensorId, Parameters> parameters_;
  std::map<TensorId, TensorId> now_;  // what is read instead of a tensor
  std::vector<Node> nodes_;           // rewritten
};

void Quantizer::mark() {
  removed_.assign(edit_.nodes.size(), false);
  for (std::size_t i = 0; i < edit_.nodes.size(); ++i) {
    const Row* row = row_of(edit_.nodes[i]);
    if (row != nullptr && opset_ >= row->opset) mark_node(i, *row);
  }
  if (like_.empty())
    throw Error(edit_.before().name(), "has nothing to quantise", "Conv, Gemm, MatMul, Add, …");
}

void Quantizer::mark_node(std::size_t place, const Row& row) {
  const Node& node = edit_.nodes[place];
  const TensorId in = node.inputs.empty() ? kNoTensor : node.inputs[0];
  switch (row.style) {
    case Style::product:
      mark_own(in);
      if (node.inputs.size() > 1 && !has_weights(node)) mark_own(node.inputs[1]);
      break;
    case Style::arithmetic:
      for (const TensorId id : node.inputs) mark_own(id);
      break;
    case Style::first:
      mark_own(in);
      break;
    case Style::moving:
      if (is_marked(in)) mark_like(node.outputs[0], in);
      return;
    case Style::splitting:
      mark_own(in);
      for (const TensorId id : node.outputs) mark_like(id, in);
      return;
    case Style::gathering:
      if (edit_.is_constant(in)) mark_own(in);
      if (is_marked(in)) mark_like(node.outputs[0], in);
      return;
    case Style::cutting:
      if (!is_marked(in)) return;
      removed_[place] = remove_cut(place);
      break;
  }
  for (const TensorId id : node.outputs) mark_own(id);
}

/// What only the cut reads is written by its producer as the cut's own result.
bool Quantizer::remove_cut(std::size_t place) {
  const TensorId in = edit_.nodes[place].inputs[0];
  const NodeId producer = edit_.before()[in].producer;
  if (producer == kNoNode || removed_[index(producer)] ||
      readers_[index(in)] != std::vector<std::size_t>{place})
    return false;
  Node& before = edit_.nodes[index(producer)];
  std::replace(before.outputs.begin(), before.outputs.end(), in, edit_.nodes[place].outputs[0]);
  like_.erase(in);
  return true;
}

void Quantizer::add_constants(Parameters& parameters, std::string name) {
  if (parameters.scale != kNoTensor) return;
  const std::size_t count = parameters.scales.size();
  const Shape shape = parameters.axis < 0 ? Shape{} : Shape{static_cast<std::int64_t>(count)};
  parameters.scale =
      edit_.add_constant(name + "_scale", {DataType::float32, shape}, ConstantData::of(parameters.scales));
  parameters.zero =
      edit_.add_constant(name + "_zero_point", {parameters.type, shape},
                         integers_of(std::vector<double>(count, parameters.zero_point), parameters.type));
}

Parameters& Quantizer::parameters_of(TensorId id) {
  const TensorId source = like_.at(id);
  Parameters& parameters = parameters_[source];
  if (!parameters.scales.empty()) return parameters;
  const Range& range = ranges_[index(source)];
  constexpr double kSteps = 255;
  const double scale = (range.high - range.low) / kSteps;
  parameters.scales = {static_cast<float>(scale)};
  parameters.zero_point = std::nearbyint(-range.low / scale);
  add_constants(parameters, edit_[source].name);
  return parameters;
}

Node Quantizer::conversion(const std::string& op, TensorId from, TensorId to, const Parameters& parameters,
                           const std::string& name) const {
  Node node;
  node.name = name + "_" + op;
  node.op = op;
  node.inputs = {from, parameters.scale, parameters.zero};
  node.outputs = {to};
  if (parameters.axis >= 0) node.attributes.set("axis", parameters.axis);
  return node;
}

/// A constant as integers, and back in front of whoever reads it. `name`: of the new tensors and of the node.
TensorId Quantizer::dequantized(TensorId id, Parameters parameters, std::string name) {
  const Tensor tensor = edit_[id];
  ConstantData data;
  if (auto values = reals(*tensor.constant, tensor.type, SIZE_MAX)) {
    std::size_t inner = 1;  // values between one slice and the next
    for (std::size_t i = static_cast<std::size_t>(parameters.axis + 1);
         parameters.axis >= 0 && i < tensor.type.shape->size(); ++i)
      inner *= static_cast<std::size_t>((*tensor.type.shape)[i].upper());
    for (std::size_t i = 0; i < values->size(); ++i)
      (*values)[i] =
          (*values)[i] / static_cast<double>(parameters.scales[i / inner % parameters.scales.size()]) +
          parameters.zero_point;
    data = integers_of(*values, parameters.type);
  }
  const TensorId integers =
      edit_.add_constant(name + "_quantized", {parameters.type, tensor.type.shape}, std::move(data));
  add_constants(parameters, name);
  const TensorId result = edit_.add(name + "_DequantizeLinear_Output", tensor.type);
  nodes_.push_back(conversion("DequantizeLinear", integers, result, parameters, name));
  return result;
}

/// The axis of output channels; -1: none.
std::int64_t channel_axis(const Node& node, std::size_t rank) {
  if (node.op == "Conv") return 0;
  if (node.op == "ConvTranspose") return 1;
  if (node.op == "Gemm") return node.attributes.integer("transB", 0) != 0 ? 0 : 1;
  return rank == 2 ? 1 : -1;
}

Parameters Quantizer::weight_parameters(const Node& node) const {
  const Tensor& weight = edit_[node.inputs[1]];
  const Shape& shape = *weight.type.shape;
  Parameters parameters;
  parameters.type = DataType::int8;
  if (opset_ >= kByChannel) parameters.axis = channel_axis(node, shape.size());
  std::size_t channels = 1;
  std::size_t inner = 1;
  for (std::size_t i = 0; parameters.axis >= 0 && i < shape.size(); ++i) {
    const auto size = static_cast<std::size_t>(shape[i].upper());
    if (i == static_cast<std::size_t>(parameters.axis)) channels = size;
    if (i > static_cast<std::size_t>(parameters.axis)) inner *= size;
  }
  std::vector<double> largest(channels, 0);
  if (const auto values = reals(*weight.constant, weight.type, SIZE_MAX)) {
    for (std::size_t i = 0; i < values->size(); ++i) {
      double& most = largest[i / inner % channels];
      most = std::max(most, std::abs((*values)[i]));
    }
  } else {
    // Integers that fill their range will stand for weights whose sums of products have the size of one
    // activation.
    const double products = static_cast<double>(elements_of(shape)) / static_cast<double>(channels);
    std::fill(largest.begin(), largest.end(), std::sqrt(3 / std::max(1.0, products)));
  }
  constexpr double kSteps = 127;
  for (const double most : largest)
    parameters.scales.push_back(static_cast<float>(most > 0 ? most / kSteps : 1));
  return parameters;
}

/// The weights, and a bias in steps of the sums: the product of both scales.
void Quantizer::rewrite_weights(Node& node) {
  const Parameters weight = weight_parameters(node);
  Parameters sum = weight;
  sum.type = DataType::int32;
  if (sum.axis >= 0) sum.axis = 0;
  for (float& scale : sum.scales) scale *= parameters_of(node.inputs[0]).scales[0];
  const std::string name = edit_[node.inputs[1]].name;
  const bool shared = readers_[index(node.inputs[1])].size() > 1;
  node.inputs[1] = dequantized(node.inputs[1], weight, shared ? node.name + "/" + name : name);
  if (node.inputs.size() < 3 || !edit_.is_constant(node.inputs[2]) || !is_float(node.inputs[2])) return;
  const TensorType& bias = edit_[node.inputs[2]].type;
  const bool vector = bias.shape && bias.shape->size() == 1;
  if (vector && node.attributes.real("beta", 1) == 1)
    node.inputs[2] = dequantized(node.inputs[2], sum, node.name + "/" + edit_[node.inputs[2]].name);
}

void Quantizer::rewrite_inputs(Node& node) {
  if (has_weights(node)) rewrite_weights(node);
  for (TensorId& id : node.inputs) {
    if (is_marked(id) && edit_.is_constant(id) && !now_.contains(id))
      now_[id] = dequantized(id, parameters_of(id), edit_[id].name);
    if (const auto found = now_.find(id); found != now_.end()) id = found->second;
  }
}

/// QuantizeLinear and DequantizeLinear behind a tensor of `producer` (its place; none: an input). An output
/// of the graph keeps its name: the integers become numbers again under it.
void Quantizer::add_pair(TensorId id, std::optional<std::size_t> producer) {
  if (!is_marked(id) || readers_[index(id)].empty()) return;
  const Parameters& parameters = parameters_of(id);
  const std::string name = edit_[id].name;
  const TensorType type = edit_[id].type;
  TensorId from = id;
  TensorId to = id;
  if (producer && readers_[index(id)].back() == GraphEdit::kOutside) {
    from = edit_.add(name + "_QuantizeLinear_Input", type);
    std::vector<TensorId>& written = nodes_[*producer].outputs;
    std::replace(written.begin(), written.end(), id, from);
  } else {
    to = edit_.add(name + "_DequantizeLinear_Output", type);
    now_[id] = to;
  }
  const TensorId integers = edit_.add(name + "_QuantizeLinear_Output", {DataType::uint8, type.shape});
  nodes_.push_back(conversion("QuantizeLinear", from, integers, parameters, name));
  nodes_.push_back(conversion("DequantizeLinear", integers, to, parameters, name));
}

void Quantizer::rewrite() {
  for (const TensorId id : edit_.before().inputs()) add_pair(id, std::nullopt);
  for (std::size_t i = 0; i < edit_.nodes.size(); ++i) {
    if (removed_[i]) continue;
    Node node = edit_.nodes[i];
    rewrite_inputs(node);
    const std::vector<TensorId> outputs = node.outputs;
    nodes_.push_back(std::move(node));
    const std::size_t place = nodes_.size() - 1;
    for (const TensorId id : outputs) {
      if (id != kNoTensor) add_pair(id, place);
    }
  }
  edit_.nodes = std::move(nodes_);
}

bool is_quantized(const Node& node) {
  return node.op == "QuantizeLinear" || node.op == "DequantizeLinear" || node.op.starts_with("QLinear");
}

}  // namespace

Graph quantize(const Graph& graph) {
  const std::string& name = graph.name();
  if (std::any_of(graph.nodes().begin(), graph.nodes().end(), is_quantized))
    throw Error(name, "is quantised already", "a network of floats");
  if (graph.opset("tflite") > 0)
    throw Error(name, "keeps its channels last, as TFLite does", "a network of ONNX's operators");
  if (graph.opset("") > 0 && graph.opset("") < 10)
    throw Error(name, "has opset " + std::to_string(graph.opset("")) + ", which cannot quantise",
                "10 or newer");
  return Quantizer(join_bias(fold_normalization(spell_out(graph)))).run();
}

}  // namespace foretime::passes
