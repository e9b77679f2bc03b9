#pragma once

#include <map>
#include <string>

#include "api/model.h"
#include "base/diagnostics.h"
#include "device/device_profile.h"
#include "kernels/kernel_graph.h"
#include "predictors/prediction.h"

namespace foretime::api {

/// How often ANNETTE evaluates a layer of its own file, where that is not once, by name. Empty for other
/// formats.
std::map<std::string, int> annette_oddities(const Model& model);

/// What ANNETTE would get wrong of a network from one of its files, each with the milliseconds that getting
/// it right adds on this device: layers that it does not reach or counts twice, convolutions with a pooling
/// that it prices by their traffic alone, further inputs of a concatenation, operations of transposed
/// convolutions counted by their output. A kernel's part is what its roofline would lose. REQUIRES: the
/// prediction is that of `kernels` on this device.
void note_annette_differences(const std::map<std::string, int>& oddities, const KernelGraph& kernels,
                              const Prediction& prediction, const DeviceProfile& device,
                              Diagnostics& diagnostics);

}  // namespace foretime::api
