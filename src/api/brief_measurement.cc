#include "api/brief_measurement.h"

#include <algorithm>
#include <thread>

#include "measure/statistics.h"
#include "measure/undisturbed.h"
#include "runtimes/runtime.h"

namespace foretime::api {
namespace {

// Of the time there is, and what is enough.
constexpr double kWarmUpShare = 0.15;
constexpr Milliseconds kMostWarmUp{60};
constexpr double kBlockShare = 0.35;
constexpr Milliseconds kLeastBlock{20};
constexpr Milliseconds kMostBlock{150};
constexpr int kLeastSamples = 10;
constexpr int kLeastSelfTimed = 4;  // each may start a program
constexpr double kProfileShare = 0.35;
constexpr int kLeastProfiled = 4;
constexpr int kMostProfiled = 12;

/// In so short a time it is not seen what reading memory takes when it is left alone, which depends on the
/// network, too; arithmetic is known from other networks, and tells of the same neighbours.
constexpr Sensitivity kCoreOnly{0.3, 0, {0.08 * 0.08, 1e-12, 0}};

/// While neighbours never pause, more blocks are taken: so many samples should have been left alone.
constexpr std::ptrdiff_t kLeftAlone = 5;
constexpr double kAlone = 1.1;
constexpr int kMoreBlocks = 4;

/// Fewer of the samples undisturbed: somebody else computes. Wait, and try again.
constexpr double kCalmShare = 0.6;
constexpr int kTries = 2;
constexpr std::chrono::milliseconds kPause(300);

class Samples {
 public:
  explicit Samples(const BriefRequest& request) {
    plan_.threads = request.run.threads;
    plan_.time = {std::clamp(kBlockShare * request.most.value, kLeastBlock.value, kMostBlock.value)};
    plan_.self_timed = runtime_named(request.run.runtime).self_timed;
    plan_.at_least = plan_.self_timed ? kLeastSelfTimed : kLeastSamples;
  }

  /// A block; one that is disturbed is taken again after a pause.
  void take(WorkerSubject& subject) {
    for (int tries = 0;; ++tries) {
      const SampleBlock block = subject.block(plan_);
      const auto calm = std::count(block.disturbed.begin(), block.disturbed.end(), 0);
      const bool good = static_cast<double>(calm) >= kCalmShare * static_cast<double>(block.ms.size());
      if (!good && tries < kTries) {
        ++pauses_;
        std::this_thread::sleep_for(kPause);
        continue;
      }
      fastest_ = block.fastest;
      for (std::size_t i = 0; i < block.ms.size(); ++i) {
        if (calm > 0 && block.disturbed[i] != 0) continue;
        ms_.push_back(block.ms[i]);
        beats_.push_back(block.beats.empty() ? BeatTimes{} : block.beats[i]);
      }
      return;
    }
  }

  bool left_alone() const {
    return std::count_if(beats_.begin(), beats_.end(), [&](const BeatTimes& beat) {
             return slowdown(beat, fastest_).core < kAlone;
           }) >= kLeftAlone;
  }

  BriefMeasurement result() const {
    std::vector<Slowdown> slowdowns;
    for (const BeatTimes& beat : beats_) slowdowns.push_back(slowdown(beat, fastest_));
    const Sensitivity suffers = sensitivity(ms_, slowdowns, kCoreOnly);
    const std::vector<double> calm = undisturbed(ms_, slowdowns, suffers).times;
    const double latency = median(calm);
    const double slowed_percent = (median(ms_) / latency - 1) * 100;
    return {{latency}, {stddev(calm)}, ms_.size(), slowed_percent, fastest_, pauses_, {}};
  }

 private:
  BlockPlan plan_;
  std::vector<double> ms_;
  std::vector<BeatTimes> beats_;
  BeatTimes fastest_;
  int pauses_ = 0;
};

}  // namespace

BriefMeasurement measure_briefly(const PreparedModel& prepared, const BriefRequest& request) {
  WorkerRequest wanted = worker_request(prepared, request.run);
  wanted.fastest_beat = request.fastest_beat;
  WorkerSubject subject(std::move(wanted), request.run);
  subject.launch();
  subject.open();
  subject.warm_up({std::min(kWarmUpShare * request.most.value, kMostWarmUp.value)});
  Samples samples(request);
  samples.take(subject);
  std::optional<KernelProfile> profile;
  if (request.kernels) {
    const double runs = kProfileShare * request.most.value / (2 * samples.result().latency.value);
    profile = subject.worker().profile(
        std::clamp(static_cast<int>(std::min(runs, 1e6)), kLeastProfiled, kMostProfiled));
  }
  // A little later, when what disturbed the first ones may be over.
  samples.take(subject);
  for (int more = 0; more < kMoreBlocks && !samples.left_alone(); ++more) samples.take(subject);
  BriefMeasurement result = samples.result();
  result.profile = std::move(profile);
  return result;
}

}  // namespace foretime::api
