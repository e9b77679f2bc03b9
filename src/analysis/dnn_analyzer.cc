// The counting rules of DNN analyzer, kept with their errors so that published figures can be compared.
//
// Words: a row is a call of a leaf module; N is the first size of its input, E(t) the elements of t, P the
// learnt elements of the module. The rules ask for the class of the module, never for the operator, since
// they were written as tests of classes; a subclass falls under its parent's rule.

#include "analysis/dnn_analyzer.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "base/checked.h"
#include "ops/op_spec.h"
#include "ops/views.h"

namespace foretime::analysis {
namespace {

using Sizes = std::vector<std::int64_t>;

/// A call with all sizes known.
struct Call {
  const Graph& graph;
  const AnalyzerRow& row;
  Sizes in;
  Sizes out;
  std::int64_t parameters;

  std::int64_t batch() const { return size(in, 0); }
  std::int64_t in_elements() const { return ops::product(in); }
  std::int64_t out_elements() const { return ops::product(out); }
  /// 1 for an axis that is not there.
  static std::int64_t size(const Sizes& sizes, std::size_t axis) {
    return axis < sizes.size() ? sizes[axis] : 1;
  }
};

/// MACs, and elements read and written.
struct Counted {
  double macs = 0;
  std::int64_t read = 0;
  std::int64_t written = 0;
};

Counted activation(const Call& call) {
  const std::int64_t elements = call.in_elements();
  return {static_cast<double>(elements), elements, elements};
}

Counted prelu(const Call& call) {
  Counted counted = activation(call);
  counted.read = saturating_add(counted.read, call.parameters);
  return counted;
}

/// One- and three-dimensional convolutions: weights are read anew for every sample, MACs are not known.
Counted conv_traffic(const Call& call) {
  const std::int64_t weights = saturating_mul(call.batch(), call.parameters);
  return {0, saturating_add(call.in_elements(), weights), call.out_elements()};
}

/// N · kh·kw · Cin · (Ho/sy)·(Wo/sx) · ⌊Cout/groups⌋: divides by the strides once too often.
Counted conv_2d(const Call& call) {
  Counted counted = conv_traffic(call);
  for (const Node& node : call.row.call.nodes) {
    const auto view = ops::conv_view(call.graph, node);
    if (!view || view->transposed) continue;
    double macs = static_cast<double>(view->batch) * static_cast<double>(view->in_channels) *
                  static_cast<double>(view->out_channels / std::max<std::int64_t>(1, view->groups));
    for (std::size_t axis = 0; axis < view->kernel.size(); ++axis) {
      macs *= static_cast<double>(view->kernel[axis]);
      macs *= static_cast<double>(view->output[axis]) / static_cast<double>(view->strides[axis]);
    }
    counted.macs += macs;
  }
  return counted;
}

Counted pool(const Call& call) {
  return {static_cast<double>(call.in_elements()), call.in_elements(), call.out_elements()};
}

/// Reads two values per channel for every sample, also where there is no scale and no offset.
Counted batch_norm(const Call& call) {
  const double per_element = call.parameters > 0 ? 2 : 1;
  const std::int64_t scales = saturating_mul(saturating_mul(2, call.batch()), Call::size(call.in, 1));
  return {static_cast<double>(call.in_elements()) * per_element, saturating_add(call.out_elements(), scales),
          call.out_elements()};
}

/// Multiplies second sizes, whatever the number of axes, and reads the output's later samples as its input.
Counted linear(const Call& call) {
  const std::int64_t first_sample = call.out_elements() / std::max<std::int64_t>(1, Call::size(call.out, 0));
  const std::int64_t read = saturating_add(call.out_elements() - first_sample, call.parameters);
  const double macs = static_cast<double>(call.batch()) * static_cast<double>(Call::size(call.in, 1)) *
                      static_cast<double>(Call::size(call.out, 1));
  return {macs, saturating_mul(call.batch(), read), call.out_elements()};
}

struct Rule {
  std::string_view type;
  Counted (*count)(const Call&);
};

/// Every class with a rule; all others count as nothing but parameters and output.
constexpr std::array<Rule, 24> kRules = {{
    {"ReLU", activation},        {"ReLU6", activation},
    {"LeakyReLU", activation},   {"PReLU", prelu},
    {"Conv1d", conv_traffic},    {"Conv2d", conv_2d},
    {"Conv2dSame", conv_2d},     {"Conv3d", conv_traffic},
    {"MaxPool1d", pool},         {"MaxPool2d", pool},
    {"MaxPool3d", pool},         {"AvgPool1d", pool},
    {"AvgPool2d", pool},         {"AvgPool3d", pool},
    {"AdaptiveMaxPool1d", pool}, {"AdaptiveMaxPool2d", pool},
    {"AdaptiveMaxPool3d", pool}, {"AdaptiveAvgPool1d", pool},
    {"AdaptiveAvgPool2d", pool}, {"AdaptiveAvgPool3d", pool},
    {"BatchNorm1d", batch_norm}, {"BatchNorm2d", batch_norm},
    {"BatchNorm3d", batch_norm}, {"Linear", linear},
}};

Counted counted(const Call& call) {
  const auto rule = std::find_if(kRules.begin(), kRules.end(),
                                 [&](const Rule& each) { return each.type == call.row.call.type; });
  return rule == kRules.end() ? Counted{} : rule->count(call);
}

/// What training learnt: weights, biases, scales and tables, and what Add and Mul of a composed module (the
/// bias of a product) take as a vector. Scalars belong to the formula, running statistics to no optimiser.
bool is_learnt(const Tensor& tensor, const Node& node, std::size_t input) {
  if (tensor.constant == nullptr || !tensor.type.shape) return false;
  const ops::OpSpec* spec = ops::find_spec(node.domain, node.op);
  const char role = spec == nullptr ? 'x' : spec->role(input);
  const DataType dtype = tensor.type.dtype;
  const bool quantised = is_integer(dtype) && dtype != DataType::boolean && bits_of(dtype) <= 32;
  if (role == 'w' || role == 'b' || role == 's' || role == 't') return is_float(dtype) || quantised;
  const bool mixes = node.op == "Add" || node.op == "Mul";
  return role == 'x' && mixes && is_float(dtype) && !tensor.type.shape->empty();
}

std::int64_t parameters_of(const Graph& graph, const ModuleCall& call) {
  std::int64_t sum = 0;
  for (const Node& node : call.nodes) {
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if (node.inputs[i] == kNoTensor) continue;
      const Tensor& tensor = graph[node.inputs[i]];
      if (is_learnt(tensor, node, i)) sum = saturating_add(sum, elements_of(*tensor.type.shape));
    }
  }
  return sum;
}

TensorId first_activation(const Graph& graph, const Node& node) {
  const auto found = std::find_if(node.inputs.begin(), node.inputs.end(), [&](TensorId id) {
    return id != kNoTensor && graph[id].constant == nullptr;
  });
  return found == node.inputs.end() ? kNoTensor : *found;
}

/// Names at their upper bound; absent when a size is unknown or without bound, or elements have no width.
std::optional<Sizes> sizes_of(const Graph& graph, TensorId id) {
  if (id == kNoTensor) return std::nullopt;
  const TensorType& type = graph[id].type;
  if (!type.shape || bits_of(type.dtype) == 0 || elements_of(*type.shape) == kSaturated) return std::nullopt;
  Sizes sizes;
  for (const Dim& dim : *type.shape) sizes.push_back(dim.upper());
  return sizes;
}

std::optional<AnalyzerCounts> counts_of(const Graph& graph, const AnalyzerRow& row) {
  auto in = sizes_of(graph, row.input);
  auto out = sizes_of(graph, row.output);
  if (!in || !out) return std::nullopt;
  const Call call{graph, row, std::move(*in), std::move(*out), parameters_of(graph, row.call)};
  const DataType dtype = graph[row.input].type.dtype;
  const std::int64_t samples = std::max<std::int64_t>(1, Call::size(call.out, 0));
  const Counted numbers = counted(call);
  AnalyzerCounts counts;
  counts.parameters = call.parameters;
  counts.macs = numbers.macs;
  counts.mem_read = {bytes_of(dtype, numbers.read)};
  counts.mem_write = {bytes_of(dtype, numbers.written)};
  counts.storage = {bytes_of(dtype, call.parameters)};
  counts.inference = {bytes_of(graph[row.output].type.dtype, call.out_elements() / samples)};
  return counts;
}

AnalyzerRow row_of(const Graph& graph, ModuleCall call) {
  AnalyzerRow row;
  row.input = first_activation(graph, call.nodes.front());
  row.output = call.nodes.back().outputs.empty() ? kNoTensor : call.nodes.back().outputs[0];
  row.call = std::move(call);
  row.counts = counts_of(graph, row);
  return row;
}

/// Where the rules knowingly see less than there is.
void add_notes(const Graph& graph, const AnalyzerTable& table, Diagnostics& diagnostics) {
  const auto count = [&](auto holds) { return std::count_if(table.rows.begin(), table.rows.end(), holds); };
  const auto unknown = count([](const AnalyzerRow& row) { return !row.counts; });
  if (unknown > 0) {
    diagnostics.push_back(
        {Severity::warning, "rules-unknown-sizes",
         std::to_string(unknown) + " rows have sizes that are not known, the totals lack them",
         graph.name()});
  }
  const auto convolutions =
      count([](const AnalyzerRow& row) { return row.call.type == "Conv1d" || row.call.type == "Conv3d"; });
  if (convolutions > 0) {
    diagnostics.push_back({Severity::info, "rules-without-macs",
                           "DNN analyzer does not support Conv1d and Conv3d: " +
                               std::to_string(convolutions) + " of them have 0 MACs",
                           graph.name()});
  }
}

}  // namespace

AnalyzerCounts& AnalyzerCounts::operator+=(const AnalyzerCounts& other) {
  parameters = saturating_add(parameters, other.parameters);
  macs += other.macs;
  mem_read += other.mem_read;
  mem_write += other.mem_write;
  storage += other.storage;
  inference += other.inference;
  return *this;
}

AnalyzerTable dnn_analyzer(const Graph& graph, Diagnostics& diagnostics) {
  AnalyzerTable table;
  for (ModuleCall& call : module_calls(graph, diagnostics)) {
    table.rows.push_back(row_of(graph, std::move(call)));
    if (table.rows.back().counts) table.totals += *table.rows.back().counts;
  }
  add_notes(graph, table, diagnostics);
  return table;
}

}  // namespace foretime::analysis
