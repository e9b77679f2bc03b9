#pragma once

// A new device as a mixture of known ones.
//
// Few networks do not say what each column of a physics costs on a new device. But devices of one sort differ
// in few ways (arithmetic against memory, wide against narrow, launches), and their models show in which.
// With T_t(n) for the time that known device t's model gives network n, scaled so that the measured networks
// come out right in the geometric mean, the new device takes Σ w_t T_t(n). The weights are at least 0 and
// minimise
//
//   Σ_n (Σ_t w_t T_t(n) / y_n − 1)² + (σ² / D) Σ_t (D w_t − 1)²        for D devices, σ = kMixtureNoise:
//
// the mean device, moved along what devices differ in (to these weights, independent normal deviations of
// variance 1 / D are a population with the devices' covariance, and σ is the error of a network's time by the
// models at hand). Prices, which times are linear in, mix alike, so the mixture is a model of the same
// physics.

#include <span>

#include "calibrate/fitted.h"

namespace foretime {

/// Relative. Between 0.03 and 0.1 it hardly matters (docs/accuracy.md).
constexpr double kMixtureNoise = 0.06;

/// The models mixed: corrections by trees are their mean by weight, intervals the narrowest at each novelty.
/// Without networks all weigh the same. REQUIRES: additive models of the observations' design, at least one.
Fitted mix(const Observations& observations, std::span<const Fitted* const> known, const Chosen& few);

}  // namespace foretime
