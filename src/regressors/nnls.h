#pragma once

#include <cstddef>
#include <cstdint>
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

  /// x ≥ 0 that minimises the mean square error plus strength · Σ (x_i / prior_i − 1)²; where prior_i is 0,
  /// x_i is 0. Sequential coordinate-wise descent (Franc, Hlaváč, Navara: "Sequential coordinate-wise
  /// algorithm for the non-negative least squares problem", 2005), which needs no factorisation and gives the
  /// same bits everywhere.
  std::vector<double> non_negative(std::span<const double> prior, double strength) const;
  /// The same with a strength for each column.
  std::vector<double> non_negative(std::span<const double> prior, std::span<const double> strengths) const;

  /// A prior for `non_negative` from ratios alone: columns of one group are paid with the same resource, and
  /// ratios (0: a column that stays out) say how their amounts compare. One non-negative scale per group is
  /// fitted, held weakly above 0, and prior_i = scale of its group · ratio_i.
  std::vector<double> prior_of(std::span<const double> ratios, std::span<const std::uint32_t> groups) const;

 private:
  std::size_t columns_;
  double weight_ = 0;
  std::vector<double> gram_;  // upper triangle, row by row
  std::vector<double> right_;
};

}  // namespace foretime
