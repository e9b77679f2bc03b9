#include "report/calibrate_report.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "report/accuracy_table.h"
#include "report/cells.h"
#include "report/fit_report.h"
#include "report/json_parts.h"
#include "report/sweep_report.h"

namespace foretime::report {

namespace {

/// How far off each whole network was predicted, by how long it takes.
Plot errors_of(const api::CalibrateResult& result) {
  Plot plot;
  plot.title = "Error of whole networks that their model never saw, by the logarithm of their time";
  plot.x_title = "powers of ten";
  plot.unit = Unit::percent;
  plot.points = true;
  std::vector<Scored> rows = result.scored;
  std::sort(rows.begin(), rows.end(),
            [](const Scored& a, const Scored& b) { return a.measured < b.measured; });
  for (const Scored& row : rows) {
    plot.x.push_back(std::log10(row.measured));
    plot.y.push_back(100 * (row.predicted / row.measured - 1));
  }
  return plot;
}

void write_held_out(JsonWriter& json, const AccuracyFigures& figures) {
  json.key("held_out");
  json.begin_object();
  write_figures(json, figures);
  json.end_object();
}

}  // namespace

std::string calibrate_json(const api::CalibrateResult& result) {
  JsonWriter json = begin_document("calibrate");
  write_fit(json, result);
  json.field("table", result.table);
  json.field("measured_seconds", result.measured_seconds);
  json.field("measurements", result.measurements);
  json.field("pauses", result.pauses);
  json.field("refused", result.refused);
  if (!result.database_error.empty()) json.field("database_error", result.database_error);
  write_held_out(json, result.held_out);
  json.array("learning_curve", result.learning_curve, [&](const api::LearningPoint& point) {
    json.begin_object();
    json.field("seconds", point.seconds);
    json.field("networks", point.networks);
    json.field("within_10_percent", point.held_out.within_10_percent);
    json.field("mape_percent", point.held_out.mape_percent);
    json.end_object();
  });
  json.array("profiles", result.profiles, [&](const api::ThreadsResult& each) {
    json.begin_object();
    json.field("threads", each.threads);
    json.field("profile", each.profile);
    write_held_out(json, each.held_out);
    json.end_object();
  });
  json.array("kinds", result.kinds, [&](const KindError& each) {
    json.begin_object();
    json.field("kind", info(each.kind).name);
    json.field("kernels", each.kernels);
    json.field("share_percent", each.share_percent);
    json.field("mape_percent", each.mape_percent);
    json.field("bias_percent", each.bias_percent);
    json.end_object();
  });
  json.array("worst", result.worst, [&](const BlamedNetwork& network) {
    json.begin_object();
    json.field("id", network.id);
    json.field("measured_ms", network.times.measured);
    json.field("predicted_ms", network.times.predicted);
    json.array("kernels", network.kernels, [&](const BlamedKernel& kernel) {
      json.begin_object();
      json.field("name", kernel.what.name);
      json.field("kind", info(kernel.what.kind).name);
      json.field("measured_ms", kernel.measured);
      json.field("predicted_ms", kernel.predicted);
      json.end_object();
    });
    json.end_object();
  });
  json.end_object();
  return json.take();
}

namespace {

Table profiles_table(const api::CalibrateResult& result) {
  Table table;
  table.title = "Profiles";
  table.columns = {{.key = "threads", .title = "threads", .unit = Unit::count},
                   {.key = "profile", .title = "profile"},
                   {.key = "within_10_percent", .title = "±10 %", .unit = Unit::percent},
                   {.key = "mape_percent", .title = "MAPE", .unit = Unit::percent}};
  for (const api::ThreadsResult& each : result.profiles) {
    table.rows.push_back({std::int64_t{each.threads}, each.profile, cell(each.held_out.within_10_percent),
                          cell(each.held_out.mape_percent)});
  }
  return table;
}

Table kinds_table(const api::CalibrateResult& result) {
  Table table;
  table.title = "Error by kind of kernel, of networks that their model never saw";
  table.columns = {{.key = "kind", .title = "kind"},
                   {.key = "kernels", .title = "kernels", .unit = Unit::count},
                   {.key = "share_percent", .title = "of all time", .unit = Unit::percent},
                   {.key = "mape_percent", .title = "mean error", .unit = Unit::percent},
                   {.key = "bias_percent", .title = "their sum", .unit = Unit::percent}};
  for (const KindError& each : result.kinds) {
    table.rows.push_back({std::string(info(each.kind).name), static_cast<std::int64_t>(each.kernels),
                          each.share_percent, each.mape_percent, each.bias_percent});
  }
  return table;
}

Table worst_table(const api::CalibrateResult& result) {
  Table table;
  table.title = "Predicted worst, and the kernels to blame";
  table.columns = {{.key = "network", .title = "network"},
                   {.key = "kernel", .title = "kernel"},
                   {.key = "kind", .title = "kind"},
                   {.key = "measured_ms", .title = "measured", .unit = Unit::milliseconds},
                   {.key = "predicted_ms", .title = "predicted", .unit = Unit::milliseconds},
                   {.key = "error_percent", .title = "error", .unit = Unit::percent}};
  const auto add = [&](const std::string& network, const std::string& kernel, const std::string& kind,
                       double measured, double predicted) {
    table.rows.push_back({network, kernel, kind, measured, predicted, 100 * (predicted / measured - 1)});
  };
  for (const BlamedNetwork& network : result.worst) {
    add(network.id, "", "", network.times.measured, network.times.predicted);
    for (const BlamedKernel& kernel : network.kernels)
      add("", kernel.what.name, std::string(info(kernel.what.kind).name), kernel.measured, kernel.predicted);
  }
  return table;
}

/// What was measured and what was predicted, both as powers of ten: the nearer to the diagonal the better.
Plot scatter_of(const api::CalibrateResult& result) {
  Plot plot;
  plot.title = "Predicted against measured, powers of ten of milliseconds, by models that did not see them";
  plot.x_title = "measured";
  plot.points = true;
  for (const Scored& row : result.scored) {
    plot.x.push_back(std::log10(row.measured));
    plot.y.push_back(std::log10(row.predicted));
  }
  return plot;
}

}  // namespace

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
  if (!result.database_error.empty())
    document.remarks.push_back("Not in the database of measurements: " + result.database_error);
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
  if (result.profiles.size() > 1) document.tables.push_back(profiles_table(result));
  document.tables.push_back(kinds_table(result));
  document.tables.push_back(worst_table(result));
  document.plots.push_back(scatter_of(result));
  document.plots.push_back(errors_of(result));
  return document;
}

namespace {

/// What the profile says of the neighbours, if there is one.
const api::FusionRow* profiled(const api::ProbeResult& result, const api::FusionRow& row) {
  if (!result.by_profile) return nullptr;
  const auto& rows = result.by_profile->rows;
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const api::FusionRow& other) {
    return other.first == row.first && other.second == row.second;
  });
  return found == rows.end() ? nullptr : &*found;
}

const std::string& rules_of(const api::ProbeResult& result) {
  return result.by_profile ? result.by_profile->rules : result.by_time.rules;
}

}  // namespace

std::string probe_json(const api::ProbeResult& result) {
  JsonWriter json = begin_document("calibrate");
  json.array("neighbours", result.by_time.rows, [&](const api::FusionRow& row) {
    const api::FusionRow* ran = profiled(result, row);
    json.begin_object();
    json.field("first", row.first);
    json.field("second", row.second);
    json.field("pairs", row.pairs);
    json.field("saved_percent", row.saved_percent);
    json.field("error_percent", row.error_percent);
    json.field("fused_by_time", row.is_fused());
    json.field("fused_by_profile", ran != nullptr ? std::optional<bool>(ran->is_fused()) : std::nullopt);
    json.end_object();
  });
  json.field("agreement_percent", result.agreement_percent);
  json.field("fusion_rules", rules_of(result));
  json.field("seconds", result.time.value / 1e3);
  json.end_object();
  return json.take();
}

Document probe_document(const api::ProbeResult& result) {
  Document document;
  document.title = "Neighbours that run as one kernel";
  document.facts = {{"took", result.time.value, Unit::milliseconds},
                    {"decided alike", cell(result.agreement_percent), Unit::percent}};
  Table table;
  table.selectable = true;
  table.columns = {{.key = "first", .title = "first"},
                   {.key = "second", .title = "second"},
                   {.key = "saved_percent", .title = "saved", .unit = Unit::percent},
                   {.key = "error_percent", .title = "wrong by chance", .unit = Unit::percent},
                   {.key = "by_time", .title = "by time"},
                   {.key = "by_profile", .title = "by profile"}};
  const auto word = [](bool is_fused) { return std::string(is_fused ? "fused" : "apart"); };
  for (const api::FusionRow& row : result.by_time.rows) {
    const api::FusionRow* ran = profiled(result, row);
    table.rows.push_back({row.first, row.second, row.saved_percent, row.error_percent, word(row.is_fused()),
                          ran == nullptr ? Cell() : Cell(word(ran->is_fused()))});
  }
  document.tables.push_back(std::move(table));
  add_rules(rules_of(result), document);
  return document;
}

}  // namespace foretime::report
