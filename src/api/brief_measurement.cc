#include "api/brief_measurement.h"

#include <algorithm>
#include <thread>

#include "measure/statistics.h"
#include "runtimes/runtime.h"

namespace foretime::api {
namespace {

// Of the time there is, and what is enough.
constexpr double kWarmUpShare = 0.15;
constexpr Milliseconds kMostWarmUp{60};
constexpr double kBlockShare = 0.35;
constexpr Milliseconds kLeastBlock{20};
constexpr Milliseconds kMostBlock{30};
constexpr int kLeastSamples = 4;
constexpr double kQuantile = 0.25;
constexpr double kProfileShare = 0.35;
constexpr int kLeastProfiled = 2;
constexpr int kMostProfiled = 6;

/// Fewer of the samples undisturbed: somebody else computes. Wait, and try again.
constexpr double kCalmShare = 0.6;
constexpr int kTries = 2;
constexpr std::chrono::milliseconds kPause(300);

class Samples {
 public:
  explicit Samples(const BriefRequest& request) {
    plan_.threads = request.run.threads;
    plan_.expected = request.expected;
    plan_.at_least = kLeastSamples;
    plan_.time = {std::clamp(kBlockShare * request.most.value, kLeastBlock.value, kMostBlock.value)};
    plan_.self_timed = runtime_named(request.run.runtime).self_timed;
  }

  /// A block; one that is disturbed is taken again after a pause.
  void take(WorkerSubject& subject) {
    for (int tries = 0;; ++tries) {
      const SampleBlock block = subject.block(plan_);
      std::vector<double> calm;
      for (std::size_t i = 0; i < block.ms.size(); ++i) {
        if (block.disturbed[i] == 0) calm.push_back(block.ms[i]);
      }
      const bool good = static_cast<double>(calm.size()) >= kCalmShare * static_cast<double>(block.ms.size());
      if (!good && tries < kTries) {
        ++pauses_;
        std::this_thread::sleep_for(kPause);
        continue;
      }
      if (calm.empty()) calm = block.ms;
      ms_.insert(ms_.end(), calm.begin(), calm.end());
      reference_us_.push_back(block.compute_us);
      return;
    }
  }

  /// A network that was just loaded runs slower at first, and what disturbs makes slower, never faster: of so
  /// few samples the lower quartile is what many would have for their median.
  double latency() const {
    std::vector<double> sorted = ms_;
    std::sort(sorted.begin(), sorted.end());
    return quantile(sorted, kQuantile);
  }
  BriefMeasurement result() const {
    return {{latency()}, {stddev(ms_)}, ms_.size(), mean(reference_us_), pauses_, {}};
  }

 private:
  BlockPlan plan_;
  std::vector<double> ms_;
  std::vector<double> reference_us_;
  int pauses_ = 0;
};

}  // namespace

BriefMeasurement measure_briefly(const PreparedModel& prepared, const BriefRequest& request) {
  WorkerSubject subject(worker_request(prepared, request.run), request.run);
  subject.launch();
  subject.open();
  subject.warm_up({std::min(kWarmUpShare * request.most.value, kMostWarmUp.value)});
  Samples samples(request);
  samples.take(subject);
  std::optional<KernelProfile> profile;
  if (request.kernels) {
    const double runs = kProfileShare * request.most.value / (2 * samples.latency());
    profile = subject.worker().profile(
        std::clamp(static_cast<int>(std::min(runs, 1e6)), kLeastProfiled, kMostProfiled));
  }
  samples.take(subject);  // a little later, when what disturbed the first ones may be over
  BriefMeasurement result = samples.result();
  result.profile = std::move(profile);
  return result;
}

}  // namespace foretime::api
