// The reading half of the profile file: JSON → DeviceProfile. Every key is asked for by name, and whatever
// nobody asked for is an error, so that a slip of the hand in a profile never turns into a silent default.

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "base/error.h"
#include "base/json.h"
#include "base/json_object.h"
#include "base/suggest.h"
#include "device/device_profile.h"

namespace foretime {
namespace {

// Slips of unit and absurd numbers end here, long before they make a predicted time infinite.
constexpr double kSlowest = 1.0;           // operations or bytes per second
constexpr double kFastest = 1e21;          // a zetta-operation per second
constexpr double kLongestOverhead = 1e6;   // ms
constexpr double kWidestInterval = 1000;   // times the prediction
constexpr double kLargestPercent = 1e6;    // errors may exceed 100 %
constexpr int kMostNetworks = 1000000000;  // counts fit an int
constexpr int kMostThreads = 65536;
constexpr int kMostBits = 64;

Json parsed(std::string_view text, const std::string& origin) {
  if (text.size() > kLargestProfile) {
    throw Error(origin, "is too large for a device profile: " + std::to_string(text.size()) + " bytes",
                "at most " + std::to_string(kLargestProfile));
  }
  return parse_json(text, origin);
}

using Reader = JsonObject;
using Range = JsonObject::Range;

std::vector<std::string> class_names() {
  std::vector<std::string> names;
  for (const KernelClass& known : kernel_classes()) names.emplace_back(known.name);
  return names;
}

ClassRates read_class(Reader in) {
  ClassRates rates;
  rates.ops_per_s = in.number_if_given("ops_per_s", {kSlowest, kFastest});
  rates.bytes_per_s = in.number_if_given("bytes_per_s", {kSlowest, kFastest});
  rates.overhead_ms = in.number_if_given("overhead_ms", {0, kLongestOverhead});
  in.refuse_other_keys();
  return rates;
}

std::map<std::string, ClassRates, std::less<>> read_classes(const Reader& in) {
  const std::vector<std::string> known = class_names();
  std::map<std::string, ClassRates, std::less<>> classes;
  for (const auto& [name, value] : in.json().items()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      in.fail("has the unknown kernel class '" + in_message(name) + "'", suggestion(name, known));
    }
    classes.emplace(name, read_class(in.child(name, value)));
  }
  return classes;
}

Roofline read_roofline(Reader in) {
  Roofline roofline;
  roofline.peak_ops_per_s = in.number("peak_ops_per_s", {kSlowest, kFastest});
  roofline.peak_bytes_per_s = in.number("peak_bytes_per_s", {kSlowest, kFastest});
  roofline.kernel_overhead_ms = in.number("kernel_overhead_ms", {0, kLongestOverhead});
  roofline.network_overhead_ms = in.number("network_overhead_ms", {0, kLongestOverhead});
  roofline.interval_low = in.number("interval_low", {1 / kWidestInterval, 1});
  roofline.interval_high = in.number("interval_high", {1, kWidestInterval});
  if (in.find("classes") != nullptr) roofline.classes = read_classes(in.object("classes"));
  in.refuse_other_keys();
  return roofline;
}

std::map<std::string, std::string, std::less<>> read_tables(const Reader& in) {
  std::map<std::string, std::string, std::less<>> tables;
  for (const auto& [name, value] : in.json().items()) {
    if (!value.is_string()) in.fail_at(in_message(name), "is " + shown(value), "a text");
    tables.emplace(name, value.get_ref<const std::string&>());
  }
  return tables;
}

Predictor read_predictor(Reader in) {
  Predictor predictor;
  predictor.kind = in.text("kind");
  predictor.roofline = read_roofline(in.object("roofline"));
  if (predictor.kind != kRooflineKind) {
    predictor.parameters = in.object("parameters").json().dump();
    if (in.find("tables") != nullptr) predictor.tables = read_tables(in.object("tables"));
  }
  in.refuse_other_keys();
  return predictor;
}

Precision read_precision(Reader in) {
  Precision precision;
  precision.name = in.text("name");
  precision.activation_bits = in.integer("activation_bits", 1, kMostBits);
  precision.weight_bits = in.integer("weight_bits", 1, kMostBits);
  in.refuse_other_keys();
  return precision;
}

/// Reads the figures of `in`, which may have further keys.
AccuracyFigures read_figures(Reader& in) {
  constexpr Range kErrors{0, kLargestPercent};
  constexpr Range kShare{0, 100};
  AccuracyFigures figures;
  figures.networks = in.integer("networks", 1, kMostNetworks);
  figures.mape_percent = in.number_if_given("mape_percent", kErrors);
  figures.rmspe_percent = in.number_if_given("rmspe_percent", kErrors);
  figures.within_5_percent = in.number_if_given("within_5_percent", kShare);
  figures.within_10_percent = in.number_if_given("within_10_percent", kShare);
  figures.within_15_percent = in.number_if_given("within_15_percent", kShare);
  figures.spearman = in.number_if_given("spearman", {-1, 1});
  figures.interval90_coverage_percent = in.number_if_given("interval90_coverage_percent", kShare);
  return figures;
}

AccuracyReport read_accuracy(Reader in) {
  AccuracyReport report;
  report.method = in.text("method");
  report.figures = read_figures(in);
  if (in.find("families") != nullptr) {
    const Reader families = in.object("families");
    for (const auto& [name, value] : families.json().items()) {
      Reader family = families.child(name, value);
      report.families.emplace(name, read_figures(family));
      family.refuse_other_keys();
    }
  }
  in.refuse_other_keys();
  return report;
}

bool is_date(std::string_view text) {
  constexpr std::string_view kShape = "0000-00-00";
  if (text.size() != kShape.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kShape[i] == '0' ? !digit : text[i] != '-') return false;
  }
  return true;
}

Provenance read_provenance(Reader in) {
  Provenance provenance;
  provenance.source = in.text("source");
  provenance.licence = in.text("licence");
  provenance.date = in.text("date");
  if (!is_date(provenance.date)) in.fail_at("date", "is '" + in_message(provenance.date) + "'", "YYYY-MM-DD");
  provenance.tool_version = in.text("tool_version");
  provenance.notes = in.text_or_empty("notes");
  in.refuse_other_keys();
  return provenance;
}

/// The rules are one text, kept in the file line by line to be readable there.
std::string read_rules(Reader& in) {
  const Json* lines = in.find("fusion_rules");
  if (lines == nullptr) return {};
  if (!lines->is_array()) in.fail_at("fusion_rules", "is " + shown(*lines), "an array of lines");
  std::string rules;
  for (std::size_t i = 0; i < lines->size(); ++i) {
    const Json& line = (*lines)[i];
    const bool one_line =
        line.is_string() && line.get_ref<const std::string&>().find('\n') == std::string::npos;
    if (!one_line) in.fail_at("fusion_rules/" + std::to_string(i), "is " + shown(line), "one line of text");
    if (i > 0) rules += '\n';
    rules += line.get_ref<const std::string&>();
  }
  return rules;
}

void check_version(Reader& in) {
  const Json& version = in.need("foretime.device");
  if (!version.is_number_integer() || version != kProfileVersion) {
    in.fail_at("foretime.device", "is " + shown(version),
               "this program reads version " + std::to_string(kProfileVersion));
  }
}

void read_identity(Reader& in, DeviceProfile& profile) {
  profile.id = in.text("id");
  if (!is_profile_id(profile.id)) {
    in.fail_at("id", "is not an id", "at most 64 letters, digits, '.', '_', '-', a letter or digit first");
  }
  profile.device = in.text("device");
  profile.soc = in.text_or_empty("soc");
  profile.processor = in.text_or_empty("processor");
  profile.runtime = in.text_or_empty("runtime");
  profile.runtime_version = in.text_or_empty("runtime_version");
  profile.cpu_signature = in.text_or_empty("cpu_signature");
  profile.precision = read_precision(in.object("precision"));
  if (in.find("threads") != nullptr) profile.threads = in.integer("threads", 1, kMostThreads);
}

}  // namespace

DeviceProfile parse_profile(std::string_view json, const std::string& origin) {
  const Json document = parsed(json, origin);
  Reader in(document, origin);
  check_version(in);
  DeviceProfile profile;
  read_identity(in, profile);
  profile.fusion_rules = read_rules(in);
  profile.predictor = read_predictor(in.object("predictor"));
  if (in.find("accuracy") != nullptr) profile.accuracy = read_accuracy(in.object("accuracy"));
  profile.noise_floor_percent = in.number_if_given("noise_floor_percent", {0, kLargestPercent});
  profile.provenance = read_provenance(in.object("provenance"));
  in.refuse_other_keys();
  return profile;
}

}  // namespace foretime
