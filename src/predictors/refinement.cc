#include "predictors/refinement.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/json_object.h"
#include "base/suggest.h"

namespace foretime {
namespace {

constexpr std::array<const char*, 4> kDimensions = {"height", "width", "channels", "filters"};
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
  for (std::size_t i = 0; i < kDimensions.size(); ++i) {
    if (in.find(kDimensions[i]) == nullptr) continue;
    JsonObject along = in.object(kDimensions[i]);
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

double efficiency(const Refinement& refinement, const Kernel& kernel) {
  const auto found = refinement.classes.find(info(kernel.kind()).kernel_class);
  if (found == refinement.classes.end()) return 1;
  const KernelConfig& config = kernel.config;
  const std::array<std::int32_t, 4> sizes = {
      config.height, config.width, config.in_channels / std::max(1, config.groups), config.channels};
  double product = 1;
  for (std::size_t i = 0; i < sizes.size(); ++i) product *= along(found->second[i], sizes[i]);
  return product;
}

Refinement parse_refinement(std::string_view json, const std::string& where) {
  const Json document = parse_json(json, where);
  JsonObject in(document, where);
  JsonObject classes = in.object("parallelism");
  Refinement refinement;
  for (const auto& [name, value] : classes.json().items()) {
    check_class(classes, name);
    refinement.classes[name] = read_steps(classes.child(name, value));
  }
  in.refuse_other_keys();
  return refinement;
}

}  // namespace foretime
