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
std::unique_ptr<Pricing> roofline_pricing(const DeviceProfile& profile);
std::unique_ptr<Pricing> refined_pricing(
    const DeviceProfile& profile);  // a roofline with docs/device-profile.md's parallelism
std::unique_ptr<Pricing> additive_pricing(const DeviceProfile& profile);

/// A kernel's time by the profile's roofline, which every profile has. Absent: its sizes are not known.
std::optional<Milliseconds> roofline_time(const KernelGraph& graph, const Kernel& kernel,
                                          const DeviceProfile& profile);

}  // namespace foretime
