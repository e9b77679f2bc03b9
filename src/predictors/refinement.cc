#include "predictors/refinement.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/json_object.h"
#include "base/suggest.h"

namespace foretime {
namespace {

constexpr JsonObject::Range kParRange{1, 1e6};
constexpr JsonObject::Range kAlphaRange{0, 1};

void check_class(const JsonObject& in, const std::string& name) {
  std::vector<std::string> names;
  for (const KernelClass& each : kernel_classes()) names.emplace_back(each.name);
  if (std::find(names.begin(), names.end(), name) != names.end()) return;
  in.fail("there is no class of kernels '" + in_message(name) + "'", suggestion(name, names));
}

ClassSteps read_steps(JsonObject in) {
  ClassSteps steps;
  for (std::size_t i = 0; i < kDimensionNames.size(); ++i) {
    if (in.find(kDimensionNames[i]) == nullptr) continue;
    JsonObject along = in.object(kDimensionNames[i]);
    steps[i] = {along.number("par", kParRange), along.number("alpha", kAlphaRange)};
    along.refuse_other_keys();
  }
  in.refuse_other_keys();
  return steps;
}

double along(const ParallelSteps& steps, std::int32_t size) {
  const double x = std::max(1, size);
  if (x < steps.par) return 1;
  const double part = x / (std::ceil(x / steps.par) * steps.par);
  return 1 / ((1 - steps.alpha) + steps.alpha / part);
}

}  // namespace

const std::array<const char*, 4> kDimensionNames = {"height", "width", "channels", "filters"};

std::array<std::int32_t, 4> dimensions_of(const KernelConfig& config) {
  return {config.height, config.width, config.in_channels / std::max(1, config.groups), config.channels};
}

double efficiency(const Refinement& refinement, const KernelConfig& config) {
  const auto found = refinement.classes.find(info(config.kind).kernel_class);
  if (found == refinement.classes.end()) return 1;
  const std::array<std::int32_t, 4> sizes = dimensions_of(config);
  double product = 1;
  for (std::size_t i = 0; i < sizes.size(); ++i) product *= along(found->second[i], sizes[i]);
  return product;
}

Refinement read_refinement(JsonObject in) {
  Refinement refinement;
  for (const auto& [name, value] : in.json().items()) {
    check_class(in, name);
    refinement.classes[name] = read_steps(in.child(name, value));
  }
  return refinement;
}

Json to_json(const Refinement& refinement) {
  Json json = Json::object();
  for (const auto& [name, steps] : refinement.classes) {
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (steps[i].par == 1 || steps[i].alpha == 0) continue;
      Json& along = json[name][kDimensionNames[i]] = Json::object();
      along["par"] = steps[i].par;
      along["alpha"] = steps[i].alpha;
    }
  }
  return json;
}

}  // namespace foretime
