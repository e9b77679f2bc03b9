#pragma once

#include <optional>
#include <string>
#include <vector>

#include "device/store.h"

namespace foretime::api {

/// Every profile there is; broken ones carry their error.
std::vector<ProfileEntry> list_devices();

/// The profile of that id or path; "host" is probed (about a second) unless it was before. Error: there is
/// none.
DeviceProfile show_device(const std::string& id_or_path);

/// Checks a profile file and keeps it in the user's folder under its id; the path of the copy. Error: it is
/// broken.
std::string import_device(const std::string& path);

}  // namespace foretime::api
