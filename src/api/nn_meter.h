#pragma once

#include <string>
#include <vector>

#include "api/model.h"
#include "api/predict.h"

namespace foretime::api {

/// Devices whose kernels nn-Meter's detector finds without further files.
std::vector<std::string> nn_meter_devices();

/// Error: nn_meter_kernels would fail on this device whatever the model.
void check_nn_meter_device(const std::string& device);

/// The kernels that nn-Meter's detector finds in a model that was loaded, with its own configuration of each:
/// of files in nn-Meter's or NNI's form in the file as it stands, of all others in what get_ir would make of
/// the folded graph. `device` is one of nn_meter_devices(), or a path to a fusion_rules.json. Kernels that
/// nn-Meter's predictors leave out get a diagnostic.
/// Error: no such device; a file that is none of rules; a graph that the detector refuses.
std::vector<KernelRow> nn_meter_kernels(const Model& model, const std::string& device,
                                        Diagnostics& diagnostics);

}  // namespace foretime::api
