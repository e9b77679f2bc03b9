#include "report/calibrate_report.h"

#include "report/accuracy_table.h"
#include "report/cells.h"
#include "report/fit_report.h"
#include "report/json_parts.h"

namespace foretime::report {

std::string calibrate_json(const api::CalibrateResult& result) {
  JsonWriter json = begin_document("calibrate");
  write_fit(json, result);
  json.field("table", result.table);
  json.field("measured_seconds", result.measured_seconds);
  json.field("measurements", result.measurements);
  json.field("pauses", result.pauses);
  json.field("refused", result.refused);
  json.key("held_out");
  json.begin_object();
  write_figures(json, result.held_out);
  json.end_object();
  json.array("learning_curve", result.learning_curve, [&](const api::LearningPoint& point) {
    json.begin_object();
    json.field("seconds", point.seconds);
    json.field("networks", point.networks);
    json.field("within_10_percent", point.held_out.within_10_percent);
    json.field("mape_percent", point.held_out.mape_percent);
    json.end_object();
  });
  json.end_object();
  return json.take();
}

Document calibrate_document(const api::CalibrateResult& result) {
  Document document = fit_document(result);
  document.title = "Calibrated " + result.name;
  document.facts = {{"profile", result.profile},
                    {"size", static_cast<std::int64_t>(result.bytes), Unit::bytes},
                    {"measured", result.table},
                    {"networks", static_cast<std::int64_t>(result.networks), Unit::count},
                    {"measuring took", result.measured_seconds * 1e3, Unit::milliseconds},
                    {"pauses", static_cast<std::int64_t>(result.pauses), Unit::count},
                    {"noise floor", cell(result.noise_floor_percent), Unit::percent}};
  document.tables.front().title = "Random networks that their model never saw";
  Table curve;
  curve.title = "Learning curve: whole networks kept apart";
  curve.columns = {{.key = "seconds", .title = "measured for", .unit = Unit::milliseconds},
                   {.key = "networks", .title = "networks", .unit = Unit::count},
                   {.key = "within_10_percent", .title = "±10 %", .unit = Unit::percent},
                   {.key = "mape_percent", .title = "MAPE", .unit = Unit::percent}};
  for (const api::LearningPoint& point : result.learning_curve) {
    curve.rows.push_back({point.seconds * 1e3, static_cast<std::int64_t>(point.networks),
                          cell(point.held_out.within_10_percent), cell(point.held_out.mape_percent)});
  }
  document.tables.push_back(std::move(curve));
  return document;
}

}  // namespace foretime::report
