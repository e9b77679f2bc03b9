#include "analysis/module_calls.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string_view>

#include "ops/op_spec.h"

namespace foretime::analysis {
namespace {

/// timm's normalisation with activation holds modules itself, so it is no leaf; the activation in it is.
constexpr std::string_view kInnerClass = "BatchNormAct2d";

/// The class a node comes from when an exporter wrote it.
struct NodeClass {
  std::string_view op;
  std::string_view type;
  bool ranked = false;  // the class's name ends in the number of spatial axes
};

/// Operators that are not here come from functional calls (Add, Concat, Reshape, Resize, …).
constexpr std::array<NodeClass, 44> kClasses = {{
    {"AveragePool", "AvgPool", true},
    {"BatchNormalization", "BatchNorm", true},
    {"Celu", "CELU"},
    {"Conv", "Conv", true},
    {"ConvInteger", "Conv", true},
    {"ConvTranspose", "ConvTranspose", true},
    {"DepthToSpace", "PixelShuffle"},
    {"Dropout", "Dropout"},
    {"Elu", "ELU"},
    {"FusedConv", "Conv", true},
    {"FusedGemm", "Linear"},
    {"GRU", "GRU"},
    {"Gather", "Embedding"},
    {"Gelu", "GELU"},
    {"Gemm", "Linear"},
    {"GlobalAveragePool", "AdaptiveAvgPool", true},
    {"GlobalMaxPool", "AdaptiveMaxPool", true},
    {"GroupNormalization", "GroupNorm"},
    {"HardSigmoid", "Hardsigmoid"},
    {"HardSwish", "Hardswish"},
    {"Identity", "Identity"},
    {"InstanceNormalization", "InstanceNorm", true},
    {"LRN", "LocalResponseNorm"},
    {"LSTM", "LSTM"},
    {"LayerNormalization", "LayerNorm"},
    {"LeakyRelu", "LeakyReLU"},
    {"LogSoftmax", "LogSoftmax"},
    {"MatMul", "Linear"},
    {"MaxPool", "MaxPool", true},
    {"Mish", "Mish"},
    {"PRelu", "PReLU"},
    {"QLinearConv", "Conv", true},
    {"RMSNormalization", "RMSNorm"},
    {"RNN", "RNN"},
    {"Relu", "ReLU"},
    {"Selu", "SELU"},
    {"Sigmoid", "Sigmoid"},
    {"Softmax", "Softmax"},
    {"Softplus", "Softplus"},
    {"Softsign", "Softsign"},
    {"SpaceToDepth", "PixelUnshuffle"},
    {"Swish", "SiLU"},
    {"Tanh", "Tanh"},
    {"ThresholdedRelu", "Threshold"},
}};

bool is_constant(const Graph& graph, const Node& node, std::size_t input) {
  return input < node.inputs.size() && node.inputs[input] != kNoTensor &&
         graph[node.inputs[input]].constant != nullptr;
}

/// A bound of Clip: an attribute up to operator set 10, an input since.
std::optional<double> bound(const Graph& graph, const Node& node, std::string_view name, std::size_t input) {
  if (node.attributes.has(name)) return node.attributes.real(name, 0);
  if (!is_constant(graph, node, input)) return std::nullopt;
  const Tensor& tensor = graph[node.inputs[input]];
  const auto values = reals(*tensor.constant, tensor.type, 1);
  return values && values->size() == 1 ? std::optional(values->front()) : std::nullopt;
}

bool is_relu6(const Graph& graph, const Node& node) {
  return bound(graph, node, "min", 1) == 0.0 && bound(graph, node, "max", 2) == 6.0;
}

/// "Conv" and an input of four axes are "Conv2d"; a batch of vectors has 1d modules, too.
std::string ranked(const Graph& graph, const Node& node, std::string_view type) {
  const TensorId input = node.inputs.empty() ? kNoTensor : node.inputs[0];
  if (input == kNoTensor || !graph[input].type.shape) return std::string(type);
  const std::size_t rank = std::max<std::size_t>(3, graph[input].type.shape->size());
  return std::string(type) + std::to_string(rank - 2) + "d";
}

/// Empty: the node comes from no module.
std::string class_of(const Graph& graph, const Node& node) {
  if (ops::find_spec(node.domain, node.op) == nullptr) return {};
  if (node.op == "Clip") return is_relu6(graph, node) ? "ReLU6" : "Hardtanh";
  const auto found = std::find_if(kClasses.begin(), kClasses.end(),
                                  [&](const NodeClass& each) { return each.op == node.op; });
  if (found == kClasses.end()) return {};
  if (found->type == "Linear" && !is_constant(graph, node, 1)) return {};     // of two activations
  if (found->type == "Embedding" && !is_constant(graph, node, 0)) return {};  // picks from an activation
  return found->ranked ? ranked(graph, node, found->type) : std::string(found->type);
}

std::vector<ModuleCall> calls_of_zoo(const Graph& graph, Diagnostics& diagnostics) {
  std::vector<ModuleCall> calls;
  std::size_t inner = 0;
  const std::span<const Node> nodes = graph.nodes();
  std::size_t end = 0;
  for (std::size_t begin = 0; begin < nodes.size(); begin = end) {
    const Node& first = nodes[begin];
    end = begin + 1;
    if (first.module_path.empty()) continue;
    while (end < nodes.size() && nodes[end].module_path == first.module_path) ++end;
    if (first.source_op == kInnerClass) {
      ++inner;
    } else {
      calls.push_back({first.module_path, first.source_op, nodes.subspan(begin, end - begin)});
    }
  }
  if (inner > 0) {
    diagnostics.push_back({Severity::info, "rules-inner-modules",
                           std::to_string(inner) + " calls of " + std::string(kInnerClass) +
                               " have no row, as its modules are counted instead",
                           graph.name()});
  }
  return calls;
}

std::string joined(const std::map<std::string, int>& counts) {
  std::string text;
  for (const auto& [op, count] : counts) {
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + op;
  }
  return text;
}

std::vector<ModuleCall> calls_by_node(const Graph& graph, Diagnostics& diagnostics) {
  std::vector<ModuleCall> calls;
  std::map<std::string, int> left_out;
  for (const Node& node : graph.nodes()) {
    std::string type = class_of(graph, node);
    if (type.empty()) {
      ++left_out[node.op];
    } else {
      calls.push_back({node.name, std::move(type), {&node, 1}});
    }
  }
  std::string message = "the file does not say which modules were called; each node counts as one call";
  if (!left_out.empty()) message += ", but those that no module makes: " + joined(left_out);
  diagnostics.push_back({Severity::info, "rules-by-node", std::move(message), graph.name()});
  return calls;
}

/// The network was built here, and nothing has taken the names of its modules since.
bool knows_modules(const Graph& graph) {
  const auto metadata = graph.metadata();
  const auto nodes = graph.nodes();
  return std::any_of(metadata.begin(), metadata.end(),
                     [](const auto& entry) { return entry.first == "zoo"; }) &&
         std::any_of(nodes.begin(), nodes.end(),
                     [](const Node& node) { return !node.module_path.empty() && !node.source_op.empty(); });
}

}  // namespace

std::vector<ModuleCall> module_calls(const Graph& graph, Diagnostics& diagnostics) {
  return knows_modules(graph) ? calls_of_zoo(graph, diagnostics) : calls_by_node(graph, diagnostics);
}

}  // namespace foretime::analysis
