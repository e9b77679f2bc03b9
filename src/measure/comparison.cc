#include "measure/comparison.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <future>
#include <limits>
#include <random>

#include "base/error.h"
#include "measure/undisturbed.h"

namespace foretime {
namespace {

constexpr double kConfidence = 0.95;
// The verdict is looked for after every pair, and every look is a chance to be wrong: with at most 40 looks,
// mostly at the same data, 99.8 % each keeps the whole below 1 % (simulated in the tests).
constexpr double kSure = 0.998;
// Five pairs can agree by luck. Launches of one and the same program differ by 0.5 to 2 % in the median, so
// less than this is not believed.
constexpr double kLeastSpread = 0.005;
// Of each round: blocks long enough for their median to be steady, short enough that the machine is the same
// in all four.
constexpr double kBlockMs = 30;
constexpr int kRounds = 10;
constexpr double kWarmUpShare = 0.01;  // of the budget, for each side of each pair

struct Side {
  Subject& subject;
  BlockPlan plan;
};

/// Four blocks, each side's twice.
struct Round {
  std::array<bool, 4> is_a;
  std::array<SampleBlock, 4> blocks;
};

/// Samples that kept the processors, and these where they were.
struct Calm : SlowedRuns {
  void add(const SampleBlock& block, const BeatTimes& fastest) {
    if (is_displaced(block.fastest, fastest)) return;
    for (std::size_t i = 0; i < block.ms.size(); ++i) {
      if (block.disturbed[i] != 0) continue;
      ms.push_back(block.ms[i]);
      slowdowns.push_back(block.beats.empty() ? Slowdown{} : slowdown(block.beats[i], fastest));
    }
  }
  double middle() const { return median(undisturbed(ms, slowdowns, {}, kCalmRuns).times); }
};

void prepare(Side& side, Milliseconds warm) {
  side.subject.open();
  side.subject.warm_up(warm);
}

/// A B B A, or B A A B.
Round take_turns(Side& a, Side& b, bool a_first) {
  Round round;
  round.is_a = {a_first, !a_first, !a_first, a_first};
  for (std::size_t i = 0; i < round.blocks.size(); ++i) {
    Side& side = round.is_a[i] ? a : b;
    round.blocks[i] = side.subject.block(side.plan);
  }
  return round;
}

/// A beside B, and on each other's places.
Round take_duets(Side& a, Side& b, bool a_first, const std::array<std::vector<int>, 2>& places) {
  Round round;
  round.is_a = {true, false, true, false};
  for (std::size_t i = 0; i < 2; ++i) {
    const std::size_t place = (i == 0) == a_first ? 0 : 1;
    a.subject.move_to(places[place]);
    b.subject.move_to(places[1 - place]);
    auto beside = std::async(std::launch::async, [&] { return b.subject.block(b.plan); });
    round.blocks[2 * i] = a.subject.block(a.plan);
    round.blocks[2 * i + 1] = beside.get();
  }
  return round;
}

/// ln(B / A) of each round, corrected for interference; a round in which a block had no calm sample is
/// dropped.
PairRecord pair_of(const std::vector<Round>& rounds) {
  std::vector<const SampleBlock*> blocks;
  for (const Round& round : rounds) {
    for (const SampleBlock& block : round.blocks) blocks.push_back(&block);
  }
  const BeatTimes fastest = fastest_of(blocks);
  PairRecord pair;
  for (const Round& round : rounds) {
    double sum_a = 0;
    double sum_b = 0;
    bool calm = true;
    for (std::size_t i = 0; i < round.blocks.size(); ++i) {
      Calm samples;
      samples.add(round.blocks[i], fastest);
      calm = calm && !samples.ms.empty();
      if (!calm) break;
      (round.is_a[i] ? sum_a : sum_b) += samples.middle();
    }
    if (calm) {
      pair.log_ratios.push_back(std::log(sum_b / sum_a));
    } else {
      ++pair.dropped;
    }
  }
  return pair;
}

double spread_of(const std::vector<double>& values) {
  return std::max(stddev(values), kLeastSpread);
}

}  // namespace

std::string_view name_of(Difference difference) {
  constexpr std::array<std::string_view, 4> kNames = {"FASTER", "SLOWER", "SAME", "UNDECIDED"};
  return kNames[static_cast<std::size_t>(difference)];
}

ComparisonResult decide(const std::vector<PairRecord>& pairs, double same_within_percent) {
  ComparisonResult result;
  std::vector<double> ratios;
  for (const PairRecord& pair : pairs) {
    result.dropped += static_cast<int>(pair.dropped);
    if (pair.log_ratios.empty()) continue;
    result.rounds += static_cast<int>(pair.log_ratios.size());
    ratios.push_back(median(pair.log_ratios));
  }
  result.pairs = static_cast<int>(ratios.size());
  const double centre = mean(ratios);
  result.ratio = std::exp(centre);
  if (result.pairs < 2) {
    result.ci95 = {0, std::numeric_limits<double>::infinity()};
    return result;
  }
  const double error = spread_of(ratios) / std::sqrt(static_cast<double>(result.pairs));
  const double half = student_t(kConfidence, result.pairs - 1) * error;
  const double sure = student_t(kSure, result.pairs - 1) * error;
  result.ci95 = {std::exp(centre - half), std::exp(centre + half)};
  const double same = std::log1p(same_within_percent / 100);
  if (centre + sure < -same) {
    result.verdict = Difference::faster;
  } else if (centre - sure > same) {
    result.verdict = Difference::slower;
  } else if (centre - half > -same && centre + half < same) {
    result.verdict = Difference::same;
  }
  return result;
}

ComparisonResult compare(Subject& a, Subject& b, const CompareOptions& options, const Now& now,
                         const Step& step) {
  const double start = now().value;
  const auto spent = [&] { return (now().value - start) / options.budget.value; };
  const Milliseconds warm{kWarmUpShare * options.budget.value};
  std::mt19937_64 random(options.seed);
  Side side_a{a, {}};
  Side side_b{b, {}};
  for (Side* side : {&side_a, &side_b}) {
    side->plan.time = {kBlockMs};
    side->plan.self_timed = options.self_timed;
  }
  constexpr int kSelfTimed = 3;  // iterations of a block, each a command perhaps
  for (Side* side : {&side_a, &side_b})
    side->plan.at_most = options.self_timed ? kSelfTimed : side->plan.at_most;
  side_a.plan.threads = options.threads_a;
  side_b.plan.threads = options.threads_b;
  std::vector<PairRecord> pairs;
  double longest = 0;
  while (static_cast<int>(pairs.size()) < options.most_pairs && (pairs.empty() || spent() + longest <= 1)) {
    const double before = spent();
    if (step) step(std::min(before, 1.0), "pair " + std::to_string(pairs.size() + 1));
    // Who is launched and loaded first may get the better place in memory: they take turns.
    const bool a_first = pairs.size() % 2 == 0;
    (a_first ? a : b).launch();
    (a_first ? b : a).launch();
    prepare(a_first ? side_a : side_b, warm);
    prepare(a_first ? side_b : side_a, warm);
    std::vector<Round> rounds;
    for (int round = 0; round < kRounds; ++round) {
      // Of slow models one round takes long: as many as fit into the pair's share.
      if (round > 0 && (spent() - before) * options.least_pairs > 1) break;
      const bool first = (random() & 1) == 0;
      rounds.push_back(options.duet[0].empty() ? take_turns(side_a, side_b, first)
                                               : take_duets(side_a, side_b, first, options.duet));
    }
    pairs.push_back(pair_of(rounds));
    longest = std::max(longest, spent() - before);
    if (static_cast<int>(pairs.size()) < options.least_pairs) continue;
    if (std::all_of(pairs.begin(), pairs.end(), [](const PairRecord& p) { return p.log_ratios.empty(); }))
      continue;
    const ComparisonResult so_far = decide(pairs, options.same_within_percent);
    if (so_far.pairs >= options.least_pairs && so_far.verdict != Difference::undecided) break;
  }
  if (std::all_of(pairs.begin(), pairs.end(), [](const PairRecord& p) { return p.log_ratios.empty(); })) {
    throw Error("compare", "other programs disturbed every sample",
                "a quieter machine, or --cpus with idle processors");
  }
  return decide(pairs, options.same_within_percent);
}

}  // namespace foretime
