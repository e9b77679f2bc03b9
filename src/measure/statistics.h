#pragma once

// Statistics of times. Nothing here assumes that times are normally distributed: they have a floor and a long
// tail, so order statistics describe them, and only averages of independent repetitions get a t-interval.

#include <cstddef>
#include <span>
#include <vector>

namespace foretime {

/// A range that holds the true value with the stated confidence.
struct ConfidenceInterval {
  double low = 0;
  double high = 0;

  bool operator==(const ConfidenceInterval&) const = default;
};

/// The value below which the share `q` of `sorted` lies, linear between neighbours (Hyndman and Fan's type 7,
/// as NumPy). REQUIRES: ascending, not empty, 0 ≤ q ≤ 1.
double quantile(std::span<const double> sorted, double q);

double median(std::vector<double> values);
double mean(std::span<const double> values);
/// Of a sample (n − 1); 0 for fewer than two values.
double stddev(std::span<const double> values);

/// The point that Student's t with `degrees` of freedom exceeds in absolute value with probability 1 −
/// confidence; within 0.1 % (bisection on the distribution function). REQUIRES: degrees ≥ 1, 0 < confidence <
/// 1.
double student_t(double confidence, int degrees);

/// Half the width of the t-interval of the mean of independent values. REQUIRES: at least two.
double half_width(std::span<const double> values, double confidence);

/// Summary of one set of samples, in their unit.
struct Summary {
  double min = 0;
  double p05 = 0;
  double median = 0;
  double mean = 0;
  double p90 = 0;
  double p95 = 0;
  double p99 = 0;
  double p999 = 0;
  double max = 0;
  double stddev = 0;
};

/// REQUIRES: not empty.
Summary summarise(std::vector<double> values);

/// Counts in bins of one width from `low`; what lies beyond the last bin is counted in `above`, so that one
/// straggler does not flatten the picture.
struct Histogram {
  double low = 0;
  double width = 0;
  std::vector<std::size_t> counts;
  std::size_t above = 0;
};

/// From the minimum to the 99th percentile. REQUIRES: not empty, bins ≥ 1.
Histogram histogram(std::vector<double> values, std::size_t bins);

}  // namespace foretime
