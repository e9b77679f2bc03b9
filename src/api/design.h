#pragma once

// How networks are cut into kernels and what prices them, for verbs that fit or adapt.

#include <string>

#include "api/fit.h"
#include "calibrate/observations.h"
#include "predictors/additive_parameters.h"

namespace foretime::api {

/// The profile whose identity the new one takes, or a bare one.
DeviceProfile profile_like(const FitRequest& request);
/// Rules, physics and features that the request asks for. Error: rules or physics that do not exist.
ModelDesign design_of(const FitRequest& request, const DeviceProfile& like);

/// A fitted profile, opened.
struct KnownModel {
  DeviceProfile profile;
  AdditiveParameters parameters;
  ModelDesign design;
  AdditiveModel model;
};
/// Error: no such profile; one that was not fitted on networks.
KnownModel known_model(const std::string& id_or_path);

}  // namespace foretime::api
