#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/units.h"
#include "kernels/kernel_graph.h"

namespace foretime {

/// What a kernel's time rests on.
enum class Source {
  learned,   // a model trained on kernels like it
  lookup,    // this very kernel was measured
  analytic,  // the roofline, which is this profile's predictor
  fallback,  // nothing better was known: the roofline, or less
  rule,      // the device spends no time on it
};

struct KernelPrediction {
  const Kernel* kernel = nullptr;  // of the KernelGraph predicted
  Milliseconds latency;
  Source source = Source::fallback;
};

struct Interval {
  Milliseconds low;
  Milliseconds high;
};

struct Coverage {
  double kernels_percent = 0;  // of the kernels that take time
  double time_percent = 0;     // of the predicted time
};

/// Latency of a network on a device: overhead plus the sum of its kernels. Nothing unknown counts as zero: a
/// kernel without a model is priced by a fall-back, says so, and widens the interval.
struct Prediction {
  Milliseconds latency;
  Interval interval90;  // nine in ten networks lie within
  Milliseconds overhead;
  Coverage coverage;  // what rests on models trained on kernels like it
  std::vector<KernelPrediction> kernels;
  Diagnostics diagnostics;
};

}  // namespace foretime
