#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/nn_meter/detector.h"

namespace foretime::nn_meter {

/// What nn-Meter's predictors get of a kernel, or nothing if it has no features for it (such a kernel costs
/// nothing there). Sizes in elements; of convolutions and `fc` also FLOPs and parameters in millions, as
/// docs/nn-meter.md says.
std::optional<std::vector<double>> features(const Kernel& kernel);

/// The predictor that prices kernels of a kind: "conv-bn-relu" for all convolutions but depthwise ones, ….
std::string predictor_for(std::string_view kind);

/// The device has this predictor in nn-Meter's released set, version 1.0.
bool has_released_predictor(std::string_view device, std::string_view predictor);

}  // namespace foretime::nn_meter
