#include "passes/fold_normalization.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <vector>

#include "passes/graph_edit.h"

namespace foretime::passes {
namespace {

using Values = std::optional<std::vector<double>>;

Values values_of(const Tensor& tensor) {
  return tensor.constant == nullptr ? std::nullopt : reals(*tensor.constant, tensor.type, SIZE_MAX);
}

ConstantData floats(const std::vector<double>& values) {
  const std::vector<float> narrow(values.begin(), values.end());
  return ConstantData::of(narrow);
}

class Folding {
 public:
  explicit Folding(const Graph& graph) : edit_(graph), readers_(edit_.readers()) {}

  Graph run() {
    std::vector<bool> gone(edit_.nodes.size(), false);
    for (std::size_t i = 0; i < edit_.nodes.size(); ++i) gone[i] = fold(edit_.nodes[i]);
    std::size_t i = 0;
    std::erase_if(edit_.nodes, [&](const Node&) { return gone[i++]; });
    return std::move(edit_).build();
  }

 private:
  /// True: the normalisation is part of the convolution now.
  bool fold(const Node& norm);

  GraphEdit edit_;
  std::vector<std::vector<std::size_t>> readers_;
};

bool Folding::fold(const Node& norm) {
  if (norm.op != "BatchNormalization" || !norm.domain.empty() || norm.inputs.size() != 5) return false;
  const TensorId between = norm.inputs[0];
  const NodeId producer = edit_.before()[between].producer;
  if (norm.outputs.size() != 1 || producer == kNoNode || readers_[index(between)].size() != 1) return false;
  Node& conv = edit_.nodes[index(producer)];
  const auto is_constant = [&](TensorId id) { return edit_.is_constant(id); };
  if (conv.op != "Conv" || !conv.domain.empty() || conv.inputs.size() < 2 ||
      !std::all_of(conv.inputs.begin() + 1, conv.inputs.end(), is_constant) ||
      !std::all_of(norm.inputs.begin() + 1, norm.inputs.end(), is_constant) ||
      edit_[conv.inputs[1]].type.dtype != DataType::float32)
    return false;

  const Tensor weight = edit_[conv.inputs[1]];
  const TensorType channel = edit_[norm.inputs[1]].type;
  const bool biased = conv.inputs.size() > 2;
  std::array<Values, 5> known;  // weight; scale, bias, mean, variance of the normalisation
  known[0] = values_of(weight);
  for (std::size_t i = 1; i < 5; ++i) known[i] = values_of(edit_[norm.inputs[i]]);
  const Values bias = biased ? values_of(edit_[conv.inputs[2]]) : std::vector<double>();
  const auto& [weights, scales, shifts, means, variances] = known;
  ConstantData new_weight;
  ConstantData new_bias;
  if (weights && scales && shifts && means && variances && bias && !scales->empty()) {
    const std::size_t channels = scales->size();
    const std::size_t each = weights->size() / channels;  // weights of an output channel
    std::vector<double> scaled = *weights;
    std::vector<double> moved(channels);
    for (std::size_t c = 0; c < channels; ++c) {
      const double factor = (*scales)[c] / std::sqrt((*variances)[c] + norm.attributes.real("epsilon", 1e-5));
      for (std::size_t i = c * each; i < (c + 1) * each; ++i) scaled[i] *= factor;
      moved[c] = ((biased ? (*bias)[c] : 0) - (*means)[c]) * factor + (*shifts)[c];
    }
    new_weight = floats(scaled);
    new_bias = floats(moved);
  }
  conv.inputs.resize(2);
  conv.inputs[1] = edit_.add_constant(weight.name, weight.type, std::move(new_weight));
  conv.inputs.push_back(edit_.add_constant(conv.name + ".bias", channel, std::move(new_bias)));
  conv.outputs[0] = norm.outputs[0];
  return true;
}

}  // namespace

Graph fold_normalization(const Graph& graph) {
  return Folding(graph).run();
}

}  // namespace foretime::passes
