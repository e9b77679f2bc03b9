#pragma once

// Which networks to measure on a device, before anything is measured there.
//
// A model's relative error on a network is a sum over what the network's time is spent on: e = Σ share · δ,
// with one unknown δ each for a resource, a physical column, a kind of kernel, its sort, and its sizes,
// coarse and fine (a cell). Taking every δ as normal around 0, with a variance that says how far such prices
// lie apart, measuring a network makes some of them known, and those of whatever shares them a little.
// Networks are taken one after the other, each the one whose measuring takes most off the mean variance of e
// over the whole pool (Bayesian I-optimal design; Chaloner, Verdinelli: "Bayesian experimental design: a
// review", 1995): kernels count by the time the pool spends in them, and what resembles a covered one teaches
// little.

#include <cstdint>
#include <span>
#include <vector>

#include "calibrate/fitted.h"

namespace foretime {

/// The pool as one model sees it: what each network's time is made of.
struct PoolView {
  const Observations& observations;  // latencies are not looked at
  AdditiveModel model;               // of another device; or of none (`neutral_model`)
};

/// A model of no device: of each resource the pool's median network needs the same time, and columns compare
/// as their ratios say. Times have no unit.
AdditiveModel neutral_model(const Observations& observations, const Chosen& pool);

struct Choice {
  std::uint32_t network = 0;
  double time = 0;       // as the first view's model predicts it
  double new_share = 0;  // of that time, in kernels unlike those of the known networks and earlier choices
  double covered = 0;  // share of the pool's time in kernels like those known by now, each network counting 1
  double uncertainty =
      0;  // mean variance over the pool that is left, as a share of what it was in the beginning
};

/// The `count` networks of the pool (or as many as there are) that teach most about it, the best one first,
/// so that the first few of them are a choice of few; the same for the same pool. Networks of `known` are
/// measured already. A gain counts less the longer a network runs, by the tenth root of 1 + its time / the
/// pool's median. REQUIRES: a view, all of the same networks; `pool` and `known` ascending.
std::vector<Choice> choose(std::span<const PoolView> views, const Chosen& pool, const Chosen& known,
                           std::size_t count);

}  // namespace foretime
