#pragma once

// A profile of the machine we run on, without measuring a single network: its peaks (measure/peaks.h) times
// the share of them that runtimes usually reach. Good enough to rank networks and to see where time goes,
// within an interval that says how rough it is; calibrating a runtime replaces it.

#include <functional>
#include <optional>
#include <string>

#include "base/diagnostics.h"
#include "device/device_profile.h"
#include "measure/cpu.h"
#include "measure/peaks.h"

namespace foretime {

/// The id of the profile, and its name in the user's folder.
constexpr std::string_view kHostId = "host";

/// The machine, as far as this room needs it; tests put an invented one in its place.
struct Host {
  CpuDescription cpu;
  std::function<HostPeaks()> probe;  // takes about a second
  std::string date;                  // today, YYYY-MM-DD
};

/// The machine we run on.
Host this_host();

/// What the peaks mean: an analytic profile for float32 on one thread.
DeviceProfile profile_of_peaks(const HostPeaks& peaks, const Host& host);

/// The profile that an earlier probe of this very processor left in the user's folder, if there is one.
/// Error: the user has a profile of his own named "host", and it cannot be read.
std::optional<DeviceProfile> probed_host_profile(const CpuDescription& cpu = describe_cpu());

/// The earlier profile if it still fits this processor and program, else a new one, which is kept for the
/// next time. With `probe`, always a new one. That it could not be kept is a diagnostic, not an error. Error:
/// the user's own profile named "host" is in the way.
DeviceProfile host_profile(bool probe = false, Diagnostics* diagnostics = nullptr,
                           const Host& host = this_host());

}  // namespace foretime
