// The features as nn-Meter computes them when it predicts, slips included; those of docs/nn-meter.md. Kinds
// are told apart by parts of their names, in this order.

#include "kernels/nn_meter/features.h"

#include <algorithm>
#include <array>
#include <utility>

namespace foretime::nn_meter {
namespace {

using Values = std::optional<std::vector<double>>;

bool holds(std::string_view kind, std::string_view part) {
  return kind.find(part) != std::string_view::npos;
}

std::optional<double> real(const std::optional<std::int64_t>& value) {
  return value ? std::optional(static_cast<double>(*value)) : std::nullopt;
}

/// The second element of a list, which is the width.
std::optional<double> second(const std::optional<Attribute>& attribute) {
  const auto* list = attribute ? std::get_if<std::vector<std::int64_t>>(&*attribute) : nullptr;
  if (list == nullptr || list->size() < 2) return std::nullopt;
  return static_cast<double>((*list)[1]);
}

/// Nothing, unless all are known.
Values all_of(std::initializer_list<std::optional<double>> parts) {
  std::vector<double> values;
  for (const std::optional<double>& part : parts) {
    if (!part) return std::nullopt;
    values.push_back(*part);
  }
  return values;
}

std::optional<double> stride_of(const KernelConfig& config) {
  return config.strides ? second(config.strides) : 1.0;
}

Values convolution(const Kernel& kernel) {
  const KernelConfig& config = kernel.config;
  Values values = all_of(
      {real(config.inputh), real(config.cin), real(config.cout), second(config.ks), stride_of(config)});
  if (!values) return values;
  const double h = (*values)[0];
  const double cin = (*values)[1];
  const double cout = (*values)[2];
  const double ks = (*values)[3];
  const double s = (*values)[4];
  const double parameters = holds(kernel.kind, "dwconv") ? cout * (ks * ks + 1) : cout * (ks * ks * cin + 1);
  const double flops = 2 * h / s * h / s * parameters;
  values->insert(values->end(), {flops / 2e6, parameters / 1e6});
  return values;
}

Values fully_connected(const Kernel& kernel) {
  Values values = all_of({real(kernel.config.cin), real(kernel.config.cout)});
  if (!values) return values;
  const double flops = (2 * (*values)[0] + 1) * (*values)[1];
  values->insert(values->end(), {flops / 2e6, flops / 1e6});
  return values;
}

Values pooling(const Kernel& kernel) {
  const KernelConfig& config = kernel.config;
  return all_of(
      {real(config.inputh), real(config.cin), real(config.cout), second(config.ks), stride_of(config)});
}

/// The height is meant where the 1 stands.
Values global_pooling(const Kernel& kernel) {
  return all_of({1.0, real(kernel.config.cin)});
}

Values height_and_channels(const Kernel& kernel) {
  return all_of({real(kernel.config.inputh), real(kernel.config.cin)});
}

/// A size from the end of a shape: 1 is the last.
std::optional<double> from_end(const RawShape& shape, std::size_t place) {
  if (shape.size() < place) return std::nullopt;
  return static_cast<double>(shape[shape.size() - place]);
}

Values squeeze_and_excite(const Kernel& kernel) {
  if (kernel.config.input_tensors.empty()) return std::nullopt;
  const RawShape& last = kernel.config.input_tensors.back();
  return all_of({from_end(last, 2), from_end(last, 1)});
}

/// Height, number of inputs and their channels, filled up with zeros to six values. Of a longer list six
/// values are left, and the number of inputs becomes six.
Values concatenation(const Kernel& kernel) {
  constexpr std::size_t kValues = 6;
  const std::vector<RawShape>& inputs = kernel.config.input_tensors;
  std::vector<double> values = {0, static_cast<double>(inputs.size())};
  if (!kernel.config.inputh) return std::nullopt;
  values[0] = static_cast<double>(*kernel.config.inputh);
  for (const RawShape& input : inputs) {
    if (input.empty()) return std::nullopt;
    values.push_back(static_cast<double>(input.back()));
  }
  if (values.size() > kValues) values[1] = kValues;
  values.resize(kValues);
  return values;
}

Values elementwise(const Kernel& kernel) {
  if (kernel.config.input_tensors.empty()) return std::nullopt;
  const RawShape& input = kernel.config.input_tensors[0];
  if (input.size() == 2) return all_of({from_end(input, 2), from_end(input, 1)});
  return height_and_channels(kernel);
}

Values addition(const Kernel& kernel) {
  const std::vector<RawShape>& inputs = kernel.config.input_tensors;
  if (inputs.size() < 2) return std::nullopt;
  return all_of({real(kernel.config.inputh), from_end(inputs[0], 1), from_end(inputs[1], 1)});
}

struct FeatureRule {
  bool (*fits)(std::string_view kind);
  Values (*features)(const Kernel&);
};

constexpr std::array<FeatureRule, 9> kRules = {{
    {[](std::string_view k) { return holds(k, "conv"); }, convolution},
    {[](std::string_view k) { return holds(k, "fc"); }, fully_connected},
    {[](std::string_view k) { return holds(k, "pool") && !holds(k, "global"); }, pooling},
    {[](std::string_view k) {
       return holds(k, "global-pool") || holds(k, "global-avgpool") || holds(k, "gap");
     },
     global_pooling},
    {[](std::string_view k) { return holds(k, "channelshuffle") || holds(k, "split"); }, height_and_channels},
    {[](std::string_view k) { return holds(k, "se") || holds(k, "SE"); }, squeeze_and_excite},
    {[](std::string_view k) { return holds(k, "concat"); }, concatenation},
    {[](std::string_view k) { return k == "hswish" || k == "bn" || k == "relu" || k == "bn-relu"; },
     elementwise},
    {[](std::string_view k) { return k == "add" || k == "add-relu"; }, addition},
}};

/// Kinds that go by another name among the predictors.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kPredictors = {{
    {"fc-relu", "fc"},
    {"max-pool", "maxpool"},
    {"avg-pool", "avgpool"},
    {"gap", "global-avgpool"},
    {"global-pool", "global-avgpool"},
    {"channel_shuffle", "channelshuffle"},
    {"bn-relu", "bnrelu"},
    {"add-relu", "addrelu"},
    {"SE", "se"},
    {"SE-relu", "se"},
    {"se-relu", "se"},
}};

constexpr std::string_view kOnAll = " conv-bn-relu dwconv-bn-relu hswish relu se maxpool avgpool bn bnrelu ";

/// What a device has besides, between blanks.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kReleased = {{
    {"cortexA76cpu_tflite21", " fc global-avgpool split add addrelu channelshuffle concat "},
    {"adreno640gpu_tflite21", " concat "},
    {"adreno630gpu_tflite21", " concat "},
    {"myriadvpu_openvino2019r2", " fc addrelu channelshuffle "},
}};

}  // namespace

std::optional<std::vector<double>> features(const Kernel& kernel) {
  for (const FeatureRule& rule : kRules) {
    if (rule.fits(kernel.kind)) return rule.features(kernel);
  }
  return std::nullopt;
}

std::string predictor_for(std::string_view kind) {
  if (holds(kind, "dwconv")) return "dwconv-bn-relu";
  if (holds(kind, "conv")) return "conv-bn-relu";
  for (const auto& [name, predictor] : kPredictors) {
    if (name == kind) return std::string(predictor);
  }
  return std::string(kind);
}

bool has_released_predictor(std::string_view device, std::string_view predictor) {
  const std::string word = " " + std::string(predictor) + " ";
  for (const auto& [name, predictors] : kReleased) {
    if (name == device) return holds(kOnAll, word) || holds(predictors, word);
  }
  return false;
}

}  // namespace foretime::nn_meter
