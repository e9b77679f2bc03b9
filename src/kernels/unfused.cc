#include <algorithm>
#include <array>
#include <utility>

#include "kernels/kernel_graph.h"
#include "ops/op_spec.h"
#include "ops/views.h"

namespace foretime {
namespace {

/// Operators by kernel class; convolutions are told apart by their view, the rest by the operator's family.
constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kByOp = {{
    {"LSTM", "recurrent"},
    {"GRU", "recurrent"},
    {"RNN", "recurrent"},
    {"DynamicQuantizeLSTM", "recurrent"},
    {"Softmax", "softmax"},
    {"LogSoftmax", "softmax"},
    {"Exp", "transcendental"},
    {"Log", "transcendental"},
    {"Tanh", "transcendental"},
    {"Sigmoid", "transcendental"},
    {"Erf", "transcendental"},
    {"Gelu", "transcendental"},
    {"Softplus", "transcendental"},
}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kByFamily = {{
    {"pooling", "pool"},
    {"normalization", "normalization"},
    {"reduction", "reduce"},
    {"elementwise", "elementwise"},
    {"matmul", "gemm"},
    {"attention", "gemm"},
}};

std::string_view class_of(const analysis::Layer& layer, const ops::OpSpec* spec) {
  if (spec == nullptr) return "other";
  if (const auto conv = ops::conv_view(*layer.graph, *layer.node)) {
    if (conv->transposed) return "conv_transpose";
    return conv->depthwise() ? "depthwise_conv" : "conv";
  }
  const auto named = [](std::string_view name) {
    return [name](const auto& row) { return row.first == name; };
  };
  if (const auto found = std::find_if(kByOp.begin(), kByOp.end(), named(spec->name)); found != kByOp.end()) {
    return found->second;
  }
  const std::string_view family = ops::family_of(*spec);
  if (const auto found = std::find_if(kByFamily.begin(), kByFamily.end(), named(family));
      found != kByFamily.end()) {
    return found->second;
  }
  const bool moves = layer.work && layer.work->flops.value == 0;
  return moves ? "data_movement" : "other";
}

void add_elements(const TensorType& type, Kernel& kernel, std::int64_t& floats) {
  if (!type.shape) {
    kernel.sized = false;
    return;
  }
  const std::int64_t elements = elements_of(*type.shape);
  if (elements == kSaturated) {
    kernel.sized = false;
  } else if (is_float(type.dtype)) {
    floats = saturating_add(floats, elements);
  } else {
    kernel.other_bytes = saturating_add(kernel.other_bytes, bytes_of(type.dtype, elements));
  }
}

/// What a layer moves: its traffic's rule, in elements. A Gather reads no more than it writes.
void add_traffic(const analysis::Layer& layer, const ops::OpSpec* spec, Kernel& kernel) {
  const Graph& graph = *layer.graph;
  const bool gathers = spec != nullptr && spec->traffic == ops::Traffic::gathers;
  for (const TensorId output : layer.node->outputs) {
    if (output != kNoTensor) add_elements(graph[output].type, kernel, kernel.activation_elements);
  }
  for (std::size_t i = 0; i < layer.node->inputs.size(); ++i) {
    const TensorId input = layer.node->inputs[i];
    if (input == kNoTensor) continue;
    const bool first = gathers && i == 0;
    const Tensor& tensor =
        first && !layer.node->outputs.empty() ? graph[layer.node->outputs[0]] : graph[input];
    const bool constant = graph[input].constant != nullptr;
    add_elements(tensor.type, kernel, constant ? kernel.weight_elements : kernel.activation_elements);
  }
  for (std::int64_t* amount : {&kernel.activation_elements, &kernel.weight_elements, &kernel.other_bytes}) {
    *amount = saturating_mul(*amount, layer.repetitions);
  }
}

}  // namespace

KernelGraph unfused(const analysis::Costs& costs) {
  KernelGraph graph;
  for (const analysis::Layer& layer : costs.layers) {
    const ops::OpSpec* spec = ops::find_spec(layer.node->domain, layer.node->op);
    Kernel kernel;
    kernel.name = layer.name;
    kernel.members = {layer.name};
    kernel.op = layer.node->op;
    kernel.work = layer.work;
    const bool nothing =
        spec != nullptr && (spec->traffic == ops::Traffic::view || spec->traffic == ops::Traffic::metadata);
    if (nothing || !layer.node->subgraphs.empty()) {
      kernel.kind = "none";
    } else {
      kernel.kind = class_of(layer, spec);
      add_traffic(layer, spec, kernel);
    }
    graph.kernels.push_back(std::move(kernel));
  }
  return graph;
}

}  // namespace foretime
