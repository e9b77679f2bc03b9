#include "kernels/operators.h"

#include <algorithm>
#include <utility>

#include "ops/conv_layout.h"
#include "ops/views.h"

namespace foretime {
namespace {

/// Operators whose kind their family does not tell.
constexpr std::array<std::pair<std::string_view, Kind>, 39> kByOp = {{
    {"LSTM", Kind::recurrent},
    {"GRU", Kind::recurrent},
    {"RNN", Kind::recurrent},
    {"DynamicQuantizeLSTM", Kind::recurrent},
    {"Softmax", Kind::softmax},
    {"LogSoftmax", Kind::softmax},
    {"Exp", Kind::transcendental},
    {"Log", Kind::transcendental},
    {"Tanh", Kind::transcendental},
    {"Sigmoid", Kind::transcendental},
    {"Erf", Kind::transcendental},
    {"Gelu", Kind::transcendental},
    {"FastGelu", Kind::transcendental},
    {"QuickGelu", Kind::transcendental},
    {"Swish", Kind::transcendental},
    {"Mish", Kind::transcendental},
    {"Elu", Kind::transcendental},
    {"Celu", Kind::transcendental},
    {"Selu", Kind::transcendental},
    {"Softplus", Kind::transcendental},
    {"MaxPool", Kind::max_pool},
    {"AveragePool", Kind::average_pool},
    {"GlobalAveragePool", Kind::global_pool},
    {"GlobalMaxPool", Kind::global_pool},
    {"Concat", Kind::concat},
    {"Split", Kind::split},
    {"Slice", Kind::split},
    {"Transpose", Kind::transpose},
    {"Reshape", Kind::reshape},
    {"Flatten", Kind::reshape},
    {"Squeeze", Kind::reshape},
    {"Unsqueeze", Kind::reshape},
    {"Identity", Kind::none},
    {"Dropout", Kind::none},
    {"Shape", Kind::none},
    {"Size", Kind::none},
    {"ReduceMean", Kind::reduce},
    {"QuantizeLinear", Kind::elementwise},
    {"DequantizeLinear", Kind::elementwise},
}};

constexpr std::array<std::pair<std::string_view, Kind>, 6> kByFamily = {{
    {"pooling", Kind::average_pool},
    {"normalization", Kind::normalization},
    {"reduction", Kind::reduce},
    {"elementwise", Kind::elementwise},
    {"matmul", Kind::matmul},
    {"attention", Kind::matmul},
}};

/// Blocks of rules.
constexpr std::array kBlocks{
    BlockInfo{"HardSwish", Kind::elementwise, kHardSwish},
    BlockInfo{"hard_swish", Kind::elementwise, kHardSwish},
    BlockInfo{"hard_sigmoid", Kind::elementwise, kHardSigmoid},
    BlockInfo{"hard_gate", Kind::elementwise, kHardSigmoid},
    BlockInfo{"mish", Kind::transcendental, kTranscendental},
    BlockInfo{"silu", Kind::transcendental, kTranscendental},
    BlockInfo{"gelu", Kind::transcendental, kTranscendental},
    BlockInfo{"gelu_steps", Kind::transcendental, kTranscendental},
    BlockInfo{"layer_norm", Kind::normalization, 0},
    BlockInfo{"rms_norm", Kind::normalization, 0},
    BlockInfo{"rms_norm_steps", Kind::normalization, 0},
    BlockInfo{"channel_shuffle", Kind::transpose, 0},
};

/// The numbers are features of learnt models: new ones go to the end.
constexpr std::array<std::string_view, 70> kOperations = {"Add",
                                                          "Sub",
                                                          "Mul",
                                                          "Div",
                                                          "Pow",
                                                          "Sqrt",
                                                          "Erf",
                                                          "Exp",
                                                          "Log",
                                                          "Tanh",
                                                          "Sigmoid",
                                                          "Gelu",
                                                          "gelu",
                                                          "silu",
                                                          "hard_swish",
                                                          "Relu",
                                                          "Clip",
                                                          "LeakyRelu",
                                                          "PRelu",
                                                          "HardSwish",
                                                          "HardSigmoid",
                                                          "Softplus",
                                                          "Mish",
                                                          "Elu",
                                                          "Neg",
                                                          "Abs",
                                                          "Reciprocal",
                                                          "Sin",
                                                          "Cos",
                                                          "Where",
                                                          "Equal",
                                                          "Cast",
                                                          "Expand",
                                                          "Gather",
                                                          "Slice",
                                                          "Split",
                                                          "Pad",
                                                          "Resize",
                                                          "Upsample",
                                                          "DepthToSpace",
                                                          "SpaceToDepth",
                                                          "Tile",
                                                          "TopK",
                                                          "CumSum",
                                                          "Einsum",
                                                          "GridSample",
                                                          "ScatterND",
                                                          "GatherND",
                                                          "GatherElements",
                                                          "LSTM",
                                                          "GRU",
                                                          "RNN",
                                                          "layer_norm",
                                                          "LayerNormalization",
                                                          "BatchNormalization",
                                                          "InstanceNormalization",
                                                          "GroupNormalization",
                                                          "LpNormalization",
                                                          "LRN",
                                                          "SimplifiedLayerNormalization",
                                                          "MultiHeadAttention",
                                                          "Attention",
                                                          "QuantizeLinear",
                                                          "DequantizeLinear",
                                                          "mish",
                                                          "hard_gate",
                                                          "gelu_steps",
                                                          "rms_norm",
                                                          "rms_norm_steps",
                                                          "NonZero"};

template <typename Table>
const typename Table::value_type* lookup(const Table& table, std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const auto& row) {
    if constexpr (requires { row.name; }) {
      return row.name == name;
    } else {
      return row.first == name;
    }
  });
  return found == table.end() ? nullptr : &*found;
}

std::uint8_t activation_of(std::string_view op, Kind kind) {
  if (op == "HardSwish") return kHardSwish;
  if (op == "HardSigmoid") return kHardSigmoid;
  if (op == "Relu" || op == "Clip" || op == "LeakyRelu" || op == "PRelu" || op == "ThresholdedRelu")
    return kRelu;
  return kind == Kind::transcendental ? kTranscendental : 0;
}

/// The kind of all nodes of an operator; of those that kind_of looks at, the one that most have.
Kind kind_by_name(const Operator& op) {
  if (op.spec == nullptr) return Kind::other;
  if (op.conv) return op.op == "ConvTranspose" ? Kind::conv_transpose : Kind::conv;
  if (op.gemm) return Kind::gemm;
  if (const auto* row = lookup(kByOp, op.spec->name)) return row->second;
  if (const auto* row = lookup(kByFamily, ops::family_of(*op.spec))) return row->second;
  const bool moves_nothing =
      op.spec->traffic == ops::Traffic::view || op.spec->traffic == ops::Traffic::metadata;
  return moves_nothing ? Kind::none : Kind::other;
}

}  // namespace

const Word& Words::operator[](std::string_view name) const {
  static const Word kNothing;
  const auto found = words_.find(name);
  return found == words_.end() ? kNothing : found->second;
}

const Operator& Operators::look_up(const Node& node) {
  const auto [at, fresh] = all_.try_emplace({node.op, node.domain});
  Operator& op = at->second;
  if (!fresh) return op;
  op.op = node.op;
  op.domain = node.domain;
  op.spec = ops::find_spec(node.domain, node.op);
  op.word = &words_[node.op];
  op.conv = ops::is_conv(node);
  op.gemm = ops::is_gemm(node);
  op.kind = kind_by_name(op);
  op.activation = activation_of(node.op, op.kind);
  op.quantize = node.op == "QuantizeLinear";
  op.dequantize = node.op == "DequantizeLinear";
  op.cut = node.op == "Relu" || node.op == "Clip";
  op.add = node.op == "Add";
  op.mul = node.op == "Mul";
  op.operation = operation_of(node.op);
  op.gathers = op.spec != nullptr && op.spec->traffic == ops::Traffic::gathers;
  return op;
}

std::uint8_t operation_of(std::string_view name) {
  const auto* found = std::find(kOperations.begin(), kOperations.end(), name);
  return found == kOperations.end() ? 0 : static_cast<std::uint8_t>(found - kOperations.begin() + 1);
}

BlockInfo block_info(std::string_view name) {
  if (const BlockInfo* block = lookup(kBlocks, name)) return *block;
  for (const KindInfo& kind : kinds()) {
    if (kind.name == name) return {name, kind.kind, 0};
  }
  return {name, Kind::other, 0};
}

namespace {

/// x · 1, x / 1, x + 0 or x − 0, as untrained networks have them, or x as what it is: no runtime computes
/// that.
bool changes_nothing(const Graph& graph, const Node& node) {
  if (node.op == "Cast") {
    if (node.inputs.size() != 1 || node.outputs.size() != 1 || node.inputs[0] == kNoTensor) return false;
    const DataType dtype = graph[node.inputs[0]].type.dtype;
    return dtype != DataType::undefined && dtype == graph[node.outputs[0]].type.dtype;
  }
  const bool product = node.op == "Mul" || node.op == "Div";
  if ((!product && node.op != "Add" && node.op != "Sub") || node.inputs.size() != 2) return false;
  const auto is_neutral = [&](TensorId id) {
    if (id == kNoTensor || graph[id].constant == nullptr) return false;
    const auto values = reals(*graph[id].constant, graph[id].type, 1);
    return values && values->size() == 1 && values->front() == (product ? 1 : 0);
  };
  const bool either = node.op == "Mul" || node.op == "Add";
  return is_neutral(node.inputs[1]) || (either && is_neutral(node.inputs[0]));
}

}  // namespace

Kind kind_of(const analysis::LayerNode& layer, const Operator& op) {
  const Node& node = *layer.node;
  const Graph& graph = *layer.graph;
  if (!node.subgraphs.empty()) return Kind::none;
  if (op.spec == nullptr) return Kind::other;
  switch (op.kind) {
    case Kind::conv: {
      // Only grouped ones need a closer look.
      const bool grouped = node.attributes.integer("group", 1) > 1;
      const auto conv = grouped ? ops::conv_view(graph, node) : std::nullopt;
      return conv && conv->depthwise() ? Kind::depthwise_conv : Kind::conv;
    }
    case Kind::gemm: {
      const auto constant = [&](TensorId id) { return id != kNoTensor && graph[id].constant != nullptr; };
      return std::any_of(node.inputs.begin(), node.inputs.end(), constant) ? Kind::gemm : Kind::matmul;
    }
    case Kind::reduce: {
      // A mean over the image is what others call global pooling.
      if (op.spec->name != "ReduceMean") return Kind::reduce;
      const auto in = ops::input_sizes(graph, node, 0);
      const auto out = ops::output_sizes(graph, node, 0);
      const bool image = in && out && in->size() == 4;
      const std::size_t channel = ops::keeps_channels_last(*layer.graph) ? 3 : 1;
      return image && ops::product(*out) == (*in)[0] * (*in)[channel] ? Kind::global_pool : Kind::reduce;
    }
    case Kind::elementwise:
      return changes_nothing(graph, node) ? Kind::none : Kind::elementwise;
    case Kind::other: {
      const auto work = op.spec->work(graph, node);
      return work && (work->flops * layer.repetitions).value == 0 ? Kind::data_movement : Kind::other;
    }
    default:
      return op.kind;
  }
}

}  // namespace foretime
