#include "api/devices.h"

#include "base/mapped_file.h"
#include "calibrate/host.h"

namespace foretime::api {

std::vector<ProfileEntry> list_devices() {
  return list_profiles();
}

DeviceProfile show_device(const std::string& id_or_path) {
  return id_or_path == kHostId ? host_profile() : load_profile(id_or_path);
}

std::string import_device(const std::string& path) {
  return save_profile(parse_profile(MappedFile::open(path)->text(), path));
}

}  // namespace foretime::api
