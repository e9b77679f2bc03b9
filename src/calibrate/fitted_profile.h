#pragma once

#include "calibrate/fitted.h"
#include "device/device_profile.h"

namespace foretime {

/// The profile of a fitted model: predictor, roofline (of what physics does not know, at the mean price of
/// each resource), accuracy by cross-validation, noise floor. Identity, precision and provenance are those of
/// `like`. `held_out` are the folds' predictions of `chosen`.
DeviceProfile fitted_profile(const Observations& observations, const Fitted& fitted, const Chosen& chosen,
                             const std::vector<Scored>& held_out, DeviceProfile like);

}  // namespace foretime
