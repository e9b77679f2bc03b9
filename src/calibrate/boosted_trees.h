#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "regressors/tree_ensemble.h"

namespace foretime {

struct BoostOptions {
  int depth = 6;
  double rate = 0.1;             // of what a tree finds, how much is kept
  double min_child_weight = 1;   // least sum of second derivatives in a leaf
  double ridge = 1;              // on the values of leaves
  int bins = 254;                // per feature
  double columns_per_tree = 1;   // share of the features a tree may look at
  double columns_per_split = 1;  // and of these, each of its splits
  std::uint32_t seed = 0;
};

/// Boosting with derivatives that the caller computes, by XGBoost's histogram method, on one thread. The
/// library is loaded by the first object made.
class BoostedTrees {
 public:
  /// `rows` holds `count` rows of `features` numbers, one after the other; no NaN.
  /// Error: XGBoost is not installed; the message says how to get it.
  BoostedTrees(std::span<const float> rows, std::size_t features, const BoostOptions& options);
  ~BoostedTrees();
  BoostedTrees(const BoostedTrees&) = delete;
  BoostedTrees& operator=(const BoostedTrees&) = delete;

  /// Adds a tree against the first and second derivatives of the loss by each row's sum.
  void boost(std::span<float> first, std::span<float> second);
  /// Sums of the trees so far, by row; valid until the next call.
  std::span<const float> sums();
  std::vector<Tree> trees() const;

 private:
  struct Handles;
  std::unique_ptr<Handles> handles_;
};

}  // namespace foretime
