#pragma once

#include <memory>

#include "analysis/layers.h"
#include "device/device_profile.h"
#include "kernels/kernel_graph.h"
#include "predictors/prediction.h"

namespace foretime {

/// A device's profile made ready: its fusion rules and its prices. Remembers the prices of kernels it has
/// seen, so one model serves one thread.
class DeviceModel {
 public:
  /// Error: rules or parameters that this program does not understand.
  explicit DeviceModel(DeviceProfile profile);
  ~DeviceModel();
  DeviceModel(DeviceModel&&) noexcept;
  DeviceModel& operator=(DeviceModel&&) noexcept;

  const DeviceProfile& profile() const;
  /// Prices networks by the integers between QuantizeLinear and DequantizeLinear: one of floats is to be
  /// quantised first.
  bool wants_quantized() const;
  /// The network as this device runs it.
  KernelGraph detect(std::shared_ptr<const analysis::Layers> network) const;
  /// Its latency. `kernels` must outlive the result.
  Prediction predict(const KernelGraph& kernels);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace foretime
