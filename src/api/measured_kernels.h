#pragma once

#include "api/measure.h"

namespace foretime::api {

/// What the processors can do at best, in 10^9 a second.
struct Ceiling {
  double gflops = 0;
  double gbytes_per_s = 0;
};

/// The ceiling of what ran; nothing where this machine's peaks (float32 on its processor) say nothing about
/// it. They are probed if they never were, about a second; why they cannot be is a diagnostic.
std::optional<Ceiling> ceiling_of(const RuntimeDescription& runtime, Diagnostics& diagnostics);

/// What each kernel of the profile did: time without the profiler's own cost, arithmetic and traffic by the
/// model's layers, and its share of the ceiling.
MeasuredKernels measured_kernels(const KernelProfile& profile, const Model& model,
                                 const std::optional<Ceiling>& ceiling = std::nullopt);

/// The kernels one after the other as a Chrome or Perfetto trace (JSON, "traceEvents").
std::string chrome_trace(const MeasuredModel& measured);

}  // namespace foretime::api
