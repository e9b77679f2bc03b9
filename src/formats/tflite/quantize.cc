#include "formats/tflite/quantize.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <utility>

#include "base/error.h"

namespace foretime::tflite {
namespace {

using Parameters = std::shared_ptr<const Quantization>;

// Inputs of unit variance and what follows from them reach about six.
constexpr float kActivationScale = 6.0f / 127;

/// How an operator computes in int8.
enum class Manner : std::uint8_t {
  weights,  // input, weight, bias
  scaled,   // every operand and the result have a scale of their own
  moves,    // the operands have the result's scale
  fixed,    // the result's scale is prescribed
};
struct Row {
  std::string_view op;
  Manner manner;
  int weight_axis = 0;  // of Manner::weights: the output channels'; -1: one scale for all
  float scale = 0;      // of Manner::fixed
  std::int64_t zero = 0;
};
constexpr std::array kRows{
    Row{"CONV_2D", Manner::weights, 0},
    Row{"DEPTHWISE_CONV_2D", Manner::weights, 3},
    Row{"FULLY_CONNECTED", Manner::weights, -1},
    Row{"ADD", Manner::scaled},
    Row{"SUB", Manner::scaled},
    Row{"MUL", Manner::scaled},
    Row{"MEAN", Manner::scaled},
    Row{"BATCH_MATMUL", Manner::scaled},
    Row{"RELU", Manner::scaled},
    Row{"RELU6", Manner::scaled},
    Row{"PRELU", Manner::scaled},
    Row{"LEAKY_RELU", Manner::scaled},
    Row{"HARD_SWISH", Manner::scaled},
    Row{"ELU", Manner::scaled},
    Row{"GELU", Manner::scaled},
    Row{"RESHAPE", Manner::moves},
    Row{"TRANSPOSE", Manner::moves},
    Row{"SLICE", Manner::moves},
    Row{"STRIDED_SLICE", Manner::moves},
    Row{"SPLIT_V", Manner::moves},
    Row{"CONCATENATION", Manner::moves},
    Row{"PAD", Manner::moves},
    Row{"PADV2", Manner::moves},
    Row{"MIRROR_PAD", Manner::moves},
    Row{"GATHER", Manner::moves},
    Row{"MAX_POOL_2D", Manner::moves},
    Row{"AVERAGE_POOL_2D", Manner::moves},
    Row{"REDUCE_MAX", Manner::moves},
    Row{"MAXIMUM", Manner::moves},
    Row{"MINIMUM", Manner::moves},
    Row{"RESIZE_BILINEAR", Manner::moves},
    Row{"RESIZE_NEAREST_NEIGHBOR", Manner::moves},
    Row{"DEPTH_TO_SPACE", Manner::moves},
    Row{"SPACE_TO_DEPTH", Manner::moves},
    Row{"LOGISTIC", Manner::fixed, 0, 1.0f / 256, -128},
    Row{"SOFTMAX", Manner::fixed, 0, 1.0f / 256, -128},
    Row{"TANH", Manner::fixed, 0, 1.0f / 128, 0},
};

const Row* row_of(std::string_view op) {
  const auto found = std::find_if(kRows.begin(), kRows.end(), [&](const Row& row) { return row.op == op; });
  return found == kRows.end() ? nullptr : &*found;
}

Parameters one_scale(float scale, std::int64_t zero = 0) {
  auto parameters = std::make_shared<Quantization>();
  parameters->scales = {scale};
  if (zero != 0) parameters->zero_points = {zero};
  return parameters;
}

std::vector<float> floats_of(const OutTensor& tensor) {
  if (tensor.no_values) {
    throw Error(tensor.name, "is written without values, and cannot be quantised",
                "--weights random, zero or original");
  }
  const std::string bytes = tensor.values();
  std::vector<float> values(bytes.size() / sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

float scale_for(float largest) {
  return largest > 0 ? largest / 127 : 1.0f / 127;
}

template <typename T>
T nearest(double value) {
  const double low = std::numeric_limits<T>::min();
  const double high = std::numeric_limits<T>::max();
  return static_cast<T>(std::clamp(std::nearbyint(value), low, high));
}

class Quantizer {
 public:
  explicit Quantizer(OutModel model) : model_(std::move(model)) {}

  OutModel run() {
    std::vector<OutOperator> before = std::exchange(model_.operators, {});
    const std::size_t count = model_.tensors.size();
    for (std::size_t i = 0; i < count; ++i) {
      OutTensor& tensor = model_.tensors[i];
      const bool computed = !tensor.values && !tensor.no_values;
      if (!computed || tensor.dtype != DataType::float32) continue;
      tensor.dtype = DataType::int8;
      tensor.quantization = one_scale(kActivationScale);
    }
    for (OutOperator& each : before) {
      const Row* row = row_of(each.op);
      if (row == nullptr || !fits(each, *row)) {
        in_floats(std::move(each));
      } else if (row->manner == Manner::weights) {
        with_weights(std::move(each), *row);
      } else {
        in_integers(std::move(each), *row);
      }
    }
    return std::move(model_);
  }

 private:
  OutTensor& at(int id) { return model_.tensors[static_cast<std::size_t>(id)]; }
  bool is_constant(int id) { return at(id).values || at(id).no_values; }
  bool is_float(int id) { return id >= 0 && at(id).dtype == DataType::float32; }
  bool is_integer(int id) { return id >= 0 && at(id).dtype == DataType::int8; }

  /// Operators on other types (indices, masks) stay what they are; weights must be constants.
  bool fits(const OutOperator& each, const Row& row) {
    if (!is_integer(each.outputs[0])) return false;
    if (row.manner == Manner::weights) return is_integer(each.inputs[0]) && is_constant(each.inputs[1]);
    return true;
  }

  int add(std::string name, const OutTensor& like, DataType dtype, Parameters parameters) {
    OutTensor tensor;
    tensor.name = std::move(name);
    tensor.shape = like.shape;
    tensor.dtype = dtype;
    tensor.quantization = std::move(parameters);
    model_.tensors.push_back(std::move(tensor));
    return static_cast<int>(model_.tensors.size()) - 1;
  }

  int converted(std::string_view op, int id, DataType dtype, Parameters parameters,
                schema::BuiltinOptions kind) {
    const int made = add(at(id).name + "/" + std::string(op) + std::to_string(model_.tensors.size()), at(id),
                         dtype, std::move(parameters));
    model_.operators.push_back({op, {id}, {made}, {kind, {}}});
    return made;
  }

  /// A constant of floats in int8 with this scale.
  int constant(int id, const Parameters& parameters) {
    const float scale = parameters->scales[0];
    const std::int64_t zero = parameters->zero_points.empty() ? 0 : parameters->zero_points[0];
    const std::function<std::string()> values = at(id).values;
    const int made = add(at(id).name + "/int8_" + std::to_string(model_.tensors.size()), at(id),
                         DataType::int8, parameters);
    at(made).values = [values, scale, zero] {
      const std::string bytes = values();
      std::string out;
      for (std::size_t i = 0; i + sizeof(float) <= bytes.size(); i += sizeof(float)) {
        float value = 0;
        std::memcpy(&value, bytes.data() + i, sizeof value);
        out.push_back(static_cast<char>(nearest<std::int8_t>(value / scale + static_cast<double>(zero))));
      }
      return out;
    };
    return made;
  }

  int constant(int id) {
    const auto [found, fresh] = constants_.emplace(id, 0);
    if (fresh) {
      float largest = 0;
      for (const float value : floats_of(at(id))) {
        if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
      }
      found->second = constant(id, one_scale(scale_for(largest)));
    }
    return found->second;
  }

  void in_integers(OutOperator each, const Row& row) {
    Parameters result = one_scale(kActivationScale);
    if (row.manner == Manner::fixed) result = one_scale(row.scale, row.zero);
    if (row.manner == Manner::moves) {
      const auto first =
          std::find_if(each.inputs.begin(), each.inputs.end(), [&](int id) { return is_integer(id); });
      if (first != each.inputs.end()) result = at(*first).quantization;
    }
    for (int& id : each.inputs) {
      if (is_float(id) && is_constant(id)) {
        id = row.manner == Manner::moves ? constant(id, result) : constant(id);
      } else if (is_integer(id) && row.manner == Manner::moves && *at(id).quantization != *result) {
        id = converted("QUANTIZE", id, DataType::int8, result, schema::BuiltinOptions::Quantize);
      }
    }
    for (const int id : each.outputs) {
      if (is_integer(id)) at(id).quantization = result;
    }
    model_.operators.push_back(std::move(each));
  }

  void with_weights(OutOperator each, const Row& row) {
    const OutTensor weight = at(each.inputs[1]);
    const Sizes shape = weight.shape;
    const std::size_t channels =
        row.weight_axis < 0 ? 1 : static_cast<std::size_t>(shape[static_cast<std::size_t>(row.weight_axis)]);
    std::size_t inner = 1;
    for (std::size_t axis = static_cast<std::size_t>(row.weight_axis) + 1;
         row.weight_axis >= 0 && axis < shape.size(); ++axis) {
      inner *= static_cast<std::size_t>(shape[axis]);
    }
    const auto channel = [channels, inner](std::size_t i) { return i / inner % channels; };
    std::vector<float> largest(channels, 0);
    const std::vector<float> values = floats_of(weight);
    for (std::size_t i = 0; i < values.size(); ++i)
      largest[channel(i)] = std::max(largest[channel(i)], std::abs(values[i]));
    auto parameters = std::make_shared<Quantization>();
    for (const float each_largest : largest) parameters->scales.push_back(scale_for(each_largest));
    parameters->axis = std::max(row.weight_axis, 0);
    const std::vector<float> scales = parameters->scales;

    each.inputs[1] = add(weight.name + "/int8_" + std::to_string(model_.tensors.size()), weight,
                         DataType::int8, parameters);
    at(each.inputs[1]).values = [weight, scales, channel] {
      std::string out;
      const std::vector<float> floats = floats_of(weight);
      for (std::size_t i = 0; i < floats.size(); ++i) {
        out.push_back(static_cast<char>(nearest<std::int8_t>(floats[i] / scales[channel(i)])));
      }
      return out;
    };
    if (each.inputs.size() > 2 && each.inputs[2] >= 0) {
      const OutTensor bias = at(each.inputs[2]);
      auto bias_parameters = std::make_shared<Quantization>();
      for (const float scale : scales)
        bias_parameters->scales.push_back(scale * at(each.inputs[0]).quantization->scales[0]);
      const std::vector<float> bias_scales = bias_parameters->scales;
      each.inputs[2] = add(bias.name + "/int32_" + std::to_string(model_.tensors.size()), bias,
                           DataType::int32, bias_parameters);
      at(each.inputs[2]).values = [bias, bias_scales] {
        std::string out;
        const std::vector<float> floats = floats_of(bias);
        for (std::size_t i = 0; i < floats.size(); ++i) {
          const auto value = nearest<std::int32_t>(floats[i] / bias_scales[i % bias_scales.size()]);
          out.append(reinterpret_cast<const char*>(&value), sizeof value);
        }
        return out;
      };
    }
    at(each.outputs[0]).quantization = one_scale(kActivationScale);
    model_.operators.push_back(std::move(each));
  }

  void in_floats(OutOperator each) {
    for (int& id : each.inputs) {
      if (is_integer(id))
        id = converted("DEQUANTIZE", id, DataType::float32, {}, schema::BuiltinOptions::Dequantize);
    }
    std::vector<std::pair<int, int>> results;
    for (int& id : each.outputs) {
      if (!is_integer(id)) continue;
      const int made =
          add(at(id).name + "/float_" + std::to_string(model_.tensors.size()), at(id), DataType::float32, {});
      results.emplace_back(made, id);
      id = made;
    }
    model_.operators.push_back(std::move(each));
    for (const auto& [from, to] : results) {
      model_.operators.push_back({"QUANTIZE", {from}, {to}, {schema::BuiltinOptions::Quantize, {}}});
    }
  }

  OutModel model_;
  std::map<int, int> constants_;
};

}  // namespace

OutModel quantized(OutModel model) {
  return Quantizer(std::move(model)).run();
}

}  // namespace foretime::tflite
