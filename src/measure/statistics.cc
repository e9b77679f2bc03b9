#include "measure/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace foretime {
namespace {

/// The continued fraction of the incomplete beta function (Lentz's method; Abramowitz and Stegun 26.5.8).
double beta_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;
  constexpr int kSteps = 300;
  const auto safe = [](double value) { return std::abs(value) < kTiny ? kTiny : value; };
  double c = 1;
  double d = 1 / safe(1 - (a + b) * x / (a + 1));
  double result = d;
  for (int m = 1; m <= kSteps; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / safe(1 + even * d);
    c = safe(1 + even / c);
    result *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / safe(1 + odd * d);
    c = safe(1 + odd / c);
    result *= d * c;
    if (std::abs(d * c - 1) < 1e-14) break;
  }
  return result;
}

/// I_x(a, b).
double incomplete_beta(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front =
      std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(a, b, x) / a;
  return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

/// P(|T| > t).
double two_sided(double t, int degrees) {
  return incomplete_beta(degrees / 2.0, 0.5, degrees / (degrees + t * t));
}

}  // namespace

double quantile(std::span<const double> sorted, double q) {
  const double at = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  if (below + 1 >= sorted.size()) return sorted.back();
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[below + 1] - sorted[below]);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return quantile(values, 0.5);
}

double mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double stddev(std::span<const double> values) {
  if (values.size() < 2) return 0;
  const double centre = mean(values);
  double squares = 0;
  for (const double value : values) squares += (value - centre) * (value - centre);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

double student_t(double confidence, int degrees) {
  double low = 0;
  double high = 1e6;
  while (high - low > 1e-5 * (1 + low)) {
    const double middle = (low + high) / 2;
    (two_sided(middle, degrees) > 1 - confidence ? low : high) = middle;
  }
  return (low + high) / 2;
}

double half_width(std::span<const double> values, double confidence) {
  const auto count = static_cast<double>(values.size());
  return student_t(confidence, static_cast<int>(values.size()) - 1) * stddev(values) / std::sqrt(count);
}

Summary summarise(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  Summary summary;
  summary.min = values.front();
  summary.p05 = quantile(values, 0.05);
  summary.median = quantile(values, 0.5);
  summary.mean = mean(values);
  summary.p90 = quantile(values, 0.9);
  summary.p95 = quantile(values, 0.95);
  summary.p99 = quantile(values, 0.99);
  summary.p999 = quantile(values, 0.999);
  summary.max = values.back();
  summary.stddev = stddev(values);
  return summary;
}

Histogram histogram(std::vector<double> values, std::size_t bins) {
  std::sort(values.begin(), values.end());
  Histogram result;
  result.low = values.front();
  const double high = quantile(values, 0.99);
  result.width = (high - result.low) / static_cast<double>(bins);
  result.counts.assign(bins, 0);
  for (const double value : values) {
    if (value > high) {
      ++result.above;
      continue;
    }
    const double at = result.width > 0 ? (value - result.low) / result.width : 0;
    ++result.counts[std::min(static_cast<std::size_t>(at), bins - 1)];
  }
  return result;
}

}  // namespace foretime
