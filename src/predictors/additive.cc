// Prices of a profile that was fitted on whole networks: physics times corrections by trees. What the trees
// never saw anything like is still priced by physics, and counts as not covered; what even physics does not
// know gets the roofline.

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "kernels/features.h"
#include "kernels/physics.h"
#include "predictors/additive_parameters.h"
#include "predictors/pricing.h"

namespace foretime {
namespace {

struct Price {
  double milliseconds = 0;
  bool physical = false;  // some column of the physics applies
  bool known = false;     // kernels like it were fitted on
  bool strange = false;   // nor was any kernel of its sort, of whatever size
};

class AdditivePricing : public Pricing {
 public:
  explicit AdditivePricing(const DeviceProfile& profile)
      : profile_(profile),
        parameters_(parse_additive_parameters(profile.predictor, profile.id + ": /predictor")),
        physics_(physics_named(parameters_.physics, profile.id)),
        features_(features_named(parameters_.features, profile.id)) {
    for (const std::uint32_t cell : parameters_.known) sorts_.insert(sort_of_cell(cell));
  }

  void arrange(KernelGraph& kernels) const override {
    if (physics_.arrange != nullptr) physics_.arrange(kernels, profile_.threads.value_or(1));
  }
  Prediction predict(const KernelGraph& kernels) override;

 private:
  std::vector<const Price*> prices_of(const KernelGraph& kernels);
  double base_of(const KernelConfig& config, bool& physical);
  KernelPrediction price(const KernelGraph& kernels, const Kernel& kernel, const Price* price) const;
  void price_unsized(Prediction& prediction) const;

  const DeviceProfile& profile_;
  AdditiveParameters parameters_;
  const Physics& physics_;
  std::vector<const Feature*> features_;
  std::unordered_set<std::uint32_t> sorts_;
  std::unordered_map<KernelConfig, Price, KernelConfigHash> prices_;
  std::vector<Amount> amounts_;
};

/// Milliseconds by physics alone.
double AdditivePricing::base_of(const KernelConfig& config, bool& physical) {
  amounts_.clear();
  append_amounts(physics_, config, amounts_);
  physical = !amounts_.empty();
  double sum = 0;
  for (const Amount& amount : amounts_) sum += parameters_.coefficients[amount.column] * amount.value;
  return std::max(sum, parameters_.floor_ms);
}

/// By kernel; null for those that cost nothing or are of unknown size. Those that were not met before are
/// priced together: trees are walked by several rows at once.
std::vector<const Price*> AdditivePricing::prices_of(const KernelGraph& kernels) {
  std::vector<const Price*> prices;
  prices.reserve(kernels.kernels.size());
  std::vector<std::pair<const KernelConfig*, Price*>> fresh;
  std::vector<float> rows;
  for (const Kernel& kernel : kernels.kernels) {
    if (kernel.kind() == Kind::none || !kernel.sized) {
      prices.push_back(nullptr);
      continue;
    }
    const auto [at, inserted] = prices_.try_emplace(kernel.config);
    prices.push_back(&at->second);
    if (!inserted) continue;
    fresh.emplace_back(&at->first, &at->second);
    append_features(features_, kernel.config, rows);
  }
  if (fresh.empty()) return prices;
  std::vector<double> corrections(fresh.size());
  parameters_.corrections.predict(rows, corrections);
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    const auto [config, price] = fresh[i];
    const double base = base_of(*config, price->physical);
    price->milliseconds = base * std::exp(std::clamp(corrections[i], -kMostCorrection, kMostCorrection));
    const std::uint32_t cell = cell_of(*config);
    price->known = price->physical && parameters_.known.contains(cell);
    price->strange = !sorts_.contains(sort_of_cell(cell));
  }
  return prices;
}

KernelPrediction AdditivePricing::price(const KernelGraph& kernels, const Kernel& kernel,
                                        const Price* price) const {
  if (kernel.kind() == Kind::none) return {&kernel, {}, Source::rule};
  const double times = static_cast<double>(kernel.repetitions);
  if (price != nullptr && price->physical) {
    const Source source = price->known     ? Source::learned
                          : price->strange ? Source::fallback
                                           : Source::analytic;
    return {&kernel, {price->milliseconds * times}, source};
  }
  return {&kernel, roofline_time(kernels, kernel, profile_).value_or(Milliseconds{}), Source::fallback};
}

/// Kernels of which not even the sizes are known cost as much as the median of the others.
void AdditivePricing::price_unsized(Prediction& prediction) const {
  std::vector<double> known;
  std::vector<KernelPrediction*> unsized;
  for (KernelPrediction& each : prediction.kernels) {
    if (each.source == Source::rule) continue;
    if (each.kernel->sized) {
      known.push_back(each.latency.value);
    } else {
      unsized.push_back(&each);
    }
  }
  if (unsized.empty()) return;
  double median = profile_.predictor.roofline.kernel_overhead_ms;
  if (!known.empty()) {
    const auto middle = known.begin() + static_cast<std::ptrdiff_t>(known.size() / 2);
    std::nth_element(known.begin(), middle, known.end());
    median = *middle;
  }
  for (KernelPrediction* each : unsized) each->latency = {median};
  prediction.diagnostics.push_back(
      {Severity::warning, "kernel-unpriced",
       std::to_string(unsized.size()) +
           " kernels have unknown sizes; each is priced as the median of the others",
       ""});
}

Prediction AdditivePricing::predict(const KernelGraph& kernels) {
  const std::vector<const Price*> prices = prices_of(kernels);
  Prediction prediction;
  prediction.overhead = {parameters_.overhead_ms};
  prediction.kernels.reserve(kernels.kernels.size());
  for (std::size_t i = 0; i < prices.size(); ++i) {
    prediction.kernels.push_back(price(kernels, kernels.kernels[i], prices[i]));
  }
  price_unsized(prediction);
  double sum = 0;
  double learned = 0;
  double fallback = 0;
  int count = 0;
  int learned_count = 0;
  for (const KernelPrediction& priced : prediction.kernels) {
    if (priced.source == Source::rule) continue;
    ++count;
    sum += priced.latency.value;
    if (priced.source == Source::fallback) fallback += priced.latency.value;
    if (priced.source != Source::learned) continue;
    ++learned_count;
    learned += priced.latency.value;
  }
  prediction.latency = {parameters_.overhead_ms + sum};
  if (count > 0) prediction.coverage = {100.0 * learned_count / count, sum > 0 ? 100.0 * learned / sum : 0};
  const double novelty = sum > 0 ? 1 - learned / sum : 1;
  const double error =
      log_error_at(parameters_.intervals, novelty) * parameters_.stretch.at(prediction.latency.value);
  const double certain = prediction.latency.value - fallback;
  const Roofline& roofline = profile_.predictor.roofline;
  prediction.interval90 = {{certain * std::exp(-error) + fallback * roofline.interval_low},
                           {certain * std::exp(error) + fallback * roofline.interval_high}};
  return prediction;
}

}  // namespace

std::unique_ptr<Pricing> additive_pricing(const DeviceProfile& profile) {
  return std::make_unique<AdditivePricing>(profile);
}

}  // namespace foretime
