#include "measure/energy/sensor.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/suggest.h"
#include "measure/energy/families.h"

namespace foretime {
namespace {

// A counter of the processor is finer and faster than a rail's power, which is better than a battery's; a
// graphics card is asked last, since it knows only itself.
constexpr std::array<SensorFamily, 4> kFamilies = {
    {{"rapl", find_rapl}, {"hwmon", find_hwmon}, {"battery", find_battery}, {"nvml", find_nvml}}};

std::string joined(const std::vector<std::string>& texts, const char* between) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : between) + text;
  return all;
}

[[noreturn]] void nothing_found(const std::vector<std::string>& missing) {
  throw Error("--energy", "no sensor can be read here: " + joined(missing, "; "),
              "one of these, or --energy-trace FILE of a power meter");
}

}  // namespace

std::span<const SensorFamily> sensor_families() {
  return kFamilies;
}

SensorSearch find_sensors(const SensorPlaces& places) {
  SensorSearch search;
  for (const SensorFamily& family : kFamilies) family.find(places, search);
  return search;
}

EnergySensor choose_sensor(SensorSearch search, const std::string& name, std::string_view prefer) {
  std::vector<EnergySensor>& found = search.found;
  if (found.empty()) nothing_found(search.missing);
  std::vector<std::string> names;
  for (const EnergySensor& sensor : found) names.push_back(sensor.name);
  if (!name.empty()) {
    const auto at = std::find(names.begin(), names.end(), name);
    if (at != names.end()) return std::move(found[static_cast<std::size_t>(at - names.begin())]);
    const std::string also = search.missing.empty() ? "" : "; " + joined(search.missing, "; ");
    throw Error("--energy-sensor " + name, "there is no such sensor" + also, suggestion(name, names));
  }
  const auto preferred = std::find_if(found.begin(), found.end(), [&](const EnergySensor& sensor) {
    return !prefer.empty() && sensor.name.starts_with(prefer);
  });
  EnergySensor& best = preferred == found.end() ? found.front() : *preferred;
  if (best.name.starts_with("hwmon:") && !is_whole_rail(best.name)) {
    std::vector<std::string> rails;
    for (const std::string& other : names) {
      if (other.starts_with("hwmon:")) rails.push_back(other);
    }
    if (rails.size() > 1) {
      throw Error("--energy",
                  "there are several rails, and none is known to feed all: " + joined(rails, ", "),
                  "--energy-sensor with one of them");
    }
  }
  return std::move(best);
}

}  // namespace foretime
