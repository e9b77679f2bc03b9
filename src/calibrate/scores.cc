#include "calibrate/scores.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace foretime {
namespace {

std::vector<double> ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> rank(values.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i + 1;
    while (end < order.size() && values[order[end]] == values[order[i]]) ++end;
    const double mean = static_cast<double>(i + end - 1) / 2;
    for (; i < end; ++i) rank[order[i]] = mean;
  }
  return rank;
}

/// Pearson's correlation; absent when one side does not vary.
std::optional<double> correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const double count = static_cast<double>(a.size());
  const double mean_a = std::accumulate(a.begin(), a.end(), 0.0) / count;
  const double mean_b = std::accumulate(b.begin(), b.end(), 0.0) / count;
  double product = 0;
  double square_a = 0;
  double square_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    product += (a[i] - mean_a) * (b[i] - mean_b);
    square_a += (a[i] - mean_a) * (a[i] - mean_a);
    square_b += (b[i] - mean_b) * (b[i] - mean_b);
  }
  if (square_a == 0 || square_b == 0) return std::nullopt;
  return product / std::sqrt(square_a * square_b);
}

}  // namespace

AccuracyFigures score(std::span<const Scored> rows) {
  AccuracyFigures figures;
  figures.networks = static_cast<int>(rows.size());
  if (rows.empty()) return figures;
  double sum = 0;
  double squares = 0;
  int within[3] = {};
  int covered = 0;
  bool intervals = true;
  std::vector<double> measured;
  std::vector<double> predicted;
  for (const Scored& row : rows) {
    const double error = std::abs(row.predicted / row.measured - 1);
    sum += error;
    squares += error * error;
    for (int i = 0; i < 3; ++i) within[i] += error <= 0.05 * (i + 1);
    covered += row.low <= row.measured && row.measured <= row.high;
    intervals = intervals && row.high > 0;
    measured.push_back(row.measured);
    predicted.push_back(row.predicted);
  }
  const double count = static_cast<double>(rows.size());
  figures.mape_percent = 100 * sum / count;
  figures.rmspe_percent = 100 * std::sqrt(squares / count);
  figures.within_5_percent = 100.0 * within[0] / count;
  figures.within_10_percent = 100.0 * within[1] / count;
  figures.within_15_percent = 100.0 * within[2] / count;
  figures.spearman = correlation(ranks(measured), ranks(predicted));
  if (intervals) figures.interval90_coverage_percent = 100.0 * covered / count;
  return figures;
}

double conformal_quantile(std::vector<double> errors) {
  constexpr double kCovered = 0.9;
  const double rank = std::ceil(kCovered * static_cast<double>(errors.size() + 1));
  const std::size_t at = std::min(errors.size(), static_cast<std::size_t>(rank)) - 1;
  std::nth_element(errors.begin(), errors.begin() + static_cast<std::ptrdiff_t>(at), errors.end());
  return errors[at];
}

}  // namespace foretime
