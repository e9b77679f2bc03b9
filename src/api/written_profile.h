#pragma once

#include <cstddef>
#include <string>

#include "api/fit.h"
#include "device/device_profile.h"

namespace foretime::api {

/// YYYY-MM-DD, UTC.
std::string today();

/// Writes the profile to `path`, or, if that is empty, into the user's folder; where it lies. Error: it is
/// not valid, or cannot be written.
std::string write_profile(const DeviceProfile& profile, const std::string& path);

/// Writes the profile of a fit and fills in what every fit says of itself, but for the time it took. Error:
/// as write_profile. REQUIRES: the profile says how accurate it is.
void write_fitted(const DeviceProfile& profile, const std::string& path, std::size_t networks,
                  FitResult& result);

}  // namespace foretime::api
