#pragma once

#include <memory>

#include "device/device_profile.h"
#include "predictors/prediction.h"

namespace foretime {

/// How one kind of predictor prices a network.
class Pricing {
 public:
  virtual ~Pricing() = default;
  /// Writes into the kernels what this pricing asks of the network as a whole (Physics::arrange).
  virtual void arrange(KernelGraph&) const {}
  /// Not const: prices are remembered.
  virtual Prediction predict(const KernelGraph& kernels) = 0;
};

/// REQUIRES of each: the profile outlives the result, and its predictor is of that kind.
std::unique_ptr<Pricing> stack_pricing(
    const DeviceProfile& profile);  // roofline, refined, statistical, mixed
std::unique_ptr<Pricing> additive_pricing(const DeviceProfile& profile);

/// What a kernel asks of a roofline; integers and booleans have their own width.
struct RooflineAmounts {
  double operations = 0;  // 1 MAC = 2; 0 also where they are not known
  double bytes = 0;       // read and written
};
RooflineAmounts amounts_of(const KernelGraph& graph, const Kernel& kernel, const Precision& precision);

/// max(operations / (rate · efficiency), bytes / bandwidth) + overhead, milliseconds.
double roofline_ms(const RooflineAmounts& amounts, const KernelRates& rates, double efficiency = 1);

/// A kernel's time by the profile's roofline, which every profile has. Absent: its sizes are not known.
std::optional<Milliseconds> roofline_time(const KernelGraph& graph, const Kernel& kernel,
                                          const DeviceProfile& profile);

}  // namespace foretime
