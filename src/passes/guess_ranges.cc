#include "passes/guess_ranges.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>

namespace foretime::passes {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();
/// So many times the root of the mean square is the largest value.
constexpr double kTail = 5;
/// Infinities stand for masks; a guess beyond this size went wrong.
constexpr double kLargest = 1e6;

/// The root of the mean square, and limits that no value is beyond.
struct Spread {
  double rms = 1;
  double low = -kInfinite;
  double high = kInfinite;
};

/// Half of a variable around zero is cut off: so much of its size is left.
constexpr double kHalf = 0.7;

/// Operators whose results lie between limits, whatever they read.
struct Bounded {
  std::string_view op;
  double low;
  double high;
  double factor;  // of the size of what it reads
};
constexpr std::array kBounded{
    Bounded{"Tanh", -1, 1, 1},
    Bounded{"Erf", -1, 1, 1},
    Bounded{"Sin", -1, 1, 1},
    Bounded{"Cos", -1, 1, 1},
    Bounded{"Relu", 0, kInfinite, kHalf},
    Bounded{"Abs", 0, kInfinite, 1},
    Bounded{"Softplus", 0, kInfinite, 1},
    Bounded{"Sqrt", 0, kInfinite, 1},
    Bounded{"Exp", 0, kInfinite, 1},
    Bounded{"Gelu", -0.2, kInfinite, kHalf},
    Bounded{"HardSwish", -0.4, kInfinite, kHalf},
    Bounded{"LeakyRelu", -kInfinite, kInfinite, kHalf},
    Bounded{"PRelu", -kInfinite, kInfinite, kHalf},
};

constexpr std::array<std::string_view, 4> kNormalising = {
    "LayerNormalization", "InstanceNormalization", "GroupNormalization", "SimplifiedLayerNormalization"};

class Guess {
 public:
  explicit Guess(const Graph& graph) : graph_(graph), spreads_(graph.tensors().size()) {}

  std::vector<Range> run() {
    for (std::size_t i = 0; i < spreads_.size(); ++i) {
      if (is_constant(i)) spreads_[i] = of_constant(TensorId{static_cast<std::uint32_t>(i)});
    }
    for (const Node& node : graph_.nodes()) {
      Spread out = of(node);
      if (!(out.rms > 1 / kLargest && out.rms < kLargest)) out.rms = 1;
      for (const TensorId id : node.outputs) {
        if (id != kNoTensor) spreads_[index(id)] = out;
      }
    }
    std::vector<Range> ranges;
    for (std::size_t i = 0; i < spreads_.size(); ++i) {
      const Spread& spread = spreads_[i];
      const double most = is_constant(i) ? kLargest : kTail * spread.rms;
      const Range range{std::clamp(spread.low, -most, 0.0), std::clamp(spread.high, 0.0, most)};
      ranges.push_back(range.low < range.high ? range : Range{});
    }
    return ranges;
  }

 private:
  bool is_constant(std::size_t i) const {
    const Tensor& tensor = graph_.tensors()[i];
    return tensor.constant != nullptr && tensor.type.dtype == DataType::float32;
  }
  Spread of_constant(TensorId id) const {
    const Tensor& tensor = graph_[id];
    const auto values = reals(*tensor.constant, tensor.type, SIZE_MAX);
    if (!values || values->empty()) return made_up(id);
    const auto [low, high] = std::minmax_element(values->begin(), values->end());
    double squares = 0;
    for (const double value : *values) squares += value * value;
    return {std::sqrt(squares / static_cast<double>(values->size())), *low, *high};
  }

  /// Values that will be made where there are none (formats/weights/weights.h): evenly spread.
  Spread made_up(TensorId id) const {
    const auto readers = graph_.consumers(id);
    const bool factor = std::any_of(readers.begin(), readers.end(), [&](NodeId reader) {
      return graph_[reader].op == "Mul" || graph_[reader].op == "Div";
    });
    const double most = factor ? 1.5 : 0.05;
    return {most / std::sqrt(3), -most, most};
  }

  const Spread& at(const Node& node, std::size_t input) const {
    static const Spread kUnknown;
    const bool there = input < node.inputs.size() && node.inputs[input] != kNoTensor;
    return there ? spreads_[index(node.inputs[input])] : kUnknown;
  }
  const Tensor* constant(const Node& node, std::size_t input) const {
    if (input >= node.inputs.size() || node.inputs[input] == kNoTensor) return nullptr;
    const Tensor& tensor = graph_[node.inputs[input]];
    return tensor.constant == nullptr ? nullptr : &tensor;
  }
  static bool has_values(const Tensor& tensor) { return tensor.constant->encoding == Encoding::raw; }
  double size(TensorId id, std::size_t from_back) const {
    const std::optional<Shape>& shape = graph_[id].type.shape;
    if (!shape || shape->size() <= from_back) return 1;
    return static_cast<double>(
        std::clamp<std::int64_t>((*shape)[shape->size() - 1 - from_back].upper(), 1, 1 << 20));
  }

  Spread of(const Node& node) const;
  Spread of_product(const Node& node) const;
  Spread of_sum(const Node& node) const;
  Spread of_factors(const Node& node) const;
  Spread of_clip(const Node& node) const;
  Spread widest(const Node& node) const;

  const Graph& graph_;
  std::vector<Spread> spreads_;
};

/// Sums of products of independent factors: variances add up.
Spread Guess::of_product(const Node& node) const {
  const Tensor* weight = constant(node, 1);
  if (weight == nullptr) {
    // Rows of a softmax sum to 1: such a product is a mean.
    const bool mean = at(node, 0).low >= 0 && at(node, 0).high <= 1;
    return {mean ? at(node, 1).rms : at(node, 0).rms * at(node, 1).rms * std::sqrt(size(node.inputs[0], 0))};
  }
  if (!has_values(*weight)) return {at(node, 0).rms};
  const double outputs = node.op == "Conv" || (node.op == "Gemm" && node.attributes.integer("transB", 0) != 0)
                             ? static_cast<double>((*weight->type.shape)[0].upper())
                             : size(node.inputs[1], 0);
  const double all = static_cast<double>(elements_of(*weight->type.shape));
  const double products = std::max(1.0, all / std::max(1.0, outputs));
  const double rms = at(node, 0).rms * spreads_[index(node.inputs[1])].rms * std::sqrt(products);
  const Tensor* bias = constant(node, 2);
  return {std::hypot(rms, bias != nullptr && has_values(*bias) ? at(node, 2).rms : 0.0)};
}

Spread Guess::of_sum(const Node& node) const {
  Spread out{0, 0, 0};
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const Spread& in = at(node, i);
    out.rms = std::hypot(out.rms, in.rms);
    out.low += node.op == "Sub" && i > 0 ? -in.high : in.low;
    out.high += node.op == "Sub" && i > 0 ? -in.low : in.high;
  }
  return out;
}

Spread Guess::of_factors(const Node& node) const {
  const Spread& a = at(node, 0);
  const Spread& b = at(node, 1);
  const double rms = node.op == "Mul" ? a.rms * b.rms : a.rms / b.rms;
  const bool positive = a.low >= 0 && b.low >= 0;
  return {rms, positive ? 0 : -kInfinite, kInfinite};
}

Spread Guess::of_clip(const Node& node) const {
  Spread out{at(node, 0).rms, node.attributes.real("min", -kInfinite),
             node.attributes.real("max", kInfinite)};
  for (std::size_t i = 1; i < 3; ++i) {
    const Tensor* limit = constant(node, i);
    const auto value = limit == nullptr ? std::nullopt : reals(*limit->constant, limit->type, 1);
    if (value && !value->empty()) (i == 1 ? out.low : out.high) = (*value)[0];
  }
  if (out.low >= 0) out.rms *= kHalf;
  return out;
}

Spread Guess::widest(const Node& node) const {
  Spread out{0, 0, 0};
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i] == kNoTensor || graph_[node.inputs[i]].type.dtype != DataType::float32) continue;
    out.rms = std::max(out.rms, at(node, i).rms);
    out.low = std::min(out.low, at(node, i).low);
    out.high = std::max(out.high, at(node, i).high);
  }
  return out.rms > 0 ? out : Spread{};
}

Spread Guess::of(const Node& node) const {
  const std::string_view op = node.op;
  if (op == "Conv" || op == "Gemm" || op == "MatMul" || op == "ConvTranspose") return of_product(node);
  if (op == "Add" || op == "Sub" || op == "Sum") return of_sum(node);
  if (op == "Mul" || op == "Div") return of_factors(node);
  if (op == "Clip") return of_clip(node);
  if (op == "Pow") return {at(node, 0).rms * at(node, 0).rms * 1.5, 0, kInfinite};
  if (op == "Softmax" || op == "Sigmoid" || op == "HardSigmoid") return {0.55, 0, 1};
  // Trained variances make it 1, made-up ones leave it as it was.
  if (op == "BatchNormalization" && constant(node, 4) != nullptr && has_values(*constant(node, 4))) return {};
  if (std::find(kNormalising.begin(), kNormalising.end(), op) != kNormalising.end()) return {};
  const auto* row =
      std::find_if(kBounded.begin(), kBounded.end(), [&](const Bounded& each) { return each.op == op; });
  if (row != kBounded.end()) {
    const double rms = op == "Sqrt" ? std::sqrt(at(node, 0).rms) : at(node, 0).rms * row->factor;
    return {std::min(rms, row->high), row->low, row->high};
  }
  if (op == "Gather") return at(node, 0);
  return widest(node);
}

}  // namespace

std::vector<Range> guess_ranges(const Graph& graph) {
  return Guess(graph).run();
}

}  // namespace foretime::passes
