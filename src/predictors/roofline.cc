// The roofline: a kernel takes as long as its arithmetic at the device's peak rate, or as moving its bytes at
// the device's bandwidth, whichever is longer, and a launch besides (Williams, Waterman, Patterson:
// "Roofline", CACM 2009). What stands on it, parallelism and regressors, is ANNETTE's stack
// (docs/annette.md).

#include <algorithm>
#include <cmath>
#include <vector>

#include "predictors/pricing.h"
#include "predictors/stack_parameters.h"

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

RooflineAmounts amounts_of(const KernelWork& work, const Precision& precision) {
  return {work.arithmetic ? static_cast<double>(work.arithmetic->flops.value) : 0,
          bytes_moved(work, precision)};
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

/// The roofline, refined by the device's parallelism, and the regressors stacked on it, as far as the kind
/// has them.
class StackPricing : public Pricing {
 public:
  explicit StackPricing(const DeviceProfile& profile)
      : profile_(profile),
        parameters_(parse_stack_parameters(profile.predictor, profile.id + ": /predictor")) {
    for (const Estimator& each : parameters_.estimators) readers_.emplace_back(each, profile.id);
  }

  Prediction predict(const KernelGraph& kernels) override {
    Prediction prediction;
    prediction.overhead = {profile_.predictor.roofline.network_overhead_ms};
    prediction.kernels.reserve(kernels.kernels.size());
    for (const Kernel& kernel : kernels.kernels) prediction.kernels.push_back(price(kernels, kernel));
    for (std::size_t i = 0; i < readers_.size(); ++i) estimate(kernels, i, prediction);
    price_unsized(prediction);
    sum_up(prediction);
    return prediction;
  }

 private:
  KernelPrediction price(const KernelGraph& graph, const Kernel& kernel) const {
    if (kernel.kind() == Kind::none) return {&kernel, {}, Source::rule};
    const KernelWork work = work_of(graph, kernel);
    const bool known = work.arithmetic && kernel.sized;
    const double time =
        roofline_ms(amounts_of(work, profile_.precision), rates_for(kernel), efficiency_of(kernel));
    return {&kernel, {std::max(time, parameters_.floor_ms)}, known ? Source::analytic : Source::fallback};
  }
  KernelRates rates_for(const Kernel& kernel) const {
    return rates_of(profile_.predictor.roofline, info(kernel.kind()).kernel_class);
  }
  double efficiency_of(const Kernel& kernel) const {
    return efficiency(parameters_.refinement, kernel.config);
  }

  /// Prices what the estimator is the first to fit, all kernels together: trees are walked by several rows at
  /// once.
  void estimate(const KernelGraph& graph, std::size_t number, Prediction& prediction) {
    const Estimator& estimator = parameters_.estimators[number];
    std::vector<KernelPrediction*> priced;
    std::vector<float> rows;
    for (KernelPrediction& each : prediction.kernels) {
      if (each.source != Source::analytic || !estimator.fits(*each.kernel)) continue;
      const auto first = std::find_if(parameters_.estimators.begin(), parameters_.estimators.end(),
                                      [&](const Estimator& other) { return other.fits(*each.kernel); });
      if (&*first != &estimator) continue;
      readers_[number].append(graph, *each.kernel, rows);
      priced.push_back(&each);
    }
    std::vector<double> results(priced.size());
    estimator.forest.predict(rows, results);
    for (std::size_t i = 0; i < priced.size(); ++i) apply(graph, estimator.gives, results[i], *priced[i]);
  }

  /// A result that is no rate, or a kernel without operations, leaves the roofline's time.
  void apply(const KernelGraph& graph, Gives gives, double result, KernelPrediction& priced) const {
    const Kernel& kernel = *priced.kernel;
    double time = 0;
    if (gives == Gives::log_factor) {
      time = priced.latency.value * std::exp(std::clamp(result, -kMostCorrection, kMostCorrection));
    } else if (gives == Gives::milliseconds) {
      time = result;
    } else {
      const double operations = (*kernel_count("num_ops"))(graph, kernel);
      time = gives == Gives::ops_per_s ? operations / result * 1e3 : operations * result / 1e6;
      const RooflineAmounts amounts = amounts_of(work_of(graph, kernel), profile_.precision);
      const KernelRates rates = rates_for(kernel);
      if (amounts.operations / rates.ops_per_s > amounts.bytes / rates.bytes_per_s)
        time /= efficiency_of(kernel);
    }
    if (!(time > 0) || !std::isfinite(time)) return;
    priced.latency = {time};
    const bool known = parameters_.intervals.empty() || parameters_.known.contains(cell_of(kernel.config));
    if (known) priced.source = Source::learned;
  }

  void sum_up(Prediction& prediction) const {
    const Roofline& roofline = profile_.predictor.roofline;
    double sum = 0;
    double learned = 0;
    double fallback = 0;
    int count = 0;
    int learned_count = 0;
    for (const KernelPrediction& kernel : prediction.kernels) {
      if (kernel.source == Source::rule) continue;
      ++count;
      sum += kernel.latency.value;
      if (kernel.source == Source::fallback) fallback += kernel.latency.value;
      if (kernel.source != Source::learned) continue;
      ++learned_count;
      learned += kernel.latency.value;
    }
    prediction.latency = {prediction.overhead.value + sum};
    if (count > 0) prediction.coverage = {100.0 * learned_count / count, sum > 0 ? 100.0 * learned / sum : 0};
    const double certain = prediction.latency.value - fallback;
    if (parameters_.intervals.empty()) {
      prediction.interval90 = {{prediction.latency.value * roofline.interval_low},
                               {(certain + fallback * kUnknownWidens) * roofline.interval_high}};
      return;
    }
    const double error = log_error_at(parameters_.intervals, sum > 0 ? 1 - learned / sum : 1);
    prediction.interval90 = {{certain * std::exp(-error) + fallback * roofline.interval_low},
                             {certain * std::exp(error) + fallback * roofline.interval_high}};
  }

  const DeviceProfile& profile_;
  const StackParameters parameters_;
  std::vector<EstimatorReader> readers_;  // by estimator
};

}  // namespace

RooflineAmounts amounts_of(const KernelGraph& graph, const Kernel& kernel, const Precision& precision) {
  return amounts_of(work_of(graph, kernel), precision);
}

double roofline_ms(const RooflineAmounts& amounts, const KernelRates& rates, double efficiency) {
  const double seconds =
      std::max(amounts.operations / (rates.ops_per_s * efficiency), amounts.bytes / rates.bytes_per_s);
  return seconds * 1e3 + rates.overhead_ms;
}

std::optional<Milliseconds> roofline_time(const KernelGraph& graph, const Kernel& kernel,
                                          const DeviceProfile& profile) {
  if (!kernel.sized) return std::nullopt;
  const KernelRates rates = rates_of(profile.predictor.roofline, info(kernel.kind()).kernel_class);
  return Milliseconds{roofline_ms(amounts_of(graph, kernel, profile.precision), rates)};
}

std::unique_ptr<Pricing> stack_pricing(const DeviceProfile& profile) {
  return std::make_unique<StackPricing>(profile);
}

}  // namespace foretime
