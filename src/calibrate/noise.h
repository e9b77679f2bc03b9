#pragma once

#include <optional>

#include "calibrate/observations.h"

namespace foretime {

/// How far repeated measurements of the same network lie apart, percent: the median over networks of the
/// relative deviation of single runs, where these are known; else the median inside groups of equal networks;
/// else absent.
std::optional<double> noise_floor_percent(const std::vector<Observation>& networks);

}  // namespace foretime
