#include "predictors/additive_parameters.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "base/error.h"
#include "base/json_object.h"
#include "base/packed.h"
#include "base/suggest.h"
#include "kernels/features.h"
#include "kernels/physics.h"
#include "kernels/quantities.h"

namespace foretime {
namespace {

constexpr JsonObject::Range kMillisecondsRange{0, 1e6};
constexpr double kMostLogError = 7;  // a factor of 1,000

/// ⌊log2⌋ of a size, in 6 bits.
std::uint32_t size_class(double size) {
  return static_cast<std::uint32_t>(std::clamp(std::floor(std::log2(std::max(1.0, size))), 0.0, 63.0));
}

std::vector<double> read_columns(const JsonObject& in, const Physics& physics) {
  const std::vector<std::string> names = column_names(physics);
  std::vector<double> coefficients(names.size());
  for (const auto& [name, value] : in.json().items()) {
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end()) {
      in.fail("physics '" + std::string(physics.name) + "' has no column '" + in_message(name) + "'",
              suggestion(name, names));
    }
    const bool fits =
        value.is_number() && value.get<double>() >= 0 && value.get<double>() <= kMillisecondsRange.high;
    if (!fits) in.fail_at(name, "is " + shown(value), "milliseconds per unit, 0 to 1e6");
    coefficients[static_cast<std::size_t>(at - names.begin())] = value.get<double>();
  }
  return coefficients;
}

std::vector<std::string> read_names(JsonObject& in, const char* key) {
  std::vector<std::string> names;
  const Json& list = in.need(key);
  if (!list.is_array()) in.fail_at(key, "is " + shown(list), "a list of names");
  for (const Json& item : list) {
    if (!item.is_string()) in.fail_at(key, "holds " + shown(item), "names");
    names.push_back(item.get<std::string>());
  }
  return names;
}

std::vector<IntervalStep> read_intervals(JsonObject& in) {
  const Json& list = in.need("intervals");
  if (!list.is_array() || list.empty())
    in.fail_at("intervals", "is " + shown(list), "a list that is not empty");
  std::vector<IntervalStep> steps;
  for (std::size_t i = 0; i < list.size(); ++i) {
    JsonObject row = in.child("intervals/" + std::to_string(i), list[i]);
    const IntervalStep step{row.number("novelty", {0, 1}), row.number("log_error", {0, kMostLogError})};
    row.refuse_other_keys();
    if (!steps.empty() && step.novelty <= steps.back().novelty) {
      in.fail_at("intervals", "is not ascending", "novelty from 0 to 1");
    }
    steps.push_back(step);
  }
  return steps;
}

/// A table of the predictor. Error: there is none of that name.
const std::string& table(const Predictor& predictor, std::string_view name, const std::string& where) {
  const auto found = predictor.tables.find(name);
  if (found == predictor.tables.end()) throw Error(where + "/tables/" + std::string(name), "is missing");
  return found->second;
}

std::unordered_set<std::uint32_t> read_known(const std::string& text, const std::string& where) {
  Unpacker unpacker(text, where);
  const auto count = unpacker.take<std::uint32_t>();
  std::unordered_set<std::uint32_t> known;
  for (std::uint32_t i = 0; i < count; ++i) known.insert(unpacker.take<std::uint32_t>());
  unpacker.finish();
  return known;
}

}  // namespace

double log_error_at(const std::vector<IntervalStep>& steps, double novelty) {
  const auto step = std::find_if(steps.begin(), steps.end(),
                                 [&](const IntervalStep& each) { return novelty <= each.novelty; });
  return (step == steps.end() ? steps.back() : *step).log_error;
}

std::uint32_t cell_of(const KernelConfig& config) {
  std::uint32_t cell = static_cast<std::uint32_t>(config.kind);
  const auto add = [&](std::uint32_t value, std::uint32_t range) {
    cell = cell * range + std::min(value, range - 1);
  };
  // A matrix product of several rows is another thing than the classifier's matrix times vector.
  const int window = config.kind == Kind::gemm ? (config.matrix_rows > 1 ? 2 : 1) : config.kernel_height;
  add(static_cast<std::uint32_t>(std::max(1, window)) / 2, 8);
  add(config.stride > 1 ? 1 : 0, 2);
  add(config.groups > 1 && config.kind == Kind::conv ? 1 : 0, 2);
  add(config.dilation > 1 ? 1 : 0, 2);
  // sort_of_cell takes these off again.
  add(size_class(macs(config)), 64);
  add(size_class(out_elements(config)), 64);
  add(size_class(config.batch), 8);
  return cell;
}

void store(const AdditiveParameters& parameters, Predictor& predictor) {
  Json json = Json::object();
  json["physics"] = parameters.physics;
  const std::vector<std::string> names = column_names(physics_named(parameters.physics, "physics"));
  Json& columns = json["columns"] = Json::object();
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (parameters.coefficients[i] > 0) columns[names[i]] = parameters.coefficients[i];
  }
  json["overhead_ms"] = parameters.overhead_ms;
  json["floor_ms"] = parameters.floor_ms;
  json["features"] = parameters.features;
  Json& intervals = json["intervals"] = Json::array();
  for (const IntervalStep& step : parameters.intervals) {
    Json row = Json::object();
    row["novelty"] = step.novelty;
    row["log_error"] = step.log_error;
    intervals.push_back(std::move(row));
  }
  std::vector<std::uint32_t> known(parameters.known.begin(), parameters.known.end());
  std::sort(known.begin(), known.end());
  Packer packer;
  packer.add(static_cast<std::uint32_t>(known.size()));
  for (const std::uint32_t cell : known) packer.add(cell);
  predictor.kind = kAdditiveKind;
  predictor.parameters = json.dump();
  predictor.tables = {{"known", packer.base64()}, {"trees", parameters.corrections.to_text()}};
}

AdditiveParameters parse_additive_parameters(const Predictor& predictor, const std::string& where) {
  const Json json = parse_json(predictor.parameters, where + "/parameters");
  JsonObject in(json, where, "/parameters");
  AdditiveParameters parameters;
  parameters.physics = in.text("physics");
  const Physics& physics = physics_named(parameters.physics, where + "/parameters/physics");
  parameters.coefficients = read_columns(in.object("columns"), physics);
  parameters.overhead_ms = in.number("overhead_ms", kMillisecondsRange);
  parameters.floor_ms = in.number("floor_ms", kMillisecondsRange);
  parameters.features = read_names(in, "features");
  features_named(parameters.features, where + "/parameters/features");
  parameters.intervals = read_intervals(in);
  parameters.known = read_known(table(predictor, "known", where), where + "/tables/known");
  parameters.corrections = TreeEnsemble::from_text(table(predictor, "trees", where), where + "/tables/trees");
  if (parameters.corrections.features() != parameters.features.size()) {
    in.fail_at("features", "are " + std::to_string(parameters.features.size()),
               std::to_string(parameters.corrections.features()) + ", as the trees were grown on");
  }
  in.refuse_other_keys();
  return parameters;
}

}  // namespace foretime
