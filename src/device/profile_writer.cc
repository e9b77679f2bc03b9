// The writing half of the profile file. It checks nothing itself: what it wrote is read back, so that the
// reader's rules are the only ones, and no file leaves the program that the program would refuse.

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "device/device_profile.h"

namespace foretime {
namespace {

using Json = nlohmann::ordered_json;  // keys stay in the order of the documentation

void put_text(Json& out, const char* key, const std::string& text) {
  if (!text.empty()) out[key] = text;
}

void put_number(Json& out, const char* key, const std::optional<double>& number) {
  if (number) out[key] = *number;
}

Json written(const ClassRates& rates) {
  Json out = Json::object();
  put_number(out, "ops_per_s", rates.ops_per_s);
  put_number(out, "bytes_per_s", rates.bytes_per_s);
  put_number(out, "overhead_ms", rates.overhead_ms);
  return out;
}

Json written(const Roofline& roofline) {
  Json out;
  out["peak_ops_per_s"] = roofline.peak_ops_per_s;
  out["peak_bytes_per_s"] = roofline.peak_bytes_per_s;
  out["kernel_overhead_ms"] = roofline.kernel_overhead_ms;
  out["network_overhead_ms"] = roofline.network_overhead_ms;
  out["interval_low"] = roofline.interval_low;
  out["interval_high"] = roofline.interval_high;
  for (const auto& [name, rates] : roofline.classes) out["classes"][name] = written(rates);
  return out;
}

Json written(const Predictor& predictor) {
  Json out;
  out["kind"] = predictor.kind;
  out["roofline"] = written(predictor.roofline);
  // Read as a sorted tree and then converted: building an ordered one key by key takes quadratic time.
  if (!predictor.parameters.empty()) out["parameters"] = Json(nlohmann::json::parse(predictor.parameters));
  for (const auto& [name, text] : predictor.tables) out["tables"][name] = text;
  return out;
}

Json written(const Precision& precision) {
  Json out;
  out["name"] = precision.name;
  out["activation_bits"] = precision.activation_bits;
  out["weight_bits"] = precision.weight_bits;
  return out;
}

void put_figures(Json& out, const AccuracyFigures& figures) {
  out["networks"] = figures.networks;
  put_number(out, "mape_percent", figures.mape_percent);
  put_number(out, "rmspe_percent", figures.rmspe_percent);
  put_number(out, "within_5_percent", figures.within_5_percent);
  put_number(out, "within_10_percent", figures.within_10_percent);
  put_number(out, "within_15_percent", figures.within_15_percent);
  put_number(out, "spearman", figures.spearman);
  put_number(out, "interval90_coverage_percent", figures.interval90_coverage_percent);
}

Json written(const AccuracyReport& report) {
  Json out;
  out["method"] = report.method;
  put_figures(out, report.figures);
  nlohmann::json families;  // sorted, as the map is; see the note on quadratic time above
  for (const auto& [name, figures] : report.families) {
    Json family;
    put_figures(family, figures);
    families[name] = nlohmann::json(family);
  }
  if (!families.is_null()) out["families"] = Json(families);
  return out;
}

Json written(const Provenance& provenance) {
  Json out;
  out["source"] = provenance.source;
  out["licence"] = provenance.licence;
  out["date"] = provenance.date;
  out["tool_version"] = provenance.tool_version;
  put_text(out, "notes", provenance.notes);
  return out;
}

Json written_lines(const std::string& text) {
  Json lines = Json::array();
  std::size_t start = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', start)) {
    lines.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  lines.push_back(text.substr(start));
  return lines;
}

Json written(const DeviceProfile& profile) {
  Json out;
  out["foretime.device"] = kProfileVersion;
  out["id"] = profile.id;
  out["device"] = profile.device;
  put_text(out, "soc", profile.soc);
  put_text(out, "processor", profile.processor);
  put_text(out, "runtime", profile.runtime);
  put_text(out, "runtime_version", profile.runtime_version);
  put_text(out, "cpu_signature", profile.cpu_signature);
  out["precision"] = written(profile.precision);
  if (profile.threads) out["threads"] = *profile.threads;
  if (!profile.fusion_rules.empty()) out["fusion_rules"] = written_lines(profile.fusion_rules);
  out["predictor"] = written(profile.predictor);
  if (profile.accuracy) out["accuracy"] = written(*profile.accuracy);
  put_number(out, "noise_floor_percent", profile.noise_floor_percent);
  out["provenance"] = written(profile.provenance);
  return out;
}

std::string printed(const DeviceProfile& profile, const std::string& origin) {
  constexpr int kIndent = 2;
  try {
    std::string text = written(profile).dump(kIndent) + "\n";
    // Learnt parameters are long arrays: one number on each line would triple the file.
    return text.size() <= kLargestProfile ? text : written(profile).dump() + "\n";
  } catch (const Json::exception&) {
    throw Error(origin, "cannot be written: a text is not UTF-8, or the predictor's parameters are not JSON");
  }
}

}  // namespace

std::string to_json(const DeviceProfile& profile) {
  const std::string origin = "profile " + profile.id;
  std::string text = printed(profile, origin);
  (void)parse_profile(text, origin);
  return text;
}

}  // namespace foretime
