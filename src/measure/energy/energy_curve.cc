#include "measure/energy/energy_curve.h"

#include <algorithm>
#include <cmath>

#include "measure/statistics.h"

namespace foretime {

void EnergyCurve::add_energy(double seconds, double joules) {
  joules_.push_back(seconds_.empty() ? 0 : joules_.back() + joules - last_);
  seconds_.push_back(seconds);
  last_ = joules;
}

void EnergyCurve::add_power(double seconds, double watts) {
  joules_.push_back(seconds_.empty() ? 0
                                     : joules_.back() + (watts + last_) / 2 * (seconds - seconds_.back()));
  seconds_.push_back(seconds);
  last_ = watts;
}

TimeSpan EnergyCurve::whole() const {
  return seconds_.size() < 2 ? TimeSpan{} : TimeSpan{seconds_.front(), seconds_.back()};
}

bool EnergyCurve::covers(const TimeSpan& span) const {
  return seconds_.size() >= 2 && span.begin >= seconds_.front() && span.begin <= span.end &&
         span.end <= seconds_.back();
}

double EnergyCurve::at(double seconds) const {
  const auto later = std::upper_bound(seconds_.begin(), seconds_.end(), seconds);
  if (later == seconds_.end()) return joules_.back();
  const auto i = static_cast<std::size_t>(later - seconds_.begin());
  const double share = (seconds - seconds_[i - 1]) / (seconds_[i] - seconds_[i - 1]);
  return joules_[i - 1] + share * (joules_[i] - joules_[i - 1]);
}

double EnergyCurve::energy(const TimeSpan& span) const {
  return at(span.end) - at(span.begin);
}

std::size_t EnergyCurve::readings(const TimeSpan& span) const {
  const auto first = std::lower_bound(seconds_.begin(), seconds_.end(), span.begin);
  const auto last = std::upper_bound(seconds_.begin(), seconds_.end(), span.end);
  return static_cast<std::size_t>(std::max<std::ptrdiff_t>(last - first, 0));
}

double EnergyCurve::longest_step(const TimeSpan& span) const {
  double longest = 0;
  for (std::size_t i = 1; i < seconds_.size(); ++i) {
    if (seconds_[i] < span.begin || seconds_[i - 1] > span.end) continue;
    longest = std::max(longest, seconds_[i] - seconds_[i - 1]);
  }
  return longest;
}

double EnergyCurve::usual_step() const {
  std::vector<double> steps;
  for (std::size_t i = 1; i < seconds_.size(); ++i) steps.push_back(seconds_[i] - seconds_[i - 1]);
  return steps.empty() ? 0 : median(std::move(steps));
}

bool EnergyCurve::constant() const {
  if (seconds_.size() < 3) return true;
  const auto watts = [&](std::size_t i) {
    return (joules_[i] - joules_[i - 1]) / (seconds_[i] - seconds_[i - 1]);
  };
  for (std::size_t i = 2; i < seconds_.size(); ++i) {
    if (std::abs(watts(i) - watts(1)) > 1e-9 * std::abs(watts(1))) return false;
  }
  return true;
}

}  // namespace foretime
