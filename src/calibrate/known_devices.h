#pragma once

// A device of which few networks were measured, predicted with what is known of other devices.

#include <span>
#include <string>
#include <vector>

#include "calibrate/fitted.h"

namespace foretime {

/// Another device's model, and the new device's networks cut into kernels by that model's rules.
struct KnownDevice {
  std::string name;  // the profile's id
  Observations observations;
  Fitted fitted;      // its times are those of the observations' kernels
  bool moves = true;  // false: it lends its rules and physics only, and `fitted` is empty
};

/// One way to a model of the new device, and how it did on networks it did not see.
struct Candidate {
  std::string what;  // "from ID", "mixture of ID, …", "from scratch as ID": with ID's rules and physics
  std::size_t device = 0;  // whose observations it is of
  bool from_scratch = false;
  std::size_t rivals = 1;  // moved from devices of one design, or fitted from scratch: the best is also lucky
  Fitted fitted;
  std::vector<Scored> held_out;  // `few`, in order, each predicted by a model made without it
  double log_error = 0;          // mean |log predicted / measured| of these
};

/// Every way there is from the networks of `few`, the best one first: each device's model transferred,
/// devices of one design mixed, and a fit from scratch for each design. What is held out: each network by
/// itself, or tenths of many, equal structures together. A model of known devices of the same rules and
/// physics as the best fit from scratch counts with less than its error where networks are few: n / (n + 10)
/// of it. A model moved from one of D devices of a design counts with more (`luck`). REQUIRES: a device; all
/// of them observe the same networks.
std::vector<Candidate> candidates(std::span<const KnownDevice> devices, const Chosen& few);

/// The true error of the candidate that n networks show to be the best of D like ones, to the error that they
/// show: a mean of n absolute normal errors spreads by √((π/2 − 1) / n) of itself, and the least of D such
/// means lies about √(2 ln D) of that below. At most 20.
double luck(std::size_t candidates, std::size_t networks);

/// What nine in ten further errors stay below: the conformal quantile, and where there are fewer than nine
/// errors, at least Student's t times their root mean square.
double log_error_of(std::vector<double> errors);

}  // namespace foretime
