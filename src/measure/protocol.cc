#include "measure/protocol.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace foretime {
namespace {

// Of one launch's share of the budget so much goes into warming up at most.
constexpr double kWarmUpShare = 0.4;
// Sampling in one session: enough blocks for the clock's drift to show, each long enough that its counters
// mean something, and no longer than needed: launches are worth more than iterations.
constexpr int kBlocks = 5;
constexpr double kBlockMs = 60;
// To wait for neighbours to leave it alone, in one block: they compute for half a second at a time.
constexpr double kMostPatience = 500;
// Of a slow model, samples in one session.
constexpr int kSamples = 5;
// Of what times itself, in one block: a recording would go on for ever.
constexpr int kSelfTimed = 10;
// Loading is cheap if it takes less than this share of a launch.
constexpr double kCheapLoading = 0.25;

/// Is the interval of the median, over launches, narrow enough?
bool settled(const Measured& measured, const ProtocolOptions& options) {
  const Measurement so_far =
      judge(measured.records, {.target_percent = options.target_percent, .calm = options.calm});
  return so_far.launches >= options.least_launches && so_far.half_width_percent <= options.target_percent;
}

class Run {
 public:
  Run(Subject& subject, const ProtocolOptions& options, const Now& now)
      : subject_(subject), options_(options), now_(now), start_(now()) {}

  double spent() const { return (now_().value - start_.value) / options_.budget.value; }

  /// One process with its sessions.
  void launch() {
    const double begin = now_().value;
    subject_.launch();
    for (int s = 0; s < options_.sessions; ++s) {
      const double before = now_().value;
      subject_.open();
      const double loading = now_().value - before;
      session();
      const double launch_ms = now_().value - begin;
      const bool cheap = loading < kCheapLoading * launch_ms;
      if (!cheap || spent() + 2 * launch_ms / options_.budget.value > 1) break;
    }
    ++launches_;
    longest_ = std::max(longest_, now_().value - begin);
  }

  bool another_fits() const { return spent() + longest_ / options_.budget.value <= 1; }
  int launches() const { return launches_; }
  Measured take() {
    measured_.warm = 2 * stable_ > session_;
    return std::move(measured_);
  }
  const Measured& measured() const { return measured_; }

 private:
  void session() {
    const double share = options_.budget.value / options_.least_launches / options_.sessions;
    const WarmUp warm = subject_.warm_up({options_.self_timed ? 0 : kWarmUpShare * share});
    measured_.warm_ups.push_back(warm);
    stable_ += warm.stable || options_.self_timed ? 1 : 0;
    // As many samples as fit, but one block in any case.
    const double one = std::max(warm.time.value / std::max(warm.iterations, 1), 1e-6);
    const double room = (1 - kWarmUpShare) * share;
    const int blocks = one * kSamples > kBlocks * kBlockMs ? kSamples : kBlocks;
    const double began = now_().value;
    for (int b = 0; b < blocks; ++b) {
      const double left = room - (now_().value - began) - std::max(one, kBlockMs);
      if (b > 0 && left < 0) break;
      BlockPlan plan;
      plan.time = {kBlockMs};
      plan.patience = {std::clamp(left, 0.0, kMostPatience)};
      plan.threads = options_.threads;
      plan.self_timed = options_.self_timed;
      if (options_.self_timed) plan.at_most = kSelfTimed;
      measured_.records.push_back({launches_, session_, subject_.block(plan)});
    }
    ++session_;
  }

  Subject& subject_;
  const ProtocolOptions& options_;
  const Now& now_;
  Milliseconds start_;
  double longest_ = 0;
  int launches_ = 0;
  int session_ = 0;
  int stable_ = 0;  // sessions
  Measured measured_;
};

}  // namespace

Measured measure(Subject& subject, const ProtocolOptions& options, const Now& now, const Step& step) {
  Run run(subject, options, now);
  while (true) {
    if (step) step(std::min(run.spent(), 1.0), "launch " + std::to_string(run.launches() + 1));
    if (run.launches() > 0 && options.cooldown.value > 0) {
      std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(options.cooldown.value));
    }
    run.launch();
    if (run.launches() >= options.most_launches || !run.another_fits()) break;
    if (run.launches() >= options.least_launches && settled(run.measured(), options)) break;
  }
  return run.take();
}

}  // namespace foretime
