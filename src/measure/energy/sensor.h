#pragma once

// Sensors of the machine that tell energy or power. Each family (one file each, and one row in sensor.cc)
// looks where its sensors would be and says what it found, or why there is nothing and what would help.

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"

namespace foretime {

/// One sensor, ready to be read.
struct EnergySensor {
  std::string name;                 // as --energy-sensor calls it: "rapl", "hwmon:VDD_IN"
  std::string what;                 // "processor packages and memory (RAPL)"
  bool counts = false;              // `read` gives joules since any fixed moment; else watts now
  Milliseconds refresh;             // a new value comes about so often
  std::vector<std::string> doubts;  // why not to trust it as things are
  std::function<double()> read;     // Error: it cannot be read any more
};

/// Where sensors are looked for; tests have their own.
struct SensorPlaces {
  std::string root;                        // sys/ lies in it; empty: the system's own
  std::string nvml = "libnvidia-ml.so.1";  // library, as the loader finds it
};

struct SensorSearch {
  std::vector<EnergySensor> found;   // of each family, best first
  std::vector<std::string> missing;  // "RAPL: /sys/class/powercap is not there (…)"
};

struct SensorFamily {
  std::string_view name;  // beginning of its sensors' names
  void (*find)(const SensorPlaces& places, SensorSearch& search);
};

/// In the order in which they are taken when none is asked for.
std::span<const SensorFamily> sensor_families();

SensorSearch find_sensors(const SensorPlaces& places = {});

/// The sensor `name`; with an empty name, the best of the family `prefer`, else the best there is. Error:
/// there is none, or several rails of which none is known to be the whole; it says what was looked for.
EnergySensor choose_sensor(SensorSearch search, const std::string& name, std::string_view prefer = {});

}  // namespace foretime
