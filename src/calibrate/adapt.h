#pragma once

#include "calibrate/fitted.h"

namespace foretime {

/// The model moved towards a few networks of a kind it was not fitted on. Each physical column's price is
/// multiplied by a ≥ 0 that minimises Σ (q·a − 1)² + λ Σ (a_j − 1)², where q_j is the column's share of a
/// network's measured time, corrections by trees included. λ = max(0.001, 7 / n³) for n networks: one network
/// says that something is off, ten say what.
Fitted adapt(const Observations& observations, const Fitted& fitted, const Chosen& few);

}  // namespace foretime
