#include <string>
#include <unordered_map>
#include <vector>

#include "ops/families.h"
#include "ops/op_spec.h"

namespace foretime::ops {
namespace {

using SpecsOfFamily = std::span<const OpSpec> (*)();

/// Every family of operators there is.
constexpr SpecsOfFamily kFamilies[] = {
    convolution_specs, matmul_specs,    pooling_specs,      normalization_specs,
    elementwise_specs, reduction_specs, layout_specs,       indexing_specs,
    resize_specs,      generator_specs, control_flow_specs,
    detection_specs,
    quantization_specs,
    attention_specs,
    recurrent_specs,
    sequence_specs,
    signal_specs,
    ml_specs,
    text_specs,
};

std::string key_of(std::string_view domain, std::string_view op) {
  std::string key(domain == "ai.onnx" ? std::string_view{} : domain);
  key += ':';
  key += op;
  return key;
}

std::vector<OpSpec> joined() {
  std::vector<OpSpec> all;
  for (const SpecsOfFamily family : kFamilies) {
    const auto specs = family();
    all.insert(all.end(), specs.begin(), specs.end());
  }
  return all;
}

std::unordered_map<std::string, const OpSpec*> by_name() {
  std::unordered_map<std::string, const OpSpec*> map;
  for (const OpSpec& spec : all_specs()) map.emplace(key_of(spec.domain, spec.name), &spec);
  return map;
}

}  // namespace

std::span<const OpSpec> all_specs() {
  static const std::vector<OpSpec> kAll = joined();
  return kAll;
}

const OpSpec* find_spec(std::string_view domain, std::string_view op) {
  static const auto kByName = by_name();
  const auto found = kByName.find(key_of(domain, op));
  return found == kByName.end() ? nullptr : found->second;
}

}  // namespace foretime::ops
