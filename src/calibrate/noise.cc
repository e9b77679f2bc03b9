#include "calibrate/noise.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

namespace foretime {
namespace {

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double relative_deviation(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  const double mean = sum / static_cast<double>(values.size());
  double squares = 0;
  for (const double value : values) squares += (value / mean - 1) * (value / mean - 1);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

}  // namespace

std::optional<double> noise_floor_percent(const std::vector<Observation>& networks) {
  std::vector<double> shares;
  for (const Observation& network : networks) {
    if (network.deviation > 0) shares.push_back(network.deviation / network.latency);
  }
  if (!shares.empty()) return 100 * median(std::move(shares));
  std::map<std::uint64_t, std::vector<double>> groups;
  for (const Observation& network : networks) groups[network.structure].push_back(network.latency);
  for (const auto& [structure, latencies] : groups) {
    if (latencies.size() > 1) shares.push_back(relative_deviation(latencies));
  }
  if (shares.empty()) return std::nullopt;
  return 100 * median(std::move(shares));
}

}  // namespace foretime
