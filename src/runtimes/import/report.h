#pragma once

// Reports of other tools that time networks, read into one form. One file per tool fills in one row of the
// table in registry.cc; the content of a report decides which it is.

#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "measure/statistics.h"
#include "runtimes/runtime.h"

namespace foretime::import {

/// A time that a report does not say; median and mean always are.
constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

/// What a report says of one network on one device.
struct ReportedRun {
  std::string model;               // as the report calls it; empty: it does not say
  RuntimeDescription runtime;      // what it does not say is empty, threads 0
  std::vector<double> samples_ms;  // of each run, in order; empty: only `latency` is known
  Summary latency;                 // ms; of what the report does not say only `kUnknown`
  std::int64_t iterations = 0;     // 0: it does not say
  std::vector<ExecutedKernel> kernels;
  bool sum_of_kernels =
      false;  // no time of the whole was reported: the latency is what its kernels add up to
};

struct ReportFormat {
  std::string_view tool;      // "trtexec"
  std::string_view what;      // which file, and what it holds
  std::string_view evidence;  // what in it says that it is one, for messages
  bool (*matches)(std::string_view text);
  std::vector<ReportedRun> (*read)(std::string_view text, const std::string& origin);
};

/// Every report there is a reader for, in the order they are tried.
std::span<const ReportFormat> report_formats();

/// At least one network, each with a latency above 0. Error: no reader knows the text; it is cut off or holds
/// no times.
std::vector<ReportedRun> read_report(std::string_view text, const std::string& origin);

/// A run of which only these times are known, or not (`kUnknown`); the mean is taken for the median.
ReportedRun summarised(double min_ms, double mean_ms, double max_ms);
/// A run whose samples are known; the summary follows. REQUIRES: not empty.
ReportedRun sampled(std::vector<double> samples_ms);
/// A run of which only kernels are known.
ReportedRun summed(std::vector<ExecutedKernel> kernels);

}  // namespace foretime::import
