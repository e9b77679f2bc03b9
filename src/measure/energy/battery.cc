// The battery's own gauge, in /sys/class/power_supply. Drivers disagree about the sign of a current that
// flows out, so it is left away; which way it flows is told by `status` and by whether anything else feeds
// the machine.

#include <cmath>

#include "measure/energy/families.h"
#include "measure/energy/sysfs.h"

namespace foretime {
namespace {

// Gauges take a new value once a second or more seldom.
constexpr Milliseconds kRefresh{1000};

/// Names of supplies other than batteries that are plugged in.
std::vector<std::string> plugged_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const std::string& entry : sysfs::entries(folder)) {
    const std::string supply = folder + "/" + entry;
    const auto type = sysfs::word(supply + "/type");
    if (type && *type != "Battery" && sysfs::number(supply + "/online").value_or(0) > 0) {
      names.push_back(entry + " (" + *type + ")");
    }
  }
  return names;
}

/// Watts out of or into the battery; nothing: it does not tell.
std::function<double()> reader_of(const std::string& battery) {
  const std::string power = battery + "/power_now";
  if (sysfs::number(power)) {
    return [power] { return std::abs(sysfs::number_or_error(power)) / 1e6; };  // µW
  }
  const std::string current = battery + "/current_now";
  const std::string voltage = battery + "/voltage_now";
  if (!sysfs::number(current) || !sysfs::number(voltage)) return {};
  return [current, voltage] {
    return std::abs(sysfs::number_or_error(current)) * sysfs::number_or_error(voltage) / 1e12;  // µA, µV
  };
}

}  // namespace

void find_battery(const SensorPlaces& places, SensorSearch& search) {
  const std::string folder = places.root + "/sys/class/power_supply";
  const std::size_t before = search.found.size();
  for (const std::string& entry : sysfs::entries(folder)) {
    const std::string battery = folder + "/" + entry;
    if (sysfs::word(battery + "/type") != "Battery") continue;
    if (sysfs::word(battery + "/scope") == "Device") continue;  // of a mouse or a pen
    std::function<double()> read = reader_of(battery);
    if (!read) continue;
    EnergySensor sensor{"battery:" + entry, "battery " + entry + ", its own gauge", false, kRefresh, {},
                        std::move(read)};
    const std::string status = sysfs::line(battery + "/status").value_or("unknown");
    for (const std::string& other : plugged_in(folder)) {
      sensor.doubts.push_back("the machine is fed by " + other + ", not by its battery alone: unplug it");
    }
    if (sensor.doubts.empty() && status != "Discharging" && status != "unknown") {
      sensor.doubts.push_back("the battery's status is " + status + ", not Discharging: unplug the charger");
    }
    search.found.push_back(std::move(sensor));
  }
  if (search.found.size() == before) {
    search.missing.push_back("battery: none in " + folder + " tells its power");
  }
}

}  // namespace foretime
