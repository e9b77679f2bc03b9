#pragma once

// Which kernels a model gets wrong, as far as networks tell that it did not see.

#include <string>
#include <vector>

#include "calibrate/fitted.h"

namespace foretime {

/// How well kernels of a kind are predicted. Where a runtime timed them one by one these are their own
/// errors; where only whole networks were timed, the networks' errors, each counting by the share of its
/// predicted time that it spends in them.
struct KindError {
  Kind kind = Kind::none;
  std::size_t kernels = 0;   // timed; of whole networks: networks that have some
  double share_percent = 0;  // of all predicted time
  double mape_percent = 0;   // weighted by time
  double bias_percent = 0;   // of their sum: above 0 where too much is predicted
};
/// Those that take most time first.
std::vector<KindError> errors_by_kind(const Observations& observations, const Fitted& fitted,
                                      const Chosen& chosen, const Calibrated& calibrated);

/// A kernel, or several that ran as one, measured and predicted.
struct BlamedKernel {
  TimedPart what;
  double measured = 0;   // ms
  double predicted = 0;  // ms
};
struct BlamedNetwork {
  std::string id;
  Scored times;
  std::vector<BlamedKernel> kernels;  // the farthest off first; empty: only the whole was timed
};
/// The networks of `chosen` that are predicted worst, `most` at most, with the few kernels of each that miss
/// most milliseconds in the direction in which the network does.
std::vector<BlamedNetwork> worst_networks(const Observations& observations, const Chosen& chosen,
                                          const Calibrated& calibrated, std::size_t most);

}  // namespace foretime
