#include "predictors/additive_parameters.h"

#include <algorithm>

#include "base/error.h"
#include "base/json_object.h"
#include "base/suggest.h"
#include "kernels/features.h"
#include "kernels/physics.h"

namespace foretime {
namespace {

constexpr JsonObject::Range kMillisecondsRange{0, 1e6};

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

}  // namespace

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
  json["intervals"] = to_json(parameters.intervals);
  if (parameters.stretch != IntervalStretch()) json["interval_stretch"] = to_json(parameters.stretch);
  predictor.kind = kAdditiveKind;
  predictor.parameters = json.dump();
  predictor.tables = {{"known", to_text(parameters.known)}, {"trees", parameters.corrections.to_text()}};
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
  parameters.stretch = read_interval_stretch(in);
  parameters.known = known_cells(table_of(predictor, "known", where), where + "/tables/known");
  parameters.corrections =
      TreeEnsemble::from_text(table_of(predictor, "trees", where), where + "/tables/trees");
  if (parameters.corrections.features() != parameters.features.size()) {
    in.fail_at("features", "are " + std::to_string(parameters.features.size()),
               std::to_string(parameters.corrections.features()) + ", as the trees were grown on");
  }
  in.refuse_other_keys();
  return parameters;
}

}  // namespace foretime
