#pragma once

// The innermost level of measuring: iterations in one go, with what else happened meanwhile.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/units.h"
#include "measure/contention.h"
#include "measure/interference.h"

namespace foretime {

/// One iteration. A time: it knows better than our clock.
using Iteration = std::function<std::optional<Milliseconds>()>;

struct BlockPlan {
  Milliseconds time{100};    // to spend on samples, …
  int at_least = 1;          // … but so many in any case, …
  int at_most = 200'000;     // … and no more than so many
  int threads = 1;           // that the iteration computes with
  Milliseconds patience{0};  // so much longer, until neighbours left it alone for half of the time
  bool probe = true;         // watch for interference meanwhile
  bool self_timed = false;   // iterations time themselves, elsewhere perhaps
};

/// Samples one after the other, and the counters around them.
struct SampleBlock {
  std::vector<double> ms;               // of each iteration
  std::vector<std::uint8_t> disturbed;  // 1: the processor was taken away meanwhile; one for each of `ms`
  std::vector<BeatTimes> beats;         // mean meanwhile, one for each of `ms`; empty: not probed
  BeatTimes fastest;    // left alone, of this block; its message the longer of before and after
  double begin_ms = 0;  // of the first sample, as steady_now
  double wall_ms = 0;
  ProcessCounters counters;  // over the whole block
};

/// The fastest of all blocks.
BeatTimes fastest_of(std::span<const SampleBlock* const> blocks);

/// Runs a block. Outside the timed stretches an iteration costs at most 2 µs on average; what beats cost
/// within them is taken off.
SampleBlock run_block(const Iteration& iteration, const BlockPlan& plan);

struct WarmUp {
  int iterations = 0;
  bool stable = false;  // it got no faster any more before time was up
  Milliseconds first;   // the very first iteration
  Milliseconds time;    // all of it
};

/// Iterates until it gets no faster, for `most` at most, and once in any case.
WarmUp warm_up(const Iteration& iteration, Milliseconds most);

}  // namespace foretime
