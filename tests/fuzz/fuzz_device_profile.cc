// Any bytes end in a profile or in one Error, and a profile survives writing and reading.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/error.h"
#include "device/device_profile.h"

namespace {

/// The only profile that reads but cannot be written is one whose numbers take more room when printed.
void write_and_read(const foretime::DeviceProfile& profile, std::size_t size) {
  std::string text;
  try {
    text = foretime::to_json(profile);
  } catch (const foretime::Error&) {
    constexpr std::size_t kFarFromTheLimit = foretime::kLargestProfile / 16;
    if (size < kFarFromTheLimit) std::abort();
    return;
  }
  if (!(foretime::parse_profile(text, "again") == profile)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    write_and_read(foretime::parse_profile(text, "fuzz"), size);
  } catch (const foretime::Error&) {
  }
  return 0;
}
