#include "predictors/novelty.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/packed.h"
#include "kernels/quantities.h"

namespace foretime {
namespace {

/// ⌊log2⌋ of a size, in 6 bits.
std::uint32_t size_class(double size) {
  return static_cast<std::uint32_t>(std::clamp(std::floor(std::log2(std::max(1.0, size))), 0.0, 63.0));
}

}  // namespace

double IntervalStretch::at(double run) const {
  if (exponent == 0) return 1;
  return std::clamp(std::pow(milliseconds / run, exponent), 1 / kMostStretch, kMostStretch);
}

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

std::string to_text(const KnownCells& known) {
  std::vector<std::uint32_t> sorted(known.begin(), known.end());
  std::sort(sorted.begin(), sorted.end());
  Packer packer;
  packer.add(static_cast<std::uint32_t>(sorted.size()));
  for (const std::uint32_t cell : sorted) packer.add(cell);
  return packer.base64();
}

KnownCells known_cells(const std::string& text, const std::string& where) {
  Unpacker unpacker(text, where);
  const auto count = unpacker.take<std::uint32_t>();
  KnownCells known;
  for (std::uint32_t i = 0; i < count; ++i) known.insert(unpacker.take<std::uint32_t>());
  unpacker.finish();
  return known;
}

Json to_json(const std::vector<IntervalStep>& steps) {
  Json intervals = Json::array();
  for (const IntervalStep& step : steps) {
    Json row = Json::object();
    row["novelty"] = step.novelty;
    row["log_error"] = step.log_error;
    intervals.push_back(std::move(row));
  }
  return intervals;
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

Json to_json(const IntervalStretch& stretch) {
  Json json = Json::object();
  json["milliseconds"] = stretch.milliseconds;
  json["exponent"] = stretch.exponent;
  return json;
}

IntervalStretch read_interval_stretch(JsonObject& in) {
  const Json* found = in.find("interval_stretch");
  if (found == nullptr) return {};
  JsonObject row = in.child("interval_stretch", *found);
  const IntervalStretch stretch{row.number("milliseconds", {1e-6, 1e6}), row.number("exponent", {0, 1})};
  row.refuse_other_keys();
  return stretch;
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

const std::string& table_of(const Predictor& predictor, std::string_view name, const std::string& where) {
  const auto found = predictor.tables.find(name);
  if (found == predictor.tables.end()) throw Error(where + "/tables/" + std::string(name), "is missing");
  return found->second;
}

}  // namespace foretime
