#include "measure/energy/monitor.h"

#include <algorithm>
#include <chrono>

#include "base/stopwatch.h"

namespace foretime {

Milliseconds reading_period(const EnergySensor& sensor) {
  constexpr double kLeastMs = 10;
  return {std::max(kLeastMs, sensor.refresh.value)};
}

EnergyMonitor::EnergyMonitor(const EnergySensor& sensor) : sensor_(sensor), thread_([this] { watch(); }) {}

EnergyMonitor::~EnergyMonitor() {
  join();
}

void EnergyMonitor::watch() {
  const std::chrono::duration<double, std::milli> period(reading_period(sensor_).value);
  try {
    while (true) {
      const double before = steady_now().value;
      const double value = sensor_.read();
      const double seconds = (before + steady_now().value) / 2e3;
      if (sensor_.counts) {
        curve_.add_energy(seconds, value);
      } else {
        curve_.add_power(seconds, value);
      }
      std::unique_lock lock(mutex_);
      if (told_.wait_for(lock, period, [this] { return stopping_; })) return;
    }
  } catch (...) {  // told by stop()
    failed_ = std::current_exception();
  }
}

void EnergyMonitor::join() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  told_.notify_all();
  if (thread_.joinable()) thread_.join();
}

EnergyCurve EnergyMonitor::stop() {
  join();
  if (failed_) std::rethrow_exception(failed_);
  return std::move(curve_);
}

}  // namespace foretime
