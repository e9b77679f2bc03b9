#pragma once

// A regressor that a profile holds for some kernels: what it reads of a kernel and what its result means.
// Those that other programs trained (docs/forests.md) and those that we fit are the same thing.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_object.h"
#include "device/device_profile.h"
#include "kernels/features.h"
#include "kernels/kernel_graph.h"
#include "regressors/forest.h"

namespace foretime {

/// What a result says of a kernel's time.
enum class Gives : std::uint8_t {
  ops_per_s,     // the rate at which its `num_ops` are done
  ns_per_op,     // nanoseconds for each of its `num_ops`
  milliseconds,  // its time
  log_factor,    // its time by the roofline is to be multiplied by exp(result)
};

/// One number that an estimator reads.
struct EstimatorInput {
  enum class Part : std::uint8_t { whole, quotient, remainder };

  std::string name;  // kernels/features.h, or of kernel_count(); empty: `constant`
  Part part = Part::whole;
  double par = 1;    // quotient: ⌊x / par⌋, remainder: x mod par
  double minus = 0;  // taken off
  double constant = 0;

  bool operator==(const EstimatorInput&) const = default;
};

struct Estimator {
  std::vector<Kind> kinds;         // of the kernels it prices; empty: all
  std::optional<bool> fused_pool;  // of these only those with a fused pooling, or without
  std::vector<EstimatorInput> inputs;
  Gives gives = Gives::log_factor;
  std::string table;  // where the trees are in the profile
  Forest forest;

  bool fits(const Kernel& kernel) const;
};

/// Counts that ANNETTE's regressors read (docs/annette.md), by name: num_ops (a multiply-accumulate is two),
/// num_inputs, num_outputs, num_weights; elements, without the batch. Absent: there is none of that name.
using KernelCount = double (*)(const KernelGraph&, const Kernel&);
std::optional<KernelCount> kernel_count(std::string_view name);

/// An estimator's inputs looked up. Error, with `where`: a name that there is not.
class EstimatorReader {
 public:
  EstimatorReader(const Estimator& estimator, const std::string& where);
  /// The numbers of one kernel; none is NaN.
  void append(const KernelGraph& graph, const Kernel& kernel, std::vector<float>& row) const;

 private:
  struct Input {
    EstimatorInput what;
    const Feature* feature = nullptr;
    KernelCount count = nullptr;
  };
  std::vector<Input> inputs_;
};

/// Into the profile's parameters, and its trees into the predictor's tables.
Json stored(const Estimator& estimator, Predictor& predictor);
/// Error: a key that is missing or wrong, a table that is missing or broken.
Estimator read_estimator(JsonObject in, const Predictor& predictor, const std::string& where);

}  // namespace foretime
