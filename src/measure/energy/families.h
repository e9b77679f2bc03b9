#pragma once

// The families of sensors, one file each.

#include "measure/energy/sensor.h"

namespace foretime {

/// Intel's and AMD's counters of the processor, over the kernel's powercap files. "rapl": packages and
/// memory; "rapl:psys", "rapl:package-0", "rapl:dram", …: single domains.
void find_rapl(const SensorPlaces& places, SensorSearch& search);

/// Power monitors on the board, by the label of the rail: "hwmon:VDD_IN".
void find_hwmon(const SensorPlaces& places, SensorSearch& search);
/// Is the rail one that is known to feed everything?
bool is_whole_rail(std::string_view name);

/// The battery's own gauge: "battery:BAT0".
void find_battery(const SensorPlaces& places, SensorSearch& search);

/// NVIDIA's cards, over the driver's library: "nvml:0".
void find_nvml(const SensorPlaces& places, SensorSearch& search);

}  // namespace foretime
