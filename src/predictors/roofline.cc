// The roofline: a kernel takes as long as its arithmetic at the device's peak rate, or as moving its bytes at
// the device's bandwidth, whichever is longer, and a launch besides (Williams, Waterman, Patterson:
// "Roofline", CACM 2009).

#include <algorithm>
#include <utility>
#include <vector>

#include "predictors/pricing.h"
#include "predictors/refinement.h"

namespace foretime {
namespace {

// A network may hold kernels of which not even the sizes are known. Each is taken to cost as much as the
// median of the others, and doubles its share of the interval's upper end.
constexpr double kUnknownWidens = 2.0;

double bytes_moved(const KernelWork& work, const Precision& precision) {
  return (static_cast<double>(work.activation_elements) * precision.activation_bits +
          static_cast<double>(work.weight_elements) * precision.weight_bits) /
             8 +
         static_cast<double>(work.other_bytes);
}

Milliseconds time_of(Kind kind, const KernelWork& work, const DeviceProfile& profile, double efficiency = 1) {
  const KernelRates rates = rates_of(profile.predictor.roofline, info(kind).kernel_class);
  const double operations = work.arithmetic ? static_cast<double>(work.arithmetic->flops.value) : 0;
  const double seconds = std::max(operations / (rates.ops_per_s * efficiency),
                                  bytes_moved(work, profile.precision) / rates.bytes_per_s);
  return {seconds * 1e3 + rates.overhead_ms};
}

bool unpriced(const Kernel& kernel) {
  return kernel.kind() != Kind::none && !kernel.sized;
}

Milliseconds median_of(std::vector<double> times) {
  if (times.empty()) return {};
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return {*middle};
}

KernelPrediction price(const KernelGraph& graph, const Kernel& kernel, const DeviceProfile& profile,
                       const Refinement& refinement) {
  if (kernel.kind() == Kind::none) return {&kernel, {}, Source::rule};
  const KernelWork work = work_of(graph, kernel);
  const bool known = work.arithmetic && kernel.sized;
  return {&kernel, time_of(kernel.kind(), work, profile, efficiency(refinement, kernel)),
          known ? Source::analytic : Source::fallback};
}

void price_unsized(Prediction& prediction) {
  std::vector<double> known;
  for (const KernelPrediction& kernel : prediction.kernels) {
    if (kernel.kernel->kind() != Kind::none && !unpriced(*kernel.kernel))
      known.push_back(kernel.latency.value);
  }
  const Milliseconds median = median_of(std::move(known));
  std::size_t count = 0;
  for (KernelPrediction& kernel : prediction.kernels) {
    if (!unpriced(*kernel.kernel)) continue;
    kernel.latency = std::max(kernel.latency, median);
    ++count;
  }
  if (count == 0) return;
  prediction.diagnostics.push_back(
      {Severity::warning, "kernel-unpriced",
       std::to_string(count) + " kernels have unknown sizes; each is priced as the median of the others",
       ""});
}

class RooflinePricing : public Pricing {
 public:
  RooflinePricing(const DeviceProfile& profile, Refinement refinement)
      : profile_(profile), refinement_(std::move(refinement)) {}

  Prediction predict(const KernelGraph& kernels) override {
    const Roofline& roofline = profile_.predictor.roofline;
    Prediction prediction;
    prediction.overhead = {roofline.network_overhead_ms};
    for (const Kernel& kernel : kernels.kernels) {
      prediction.kernels.push_back(price(kernels, kernel, profile_, refinement_));
    }
    price_unsized(prediction);

    double sum = 0;
    double uncertain = 0;
    for (const KernelPrediction& kernel : prediction.kernels) {
      sum += kernel.latency.value;
      if (kernel.source == Source::fallback) uncertain += kernel.latency.value;
    }
    prediction.latency = {prediction.overhead.value + sum};
    const double certain = prediction.latency.value - uncertain;
    prediction.interval90 = {{prediction.latency.value * roofline.interval_low},
                             {(certain + uncertain * kUnknownWidens) * roofline.interval_high}};
    return prediction;
  }

 private:
  const DeviceProfile& profile_;
  const Refinement refinement_;
};

}  // namespace

std::optional<Milliseconds> roofline_time(const KernelGraph& graph, const Kernel& kernel,
                                          const DeviceProfile& profile) {
  if (!kernel.sized) return std::nullopt;
  return time_of(kernel.kind(), work_of(graph, kernel), profile);
}

std::unique_ptr<Pricing> roofline_pricing(const DeviceProfile& profile) {
  return std::make_unique<RooflinePricing>(profile, Refinement());
}

std::unique_ptr<Pricing> refined_pricing(const DeviceProfile& profile) {
  return std::make_unique<RooflinePricing>(
      profile, parse_refinement(profile.predictor.parameters, profile.id + ": /predictor/parameters"));
}

}  // namespace foretime
