#pragma once

#include "api/measure.h"

namespace foretime::api {

/// What each kernel of the profile did: time without the profiler's own cost, arithmetic and traffic by the
/// model's layers.
MeasuredKernels measured_kernels(const KernelProfile& profile, const Model& model);

/// The kernels one after the other as a Chrome or Perfetto trace (JSON, "traceEvents").
std::string chrome_trace(const MeasuredModel& measured);

}  // namespace foretime::api
