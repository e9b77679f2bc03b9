#pragma once

// How kernel times are learnt although only whole networks were ever measured.
//
// A network's time is T = overhead + Σ over its kernels of t(kernel), with t = base · exp(s). `base` is a
// non-negative combination of physical columns (operations, bytes, launches, … of each class of kernels),
// fitted on T in relative error and held near ratios that physics gives: what no network isolates is then
// priced like what is paid with the same resource. `s` is an ensemble of boosted trees over the kernel's
// features, one for all kinds of kernels, that lowers the loss Σ w (log T − log y)² over networks. With the
// counts C (networks × distinct kernels) and r = log(T / y), a round needs
//
//   first derivative of kernel k:  t_k Σ_n w_n C_nk r_n / T_n      second:  t_k Σ_n w_n C_nk / T_n
//
// The second is a majoriser (the shares of a network's kernels sum to at most 1, and r² is convex): the exact
// Gauss-Newton diagonal, squared shares, is far too small where a network has many kernels, and diverges.

#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "calibrate/boosted_trees.h"
#include "kernels/physics.h"
#include "regressors/tree_ensemble.h"

namespace foretime {

/// Number of a thing and how much of it.
template <typename Number>
struct Entry {
  std::uint32_t index;
  Number value;
};

/// Rows of few entries each, one after the other.
template <typename Number>
struct SparseRows {
  std::vector<std::size_t> begin = {0};
  std::vector<Entry<Number>> entries;

  std::size_t size() const { return begin.size() - 1; }
  void close() { begin.push_back(entries.size()); }
  std::span<const Entry<Number>> operator[](std::size_t row) const {
    return {entries.data() + begin[row], begin[row + 1] - begin[row]};
  }
};

/// Distinct kernels and the networks made of them.
struct AdditiveProblem {
  std::size_t features = 0;
  std::vector<float> rows;               // of features, kernel by kernel
  std::size_t columns = 0;               // physical ones
  std::vector<double> ratios;            // by column: how it compares with others of its resource
  std::vector<std::uint32_t> resources;  // by column
  SparseRows<double> physics;            // by kernel: its amounts, in any unit
  SparseRows<float> networks;            // by network: how many of each kernel
  std::vector<double> latencies;         // by network, milliseconds
  // Parts of networks that were timed alone, as a runtime's profile times its kernels: rows like networks.
  SparseRows<float> parts;
  std::vector<double> part_latencies;     // by part, milliseconds
  std::vector<std::uint32_t> network_of;  // by part
};

struct AdditiveOptions {
  int rounds = 400;
  double prior = 1e-5;    // strength of the physical columns' ratios
  bool overhead = false;  // fit a constant time of the network
  double noise = 0;       // relative: who was measured with such a deviation counts half; 0: all the same
  double clip = 0;        // a residual counts at most as this (Huber); 0: as it is
  int base_rounds = 1;    // of fitting the columns: the first in relative error, others in logarithms
  double parts = 1;       // what all parts of a network count together, of what the network counts
  BoostOptions boost;
};

/// t(kernel) = max(Σ columns · coefficients, floor) · exp(Σ trees).
struct AdditiveModel {
  std::vector<double> coefficients;  // milliseconds per unit of its column
  double overhead = 0;               // milliseconds
  double floor = 0;                  // milliseconds; no kernel is faster before correction
  TreeEnsemble corrections;
};

/// Milliseconds of a kernel before correction by trees.
double base_time(const AdditiveModel& model, const AdditiveProblem& problem, std::uint32_t kernel);
/// Milliseconds by kernel.
std::vector<double> kernel_times(const AdditiveModel& model, const AdditiveProblem& problem);
/// The same, but 0 for kernels of none of these networks.
std::vector<double> kernel_times(const AdditiveModel& model, const AdditiveProblem& problem,
                                 std::span<const std::uint32_t> networks);
/// Milliseconds of a network made of kernels of these times.
double network_time(const AdditiveModel& model, const AdditiveProblem& problem, std::span<const double> times,
                    std::size_t network);

/// What cross-validation by network and by family inside the training part chose: few networks get fewer,
/// larger leaves and a stronger prior (docs/accuracy.md). Where measurements repeat, single networks may
/// shape leaves, and the columns need not explain what trees can.
AdditiveOptions options_for(std::size_t networks, const Physics& physics);

/// Called after every round with the number of rounds done.
using FitProgress = std::function<void(int)>;

/// Fits on the networks of `chosen` and their parts. A network counts as much as `weights` (parallel) says;
/// each of its parts as the root of its share of the network's time.
AdditiveModel fit_additive(const AdditiveProblem& problem, std::span<const std::uint32_t> chosen,
                           std::span<const double> weights, const AdditiveOptions& options,
                           const FitProgress& progress = {});

}  // namespace foretime
