#pragma once

// A subject for tests: a model and a machine that exist as numbers only, with a clock that moves when they
// work.

#include <cmath>
#include <random>

#include "measure/protocol.h"

namespace foretime::testing {

struct Simulation {
  double ms = 10;                // true time of an iteration
  double launch_spread = 0.005;  // of the luck of each launch, relative
  double noise = 0.01;           // of each iteration, relative
  double disturbed = 0;          // share of iterations that lose the processor and take twice as long
  double load_ms = 100;
  double slow_clock = 0;  // share of blocks at a clock that is 20 % slower
  double far = 0;         // share of blocks with messages five times as long and half as long again runs
  double hot_after_ms = 1e300;  // from then on the clock is …
  double hot_clock = 1;         // … slower by this factor
  double hot_latency = 1;       // and, whatever the clock does, an iteration by this one
};

/// The clock of the tests, in ms.
struct SimulatedTime {
  double ms = 0;
  Now now() {
    return [this] { return Milliseconds{ms}; };
  }
};

class SimulatedSubject final : public Subject {
 public:
  SimulatedSubject(Simulation simulation, SimulatedTime& time, unsigned seed)
      : simulation_(simulation), time_(time), random_(seed) {}

  void launch() override {
    luck_ = 1 + simulation_.launch_spread * normal_(random_);
    ++launches;
  }
  void open() override { time_.ms += simulation_.load_ms; }
  WarmUp warm_up(Milliseconds) override {
    time_.ms += 4 * simulation_.ms;
    return {4, true, {2 * simulation_.ms}, {4 * simulation_.ms}};
  }
  SampleBlock block(const BlockPlan& plan) override {
    SampleBlock block;
    const bool hot = time_.ms >= simulation_.hot_after_ms;
    const double clock =
        (uniform_(random_) < simulation_.slow_clock ? 1.2 : 1) * (hot ? simulation_.hot_clock : 1);
    const bool far = simulation_.far > 0 && uniform_(random_) < simulation_.far;
    if (plan.probe) block.fastest = {3 * clock, 5, far ? 0.15 : 0.03};
    block.begin_ms = time_.ms;
    while (block.wall_ms < plan.time.value || static_cast<int>(block.ms.size()) < plan.at_least) {
      const bool disturbed = uniform_(random_) < simulation_.disturbed;
      const double noise = 1 + simulation_.noise * std::abs(normal_(random_));
      block.ms.push_back(simulation_.ms * luck_ * clock * noise * (disturbed ? 2 : 1) * (far ? 1.5 : 1) *
                         (hot ? simulation_.hot_latency : 1));
      block.disturbed.push_back(disturbed ? 1 : 0);
      if (plan.probe) block.beats.push_back({3 * clock, 5});
      block.wall_ms += block.ms.back();
    }
    time_.ms += block.wall_ms;
    return block;
  }

  int launches = 0;

 private:
  Simulation simulation_;
  SimulatedTime& time_;
  std::mt19937 random_;
  std::normal_distribution<double> normal_{0, 1};
  std::uniform_real_distribution<double> uniform_{0, 1};
  double luck_ = 1;
};

}  // namespace foretime::testing
