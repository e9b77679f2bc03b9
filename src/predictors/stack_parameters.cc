#include "predictors/stack_parameters.h"

namespace foretime {

void store(const StackParameters& parameters, std::string_view kind, Predictor& predictor) {
  predictor.kind = kind;
  predictor.parameters.clear();
  predictor.tables.clear();
  if (kind == kRooflineKind) return;
  Json json = Json::object();
  if (kind != kStatisticalKind) json["parallelism"] = to_json(parameters.refinement);
  if (kind != kRefinedKind) {
    Json& estimators = json["estimators"] = Json::array();
    for (const Estimator& each : parameters.estimators) estimators.push_back(stored(each, predictor));
    if (parameters.floor_ms > 0) json["floor_ms"] = parameters.floor_ms;
    if (!parameters.intervals.empty()) {
      json["intervals"] = to_json(parameters.intervals);
      predictor.tables["known"] = to_text(parameters.known);
    }
  }
  predictor.parameters = json.dump();
}

StackParameters parse_stack_parameters(const Predictor& predictor, const std::string& where) {
  StackParameters parameters;
  if (predictor.kind == kRooflineKind) return parameters;
  const std::string path = where + "/parameters";
  const Json json = parse_json(predictor.parameters, path);
  JsonObject in(json, where, "/parameters");
  if (predictor.kind != kStatisticalKind) parameters.refinement = read_refinement(in.object("parallelism"));
  if (predictor.kind != kRefinedKind) {
    const Json& list = in.need("estimators");
    if (!list.is_array()) in.fail_at("estimators", "is " + shown(list), "a list");
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string place = "estimators/" + std::to_string(i);
      parameters.estimators.push_back(read_estimator(in.child(place, list[i]), predictor, where));
    }
    parameters.floor_ms = in.number_if_given("floor_ms", {0, 1e6}).value_or(0);
    if (in.find("intervals") != nullptr) {
      parameters.intervals = read_intervals(in);
      parameters.known = known_cells(table_of(predictor, "known", where), where + "/tables/known");
    }
  }
  in.refuse_other_keys();
  return parameters;
}

}  // namespace foretime
