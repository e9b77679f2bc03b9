#pragma once

#include <span>
#include <vector>

#include "device/device_profile.h"

namespace foretime {

/// A network's time as it was measured and as it was predicted, milliseconds.
struct Scored {
  double measured = 0;
  double predicted = 0;
  double low = 0;  // of the 90 % interval; 0 and 0: there is none
  double high = 0;
};

/// Errors relative to what was measured. Rank correlation is Spearman's, ties by mean rank; absent where
/// everything has the same rank.
AccuracyFigures score(std::span<const Scored> rows);

/// What nine in ten further errors stay below: of n errors the ⌈0.9 (n + 1)⌉-th smallest (split conformal),
/// or the largest where n is below nine. REQUIRES: there is one.
double conformal_quantile(std::vector<double> errors);

}  // namespace foretime
