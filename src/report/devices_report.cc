#include <fmt/format.h>

#include "report/accuracy_table.h"
#include "report/catalogue_report.h"
#include "report/cells.h"
#include "report/json_parts.h"
#include "report/numbers.h"

namespace foretime::report {
namespace {

const char* place_of(const ProfileEntry& entry) {
  return entry.place == ProfilePlace::builtin ? "built-in" : "user";
}

/// Empty texts of a profile mean: not known, or without meaning there.
void text_field(JsonWriter& json, std::string_view key, const std::string& text) {
  json.key(key);
  if (text.empty()) {
    json.value(nullptr);
  } else {
    json.value(text);
  }
}

void write_summary(JsonWriter& json, const DeviceProfile& profile) {
  json.field("device", profile.device);
  text_field(json, "soc", profile.soc);
  text_field(json, "processor", profile.processor);
  text_field(json, "runtime", profile.runtime);
  text_field(json, "runtime_version", profile.runtime_version);
  json.field("precision", profile.precision.name);
  json.field("threads", profile.threads);
  json.field("predictor", profile.predictor.kind);
  json.field("mape_percent", profile.accuracy ? profile.accuracy->figures.mape_percent : std::nullopt);
  json.field("within_10_percent",
             profile.accuracy ? profile.accuracy->figures.within_10_percent : std::nullopt);
  json.field("noise_floor_percent", profile.noise_floor_percent);
}

std::string runtime_text(const DeviceProfile& profile) {
  std::string text = profile.runtime;
  if (!profile.runtime_version.empty()) text += " " + profile.runtime_version;
  return text;
}

Cell threads_cell(const DeviceProfile& profile) {
  return profile.threads ? Cell{std::int64_t{*profile.threads}} : Cell{};
}

Row device_row(const ProfileEntry& entry) {
  if (!entry.profile) {
    return {entry.id, entry.error,           Cell{}, Cell{}, Cell{},
            Cell{},   std::string("broken"), Cell{}, Cell{}, std::string(place_of(entry))};
  }
  const DeviceProfile& profile = *entry.profile;
  const auto within = profile.accuracy ? profile.accuracy->figures.within_10_percent : std::nullopt;
  return {profile.id,
          profile.device,
          profile.processor,
          runtime_text(profile),
          profile.precision.name,
          threads_cell(profile),
          profile.predictor.kind,
          within ? Cell{*within} : Cell{},
          profile.noise_floor_percent ? Cell{*profile.noise_floor_percent} : Cell{},
          std::string(place_of(entry))};
}

Table accuracy_table(const AccuracyReport& accuracy) {
  Table table;
  table.title = "Accuracy on networks that fitting never saw: " + accuracy.method;
  table.columns = accuracy_columns("family");
  for (const auto& [family, figures] : accuracy.families) table.rows.push_back(accuracy_row(family, figures));
  table.totals = accuracy_row("all", accuracy.figures);
  return table;
}

Table rates_table(const Roofline& roofline) {
  Table table;
  table.title = "Roofline";
  table.columns = {
      {.key = "class", .title = "kernel class"},
      {.key = "ops_per_s", .title = "operations/s", .unit = Unit::count},
      {.key = "bytes_per_s", .title = "bytes/s", .unit = Unit::bytes},
      {.key = "overhead_ms", .title = "overhead", .unit = Unit::milliseconds},
  };
  const auto row = [](const std::string& name, const KernelRates& rates) {
    return Row{name, rates.ops_per_s, rates.bytes_per_s, rates.overhead_ms};
  };
  table.rows.push_back(row("default", rates_of(roofline, "")));
  for (const auto& [name, rates] : roofline.classes)
    table.rows.push_back(row(name, rates_of(roofline, name)));
  return table;
}

void add_fact(Document& document, const char* label, const std::string& text) {
  if (!text.empty()) document.facts.push_back({label, text});
}

}  // namespace

std::string devices_json(const std::vector<ProfileEntry>& devices) {
  JsonWriter json = begin_document("devices");
  json.array("devices", devices, [&](const ProfileEntry& entry) {
    json.begin_object();
    json.field("id", entry.id);
    json.field("place", place_of(entry));
    text_field(json, "path", entry.path);
    if (entry.profile) write_summary(json, *entry.profile);
    text_field(json, "error", entry.error);
    json.end_object();
  });
  write_diagnostics(json, {});
  json.end_object();
  return json.take();
}

Document devices_document(const std::vector<ProfileEntry>& devices) {
  Table table;
  table.selectable = true;
  table.columns = {
      {.key = "id", .title = "id"},
      {.key = "device", .title = "device", .cut = true},
      {.key = "processor", .title = "processor", .rank = 4},
      {.key = "runtime", .title = "runtime", .rank = 2},
      {.key = "precision", .title = "precision"},
      {.key = "threads", .title = "threads", .unit = Unit::count, .rank = 5},
      {.key = "predictor", .title = "predictor", .rank = 1},
      {.key = "within_10_percent", .title = "within 10 %", .unit = Unit::percent, .rank = 3},
      {.key = "noise_floor_percent", .title = "noise", .unit = Unit::percent, .rank = 6},
      {.key = "place", .title = "place", .rank = 7},
  };
  for (const ProfileEntry& entry : devices) table.rows.push_back(device_row(entry));
  Document document;
  document.tables.push_back(std::move(table));
  return document;
}

std::string device_json(const DeviceProfile& profile) {
  JsonWriter json = begin_document("devices");
  json.key("profile");
  json.raw(to_json(profile));
  write_diagnostics(json, {});
  json.end_object();
  return json.take();
}

Document device_document(const DeviceProfile& profile) {
  Document document;
  document.title = profile.id;
  add_fact(document, "device", profile.device);
  add_fact(document, "soc", profile.soc);
  add_fact(document, "processor", profile.processor);
  add_fact(document, "runtime", runtime_text(profile));
  add_fact(document, "precision",
           fmt::format("{}, activations {} bits, weights {} bits", profile.precision.name,
                       profile.precision.activation_bits, profile.precision.weight_bits));
  if (profile.threads) document.facts.push_back({"threads", std::int64_t{*profile.threads}});
  add_fact(document, "predictor", profile.predictor.kind);
  if (profile.noise_floor_percent) {
    document.facts.push_back({"noise floor", *profile.noise_floor_percent, Unit::percent});
  }
  document.facts.push_back(
      {"network overhead", profile.predictor.roofline.network_overhead_ms, Unit::milliseconds});
  add_fact(document, "source", profile.provenance.source);
  add_fact(document, "licence", profile.provenance.licence);
  add_fact(document, "date", profile.provenance.date);
  add_fact(document, "notes", profile.provenance.notes);
  document.tables.push_back(rates_table(profile.predictor.roofline));
  document.flat = document.tables.front();
  if (profile.accuracy) document.tables.push_back(accuracy_table(*profile.accuracy));
  return document;
}

}  // namespace foretime::report
