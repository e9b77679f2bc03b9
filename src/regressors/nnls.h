#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace foretime {

/// The normal equations of a linear least-squares problem, gathered row by row: min Σ w (a·x − b)².
class NormalEquations {
 public:
  explicit NormalEquations(std::size_t columns)
      : columns_(columns), gram_(columns * columns), right_(columns) {}

  /// REQUIRES: row.size() == columns(), weight ≥ 0.
  void add(std::span<const double> row, double target, double weight = 1);

  std::size_t columns() const { return columns_; }

  /// x ≥ 0 that minimises the sum, with ridge · (mean square of its column) · x² added per row of weight 1.
  /// Columns are scaled to unit mean square first; a column of zeros gets 0. Sequential coordinate-wise
  /// descent (Franc, Hlaváč, Navara 2005), which needs no factorisation and gives the same bits everywhere.
  std::vector<double> non_negative(double ridge) const;

 private:
  std::size_t columns_;
  double weight_ = 0;
  std::vector<double> gram_;  // upper triangle, row by row
  std::vector<double> right_;
};

}  // namespace foretime
