#pragma once

#include <span>

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

}  // namespace foretime
