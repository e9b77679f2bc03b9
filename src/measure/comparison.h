#pragma once

// Is B faster than A? Both run in turns on the same processors, so that whatever else changes changes both;
// the ratio of what stands side by side is what counts. Pairs of processes are launched anew, since where
// memory lies shifts each by a percent or two: only pairs are independent.

#include <array>
#include <string_view>
#include <vector>

#include "measure/protocol.h"

namespace foretime {

enum class Difference { faster, slower, same, undecided };

/// "FASTER", "SLOWER", "SAME", "UNDECIDED".
std::string_view name_of(Difference difference);

/// One pair of launches: ln(time of B / time of A) of each round in it (A B B A or B A A B; in a duet, A
/// beside B on both places).
struct PairRecord {
  std::vector<double> log_ratios;
  std::size_t dropped = 0;  // rounds without an undisturbed sample on each side
};

struct ComparisonResult {
  double ratio = 1;         // time of B / time of A
  ConfidenceInterval ci95;  // of the ratio
  Difference verdict = Difference::undecided;
  int pairs = 0;
  int rounds = 0;
  int dropped = 0;  // rounds
};

struct CompareOptions {
  Milliseconds budget{60'000};
  double same_within_percent = 1;
  int least_pairs = 5;
  int most_pairs = 40;
  int threads_a = 1;
  int threads_b = 1;
  bool self_timed = false;
  std::uint64_t seed = 1;  // of who begins
  // Processors of a duet: both run at the same time, A on the first ones and B on the second, then the other
  // way round. Empty: in turns.
  std::array<std::vector<int>, 2> duet = {};
};

/// REQUIRES: a pair with a round.
ComparisonResult decide(const std::vector<PairRecord>& pairs, double same_within_percent);

/// Compares until the verdict is clear or the budget is spent. Errors are the subjects'; Error: no round had
/// an undisturbed sample on both sides.
ComparisonResult compare(Subject& a, Subject& b, const CompareOptions& options, const Now& now,
                         const Step& step = {});

}  // namespace foretime
