#include "regressors/nnls.h"

#include <algorithm>
#include <cmath>

namespace foretime {
namespace {

constexpr int kMostSweeps = 20'000;
/// Coordinates of the scaled problem that move less than this no longer matter.
constexpr double kStill = 1e-10;
/// Of a resource: the share of the whole that it is first taken to explain, how weakly that is believed, and
/// below which part of it no resource falls: a column that the data shows nothing of still has a price.
constexpr double kLeastShare = 0.1;
constexpr double kWeak = 1e-6;
constexpr double kNothing = 1e-3;

}  // namespace

void NormalEquations::add(std::span<const double> row, double target, double weight) {
  weight_ += weight;
  for (std::size_t i = 0; i < columns_; ++i) {
    if (row[i] == 0) continue;
    const double scaled = weight * row[i];
    right_[i] += scaled * target;
    for (std::size_t j = i; j < columns_; ++j) gram_[i * columns_ + j] += scaled * row[j];
  }
}

std::vector<double> NormalEquations::non_negative(std::span<const double> prior, double strength) const {
  return non_negative(prior, std::vector<double>(columns_, strength));
}

std::vector<double> NormalEquations::non_negative(std::span<const double> prior,
                                                  std::span<const double> strengths) const {
  const std::size_t n = columns_;
  // In v = x / prior the penalty is a plain ridge around 1.
  std::vector<double> gram(n * n);
  std::vector<double> gradient(n);
  std::vector<double> v(n);
  for (std::size_t i = 0; i < n; ++i) {
    gradient[i] = -(right_[i] * prior[i] / weight_ + strengths[i]);
    for (std::size_t j = i; j < n; ++j) {
      gram[i * n + j] = gram[j * n + i] = gram_[i * n + j] * prior[i] * prior[j] / weight_;
    }
    gram[i * n + i] += strengths[i];
  }
  for (int sweep = 0; sweep < kMostSweeps; ++sweep) {
    double moved = 0;
    for (std::size_t i = 0; i < n; ++i) {
      if (prior[i] == 0 || gram[i * n + i] == 0) continue;
      const double next = std::max(0.0, v[i] - gradient[i] / gram[i * n + i]);
      const double step = next - v[i];
      if (step == 0) continue;
      for (std::size_t j = 0; j < n; ++j) gradient[j] += step * gram[i * n + j];
      v[i] = next;
      moved = std::max(moved, std::abs(step) * std::sqrt(gram[i * n + i]));
    }
    if (moved < kStill) break;
  }
  for (std::size_t i = 0; i < n; ++i) v[i] *= prior[i];
  return v;
}

std::vector<double> NormalEquations::prior_of(std::span<const double> ratios,
                                              std::span<const std::uint32_t> groups) const {
  const std::size_t count = groups.empty() ? 0 : *std::max_element(groups.begin(), groups.end()) + 1;
  NormalEquations sums(count);
  sums.weight_ = weight_;
  for (std::size_t i = 0; i < columns_; ++i) {
    sums.right_[groups[i]] += ratios[i] * right_[i];
    for (std::size_t j = i; j < columns_; ++j) {
      const double product = ratios[i] * ratios[j] * gram_[i * columns_ + j];
      const auto [low, high] = std::minmax(groups[i], groups[j]);
      // Off-diagonal pairs inside one group count twice, as in the square of a sum.
      sums.gram_[low * count + high] += low == high && i != j ? 2 * product : product;
    }
  }
  // Each group by itself would explain this share at the least.
  std::vector<double> start(count);
  for (std::size_t g = 0; g < count; ++g) {
    const double square = sums.gram_[g * count + g] / weight_;
    start[g] = square > 0 ? kLeastShare / std::sqrt(square) : 0;
  }
  const std::vector<double> scales = sums.non_negative(start, kWeak);
  std::vector<double> prior(columns_);
  for (std::size_t i = 0; i < columns_; ++i) {
    prior[i] = ratios[i] * std::max(scales[groups[i]], kNothing * start[groups[i]]);
  }
  return prior;
}

}  // namespace foretime
