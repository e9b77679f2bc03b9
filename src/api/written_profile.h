#pragma once

#include <string>

#include "device/device_profile.h"

namespace foretime::api {

/// YYYY-MM-DD, UTC.
std::string today();

/// Writes the profile to `path`, or, if that is empty, into the user's folder; where it lies. Error: it is
/// not valid, or cannot be written.
std::string write_profile(const DeviceProfile& profile, const std::string& path);

}  // namespace foretime::api
