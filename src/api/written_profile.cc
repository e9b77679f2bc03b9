#include "api/written_profile.h"

#include <array>
#include <ctime>

#include "base/mapped_file.h"
#include "device/store.h"

namespace foretime::api {

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::array<char, 16> text{};
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::strftime(text.data(), text.size(), "%Y-%m-%d", &parts);
  return text.data();
}

std::string write_profile(const DeviceProfile& profile, const std::string& path) {
  if (path.empty()) return save_profile(profile);
  write_file(path, to_json(profile));
  return path;
}

void write_fitted(const DeviceProfile& profile, const std::string& path, std::size_t networks,
                  FitResult& result) {
  result.profile = write_profile(profile, path);
  result.name = profile.id;
  result.bytes = to_json(profile).size();
  result.networks = networks;
  result.cross_validation = *profile.accuracy;
  result.noise_floor_percent = profile.noise_floor_percent;
}

}  // namespace foretime::api
