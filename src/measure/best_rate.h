#pragma once

#include <functional>

#include "base/units.h"

namespace foretime {

/// Repeats `run`, which does `work` units of something, and returns the highest rate seen, in units per
/// second. Stops when the budget is spent, or earlier when the rate has stopped rising; runs at least twice.
double best_rate(double work, Milliseconds budget, const std::function<void()>& run);

}  // namespace foretime
