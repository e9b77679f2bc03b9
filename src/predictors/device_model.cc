#include "predictors/device_model.h"

#include <array>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "kernels/common_rules.h"
#include "kernels/detector.h"
#include "predictors/additive_parameters.h"
#include "predictors/pricing.h"
#include "predictors/stack_parameters.h"

namespace foretime {
namespace {

struct PricingKind {
  std::string_view name;
  std::unique_ptr<Pricing> (*make)(const DeviceProfile&);
};
constexpr std::array kKinds{
    PricingKind{kRooflineKind, stack_pricing}, PricingKind{kRefinedKind, stack_pricing},
    PricingKind{kStatisticalKind, stack_pricing}, PricingKind{kMixedKind, stack_pricing},
    PricingKind{kAdditiveKind, additive_pricing}};

std::unique_ptr<Pricing> pricing_of(const DeviceProfile& profile) {
  std::string names;
  for (const PricingKind& kind : kKinds) {
    if (kind.name == profile.predictor.kind) return kind.make(profile);
    names += (names.empty() ? "" : ", ") + std::string(kind.name);
  }
  throw Error(profile.id, "has a predictor of kind '" + profile.predictor.kind + "'", names);
}

}  // namespace

struct DeviceModel::Parts {
  DeviceProfile profile;
  std::optional<Detector> detector;  // absent: nothing is fused
  bool wants_quantized = false;
  std::unique_ptr<Pricing> pricing;
};

DeviceModel::DeviceModel(DeviceProfile profile) : parts_(std::make_unique<Parts>()) {
  parts_->profile = std::move(profile);
  const DeviceProfile& kept = parts_->profile;
  if (!kept.fusion_rules.empty()) {
    const RuleSet rules = with_common_rules(kept.fusion_rules, kept.id + ": /fusion_rules");
    parts_->detector.emplace(rules);
    parts_->wants_quantized = kept.precision.name == "int8" && !all<Integer>(rules).empty();
  }
  parts_->pricing = pricing_of(kept);
}

DeviceModel::~DeviceModel() = default;
DeviceModel::DeviceModel(DeviceModel&&) noexcept = default;
DeviceModel& DeviceModel::operator=(DeviceModel&&) noexcept = default;

const DeviceProfile& DeviceModel::profile() const {
  return parts_->profile;
}

bool DeviceModel::wants_quantized() const {
  return parts_->wants_quantized;
}

KernelGraph DeviceModel::detect(std::shared_ptr<const analysis::Layers> network) const {
  KernelGraph kernels =
      parts_->detector ? parts_->detector->detect(std::move(network)) : unfused(std::move(network));
  parts_->pricing->arrange(kernels);
  return kernels;
}

Prediction DeviceModel::predict(const KernelGraph& kernels) {
  return parts_->pricing->predict(kernels);
}

}  // namespace foretime
