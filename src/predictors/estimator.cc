#include "predictors/estimator.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "base/error.h"
#include "base/suggest.h"
#include "kernels/quantities.h"
#include "predictors/novelty.h"

namespace foretime {
namespace {

constexpr double kLargest = std::numeric_limits<float>::max();
constexpr std::array<std::pair<std::string_view, Gives>, 4> kGives = {{{"ops_per_s", Gives::ops_per_s},
                                                                       {"ns_per_op", Gives::ns_per_op},
                                                                       {"milliseconds", Gives::milliseconds},
                                                                       {"log_factor", Gives::log_factor}}};

double num_weights(const KernelGraph&, const Kernel& kernel) {
  const KernelConfig& c = kernel.config;
  return c.kind == Kind::conv_transpose ? c.channels * depth(c) * window(c) : weights(c);
}
double num_inputs(const KernelGraph&, const Kernel& kernel) {
  return in_elements(kernel.config) / kernel.config.batch;
}
/// Behind a fused pooling: what the whole kernel moves, but for what it reads.
double num_outputs(const KernelGraph& graph, const Kernel& kernel) {
  const KernelConfig& c = kernel.config;
  const double before = out_elements(c);
  if (!c.fused_pool) return before / c.batch;
  const double moved = static_cast<double>(work_of(graph, kernel).activation_elements) - in_elements(c);
  return std::clamp(moved, 1.0, before) / c.batch;
}
double num_ops(const KernelGraph& graph, const Kernel& kernel) {
  const KernelConfig& c = kernel.config;
  const double outputs = static_cast<double>(c.height) * c.width;
  switch (c.kind) {
    case Kind::conv:
    case Kind::depthwise_conv:
    case Kind::conv_transpose:
    case Kind::gemm:
    case Kind::matmul:
      return 2 * num_weights(graph, kernel) * outputs;
    case Kind::max_pool:
    case Kind::average_pool:
      return 2 * outputs * c.channels * window(c);
    case Kind::global_pool:
      return 2 * num_inputs(graph, kernel);
    case Kind::elementwise:
      return outputs * c.channels;
    default:
      return 0;
  }
}

constexpr std::array<std::pair<std::string_view, KernelCount>, 4> kCounts = {{{"num_ops", num_ops},
                                                                              {"num_inputs", num_inputs},
                                                                              {"num_outputs", num_outputs},
                                                                              {"num_weights", num_weights}}};

Kind kind_named(const std::string& name, const JsonObject& in) {
  std::vector<std::string> names;
  for (const KindInfo& each : kinds()) {
    if (each.name == name) return each.kind;
    names.emplace_back(each.name);
  }
  in.fail("there is no kind of kernels '" + in_message(name) + "'", suggestion(name, names));
}

EstimatorInput read_input(const JsonObject& in, const std::string& path, const Json& json) {
  EstimatorInput input;
  if (json.is_number()) {
    input.constant = json.get<double>();
  } else if (json.is_string()) {
    input.name = json.get<std::string>();
  } else {
    JsonObject object = in.child(path, json);
    input.name = object.text("name");
    const std::optional<double> quotient = object.number_if_given("div", {1, 1e6});
    const std::optional<double> remainder = object.number_if_given("mod", {1, 1e6});
    if (quotient && remainder) object.fail("has 'div' and 'mod'", "one of them");
    if (quotient) input.part = EstimatorInput::Part::quotient;
    if (remainder) input.part = EstimatorInput::Part::remainder;
    input.par = quotient.value_or(remainder.value_or(1));
    input.minus = object.number_if_given("minus", {-kLargest, kLargest}).value_or(0);
    object.refuse_other_keys();
  }
  return input;
}

Json stored(const EstimatorInput& input) {
  if (input.name.empty()) return input.constant;
  if (input.part == EstimatorInput::Part::whole && input.minus == 0) return input.name;
  Json json = Json::object();
  json["name"] = input.name;
  if (input.part == EstimatorInput::Part::quotient) json["div"] = input.par;
  if (input.part == EstimatorInput::Part::remainder) json["mod"] = input.par;
  if (input.minus != 0) json["minus"] = input.minus;
  return json;
}

Gives read_gives(JsonObject& in) {
  const std::string word = in.text("gives");
  std::string names;
  for (const auto& [name, gives] : kGives) {
    if (name == word) return gives;
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  in.fail_at("gives", "is '" + in_message(word) + "'", names);
}

const Json& list_at(JsonObject& in, const char* key) {
  const Json& list = in.need(key);
  if (!list.is_array() || list.empty()) in.fail_at(key, "is " + shown(list), "a list that is not empty");
  return list;
}

}  // namespace

std::optional<KernelCount> kernel_count(std::string_view name) {
  for (const auto& [known, count] : kCounts) {
    if (known == name) return count;
  }
  return std::nullopt;
}

bool Estimator::fits(const Kernel& kernel) const {
  const bool kind = kinds.empty() || std::find(kinds.begin(), kinds.end(), kernel.kind()) != kinds.end();
  return kind && (!fused_pool || *fused_pool == kernel.config.fused_pool);
}

EstimatorReader::EstimatorReader(const Estimator& estimator, const std::string& where) {
  for (const EstimatorInput& what : estimator.inputs) {
    Input input{what};
    if (const auto count = kernel_count(what.name)) {
      input.count = *count;
    } else if (!what.name.empty()) {
      input.feature = features_named(std::span(&what.name, 1), where).front();
    }
    inputs_.push_back(std::move(input));
  }
}

void EstimatorReader::append(const KernelGraph& graph, const Kernel& kernel, std::vector<float>& row) const {
  for (const Input& input : inputs_) {
    double x = input.what.constant;
    if (input.count != nullptr) x = input.count(graph, kernel);
    if (input.feature != nullptr) x = input.feature->value(kernel.config);
    if (input.what.part == EstimatorInput::Part::quotient) x = std::floor(x / input.what.par);
    if (input.what.part == EstimatorInput::Part::remainder) x = std::fmod(x, input.what.par);
    x -= input.what.minus;
    row.push_back(std::abs(x) <= kLargest ? static_cast<float>(x) : kMissing);
  }
}

Json stored(const Estimator& estimator, Predictor& predictor) {
  Json json = Json::object();
  if (!estimator.kinds.empty()) {
    Json& names = json["kinds"] = Json::array();
    for (const Kind kind : estimator.kinds) names.push_back(std::string(info(kind).name));
  }
  if (estimator.fused_pool) json["fused_pool"] = *estimator.fused_pool;
  Json& inputs = json["inputs"] = Json::array();
  for (const EstimatorInput& input : estimator.inputs) inputs.push_back(stored(input));
  json["gives"] = std::string(kGives[static_cast<std::size_t>(estimator.gives)].first);
  json["trees"] = estimator.table;
  if (estimator.forest.scale != 1) json["scale"] = estimator.forest.scale;
  if (estimator.forest.base != 0) json["base"] = estimator.forest.base;
  predictor.tables[estimator.table] = estimator.forest.trees.to_text();
  return json;
}

Estimator read_estimator(JsonObject in, const Predictor& predictor, const std::string& where) {
  Estimator estimator;
  if (in.find("kinds") != nullptr) {
    for (const std::string& name : read_names(in, "kinds")) estimator.kinds.push_back(kind_named(name, in));
  }
  if (const Json* pool = in.find("fused_pool")) {
    if (!pool->is_boolean()) in.fail_at("fused_pool", "is " + shown(*pool), "true or false");
    estimator.fused_pool = pool->get<bool>();
  }
  const Json& inputs = list_at(in, "inputs");
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    estimator.inputs.push_back(read_input(in, "inputs/" + std::to_string(i), inputs[i]));
  }
  estimator.gives = read_gives(in);
  estimator.table = in.text("trees");
  estimator.forest.scale = in.number_if_given("scale", {-kLargest, kLargest}).value_or(1);
  estimator.forest.base = in.number_if_given("base", {-kLargest, kLargest}).value_or(0);
  in.refuse_other_keys();
  estimator.forest.trees = TreeEnsemble::from_text(table_of(predictor, estimator.table, where),
                                                   where + "/tables/" + estimator.table);
  if (estimator.forest.trees.features() != estimator.inputs.size()) {
    in.fail_at("inputs", "are " + std::to_string(estimator.inputs.size()),
               std::to_string(estimator.forest.trees.features()) + ", as the trees ask for");
  }
  EstimatorReader(estimator, where + "/parameters");  // knows which names there are
  return estimator;
}

}  // namespace foretime
