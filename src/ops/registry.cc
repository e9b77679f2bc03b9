#include <functional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ops/families.h"
#include "ops/op_spec.h"

namespace foretime::ops {
namespace {

/// Every family of operators there is.
const std::vector<Family>& table() {
  static const std::vector<Family> kTable = {
      {"convolution", convolution_specs()},
      {"matmul", matmul_specs()},
      {"pooling", pooling_specs()},
      {"normalization", normalization_specs()},
      {"elementwise", elementwise_specs()},
      {"reduction", reduction_specs()},
      {"layout", layout_specs()},
      {"indexing", indexing_specs()},
      {"resize", resize_specs()},
      {"generators", generator_specs()},
      {"control_flow", control_flow_specs()},
      {"detection", detection_specs()},
      {"quantization", quantization_specs()},
      {"attention", attention_specs()},
      {"recurrent", recurrent_specs()},
      {"sequence", sequence_specs()},
      {"signal", signal_specs()},
      {"ml", ml_specs()},
      {"text", text_specs()},
      {"tflite", tflite_specs()},
  };
  return kTable;
}

/// Domain and name; the views of the table live as long as the program.
using Key = std::pair<std::string_view, std::string_view>;

struct KeyHash {
  std::size_t operator()(const Key& key) const {
    const std::hash<std::string_view> hash;
    return hash(key.second) * 31 + hash(key.first);
  }
};

std::unordered_map<Key, const OpSpec*, KeyHash> by_name() {
  std::unordered_map<Key, const OpSpec*, KeyHash> map;
  for (const Family& family : table()) {
    for (const OpSpec& spec : family.specs) map.emplace(Key(spec.domain, spec.name), &spec);
  }
  return map;
}

}  // namespace

std::span<const Family> families() {
  return table();
}

std::string_view family_of(const OpSpec& spec) {
  for (const Family& family : table()) {
    if (&spec >= family.specs.data() && &spec < family.specs.data() + family.specs.size()) return family.name;
  }
  return {};
}

const OpSpec* find_spec(std::string_view domain, std::string_view op) {
  static const auto kByName = by_name();
  const auto found = kByName.find(Key(domain == "ai.onnx" ? std::string_view{} : domain, op));
  return found == kByName.end() ? nullptr : found->second;
}

}  // namespace foretime::ops
