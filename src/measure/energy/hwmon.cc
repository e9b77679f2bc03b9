// Power monitors on the board (INA2xx, INA3221 and what else the kernel's hwmon shows). Rails go by their
// labels, never by their numbers, which change from board to board. A chip that tells power is asked for it;
// of the INA3221, which does not, voltage and current of one channel are multiplied.

#include <algorithm>
#include <array>
#include <set>

#include "measure/energy/families.h"
#include "measure/energy/sysfs.h"

namespace foretime {
namespace {

// Most chips average over some milliseconds; where the driver does not say, this is safe.
constexpr Milliseconds kRefresh{100};
// Rails that feed a whole board, as boards call them.
constexpr std::array<std::string_view, 5> kWhole = {"VDD_IN", "POM_5V_IN", "VIN_SYS_5V0", "VIN", "SYS_IN"};
// Of an INA3221, what follows the third channel are shunts and sums.
constexpr int kPairs = 3;

/// What one chip calls a channel.
std::string label_of(const std::string& chip, const std::string& channel, const std::string& otherwise) {
  return sysfs::line(chip + "/" + channel + "_label").value_or(otherwise);
}

Milliseconds refresh_of(const std::string& chip) {
  const auto told = sysfs::number(chip + "/update_interval");
  return told && *told > 0 ? Milliseconds{*told} : kRefresh;
}

void find_powers(const std::string& chip, const std::string& name, std::vector<EnergySensor>& found) {
  for (const std::string& entry : sysfs::entries(chip)) {
    const bool input = entry.ends_with("_input");
    if (!entry.starts_with("power") || !(input || entry.ends_with("_average"))) continue;
    const std::string channel = entry.substr(0, entry.rfind('_'));
    if (!input && sysfs::exists(chip + "/" + channel + "_input")) continue;
    const std::string file = chip + "/" + entry;
    if (!sysfs::number(file)) continue;
    const std::string bus = "in" + channel.substr(5);  // of an INA226, the bus voltage has the label
    const std::string label = label_of(chip, channel, label_of(chip, bus, name));
    found.push_back({label, name, false, refresh_of(chip), {}, [file] {
                       return sysfs::number_or_error(file) / 1e6;  // µW
                     }});
  }
}

void find_pairs(const std::string& chip, const std::string& name, std::vector<EnergySensor>& found) {
  for (int i = 1; i <= kPairs; ++i) {
    const std::string volts = chip + "/in" + std::to_string(i) + "_input";
    const std::string amperes = chip + "/curr" + std::to_string(i) + "_input";
    if (!sysfs::number(volts) || !sysfs::number(amperes)) continue;
    const std::string channel = std::to_string(i);
    found.push_back({label_of(chip, "in" + channel, label_of(chip, "curr" + channel, name + "-" + channel)),
                     name,
                     false,
                     refresh_of(chip),
                     {},
                     [volts, amperes] {
                       return sysfs::number_or_error(volts) * sysfs::number_or_error(amperes) /
                              1e6;  // mV, mA
                     }});
  }
}

}  // namespace

bool is_whole_rail(std::string_view name) {
  const std::string_view label = name.substr(name.find(':') + 1);
  return std::find(kWhole.begin(), kWhole.end(), label) != kWhole.end();
}

void find_hwmon(const SensorPlaces& places, SensorSearch& search) {
  const std::string folder = places.root + "/sys/class/hwmon";
  std::vector<EnergySensor> found;
  for (const std::string& entry : sysfs::entries(folder)) {
    const std::string chip = folder + "/" + entry;
    const std::string name = sysfs::word(chip + "/name").value_or(entry);
    const std::size_t before = found.size();
    find_powers(chip, name, found);
    if (found.size() == before && name.starts_with("ina")) find_pairs(chip, name, found);
  }
  if (found.empty()) {
    search.missing.push_back("hwmon: no chip in " + folder +
                             " tells power (a board with an INA monitor and its driver)");
    return;
  }
  std::set<std::string> names;
  for (EnergySensor& sensor : found) {
    sensor.what = "rail " + sensor.name + " (" + sensor.what + ")";
    const std::string label = "hwmon:" + sensor.name;
    sensor.name = label;
    for (int i = 2; !names.insert(sensor.name).second; ++i) sensor.name = label + "@" + std::to_string(i);
  }
  std::stable_partition(found.begin(), found.end(),
                        [](const EnergySensor& sensor) { return is_whole_rail(sensor.name); });
  search.found.insert(search.found.end(), found.begin(), found.end());
}

}  // namespace foretime
