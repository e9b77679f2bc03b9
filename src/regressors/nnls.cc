#include "regressors/nnls.h"

#include <algorithm>
#include <cmath>

namespace foretime {
namespace {

constexpr int kMostSweeps = 20'000;
/// Coordinates of the scaled problem that move less than this no longer matter.
constexpr double kStill = 1e-10;

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

std::vector<double> NormalEquations::non_negative(double ridge) const {
  const std::size_t n = columns_;
  std::vector<double> scale(n);
  for (std::size_t i = 0; i < n; ++i) scale[i] = std::sqrt(gram_[i * n + i] / std::max(weight_, 1e-300));
  std::vector<double> gram(n * n);
  std::vector<double> gradient(n);
  for (std::size_t i = 0; i < n; ++i) {
    if (scale[i] == 0) continue;
    gradient[i] = -right_[i] / scale[i] / weight_;
    for (std::size_t j = i; j < n; ++j) {
      if (scale[j] == 0) continue;
      gram[i * n + j] = gram[j * n + i] = gram_[i * n + j] / scale[i] / scale[j] / weight_;
    }
    gram[i * n + i] += ridge;
  }
  std::vector<double> x(n);
  for (int sweep = 0; sweep < kMostSweeps; ++sweep) {
    double moved = 0;
    for (std::size_t i = 0; i < n; ++i) {
      if (scale[i] == 0) continue;
      const double next = std::max(0.0, x[i] - gradient[i] / gram[i * n + i]);
      const double step = next - x[i];
      if (step == 0) continue;
      for (std::size_t j = 0; j < n; ++j) gradient[j] += step * gram[i * n + j];
      x[i] = next;
      moved = std::max(moved, std::abs(step));
    }
    if (moved < kStill) break;
  }
  for (std::size_t i = 0; i < n; ++i) x[i] = scale[i] == 0 ? 0 : x[i] / scale[i];
  return x;
}

}  // namespace foretime
