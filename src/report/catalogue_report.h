#pragma once

// What there is: built-in networks and devices.

#include <string>
#include <vector>

#include "api/devices.h"
#include "api/zoo.h"
#include "report/document.h"

namespace foretime::report {

std::string zoo_json(const std::vector<zoo::Listing>& networks);
Document zoo_document(const std::vector<zoo::Listing>& networks);

std::string devices_json(const std::vector<ProfileEntry>& devices);
Document devices_document(const std::vector<ProfileEntry>& devices);

/// One device in full: the profile file as it is, in an envelope.
std::string device_json(const DeviceProfile& profile);
Document device_document(const DeviceProfile& profile);

}  // namespace foretime::report
