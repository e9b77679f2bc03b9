#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "device/store.h"

namespace foretime::api {

/// Every profile there is; broken ones carry their error.
std::vector<ProfileEntry> list_devices();

/// The profile of that id or path; "host" is probed (about a second) unless it was before. Error: there is
/// none.
DeviceProfile show_device(const std::string& id_or_path);

struct ImportRequest {
  std::vector<std::string> files;  // profiles, or ANNETTE's layer models
  std::string mapping;  // of layer models: annette_mappings(), or a file as of AnnetteRequest; empty: none
  std::string name;     // id of the profile; empty: its own, or the layer model's file name
  std::string profile_out;  // empty: the user's folder
};

struct ImportResult {
  std::vector<std::string> paths;  // of the profiles written, in the order of the files
  Diagnostics diagnostics;
};

/// Checks profiles and keeps them in the user's folder under their ids, or in a file. A layer model of
/// ANNETTE becomes a profile; each pickle that it names must stand beside it as an export (docs/forests.md).
/// Error: a file is neither, or broken; an export is missing; one name for several files.
ImportResult import_devices(const ImportRequest& request);

}  // namespace foretime::api
