#pragma once

// Reads a sensor beside what runs, in a thread of its own. Time stamps are of the steady clock, which all
// processes of a machine share: a worker's blocks say when they began on the same clock.

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include "measure/energy/energy_curve.h"
#include "measure/energy/sensor.h"

namespace foretime {

/// How often a sensor is read: as often as it has something new to say, and no more than 100 times a second,
/// which takes less than 0.1 % of one processor.
Milliseconds reading_period(const EnergySensor& sensor);

class EnergyMonitor {
 public:
  /// Begins to read, every `reading_period`.
  explicit EnergyMonitor(const EnergySensor& sensor);
  EnergyMonitor(const EnergyMonitor&) = delete;
  EnergyMonitor& operator=(const EnergyMonitor&) = delete;
  ~EnergyMonitor();

  /// Ends. Seconds of the steady clock since the machine started. Error: the sensor could not be read any
  /// more.
  EnergyCurve stop();

 private:
  void watch();
  void join();

  EnergySensor sensor_;
  EnergyCurve curve_;
  std::exception_ptr failed_;
  std::mutex mutex_;
  std::condition_variable told_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace foretime
