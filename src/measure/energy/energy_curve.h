#pragma once

// Energy over time, whatever it came from: a counter gives it as it is, power is summed up by the trapezoid
// rule. All else (windows, idle power, intervals) is differences of this one curve.

#include <cstddef>
#include <optional>
#include <vector>

namespace foretime {

/// A stretch of time, in seconds of the curve's clock.
struct TimeSpan {
  double begin = 0;
  double end = 0;

  double length() const { return end - begin; }
};

/// Energy since the first reading. Between readings it grows evenly.
class EnergyCurve {
 public:
  /// A reading of a counter: joules since any fixed moment. REQUIRES: a later time than the one before.
  void add_energy(double seconds, double joules);
  /// A reading of power, in watts; between readings it changes evenly. REQUIRES: as above.
  void add_power(double seconds, double watts);

  std::size_t size() const { return seconds_.size(); }
  /// From the first to the last reading; empty: fewer than two.
  TimeSpan whole() const;
  bool covers(const TimeSpan& span) const;
  /// Joules. REQUIRES: covers(span).
  double energy(const TimeSpan& span) const;
  /// Watts, on average. REQUIRES: covers(span), longer than 0.
  double power(const TimeSpan& span) const { return energy(span) / span.length(); }
  /// Readings inside.
  std::size_t readings(const TimeSpan& span) const;
  /// The longest time between two readings of which one is inside, in seconds.
  double longest_step(const TimeSpan& span) const;
  /// The usual time between readings, in seconds; 0: fewer than two.
  double usual_step() const;
  /// Not one reading differs from the others in power: the sensor may be stuck.
  bool constant() const;

 private:
  double at(double seconds) const;

  std::vector<double> seconds_;
  std::vector<double> joules_;  // since the first reading
  double last_ = 0;             // what was added last, as it was
};

}  // namespace foretime
