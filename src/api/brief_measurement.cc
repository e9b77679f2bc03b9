#include "api/brief_measurement.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <thread>
#include <unordered_map>

#include "base/stopwatch.h"
#include "measure/statistics.h"
#include "runtimes/runtime.h"

namespace foretime::api {
namespace {

constexpr int kVisits = 3;
/// While neighbours never pause, there are more visits.
constexpr int kMostVisits = 6;
/// This quantile of the samples is what a run takes that is left alone: what neighbours do makes slower,
/// never faster.
constexpr double kFloor = 0.02;
/// Visits that lie no farther apart found the same.
constexpr double kSame = 0.03;

// Of the time there is for a visit, and what is enough.
constexpr double kWarmUpShare = 0.15;
constexpr Milliseconds kMostWarmUp{40};
constexpr Milliseconds kWarmAgain{10};  // its caches
constexpr double kBlockShare = 0.5;
constexpr Milliseconds kLeastBlock{20};
constexpr Milliseconds kMostBlock{100};
constexpr int kLeastSamples = 4;
constexpr double kProfileShare = 0.35;
constexpr Milliseconds kMostProfile{60};
constexpr int kProfiles = 2;  // each loads the model twice
constexpr int kLeastProfiled = 3;
constexpr int kMostProfiled = 12;

/// Fewer of the samples undisturbed: somebody else computes. Wait, and try again.
constexpr double kCalmShare = 0.6;
constexpr int kTries = 2;
constexpr std::chrono::milliseconds kPause(300);

Milliseconds share_of(Milliseconds most, double share, Milliseconds at_most) {
  return {std::min(share * most.value / kVisits, at_most.value)};
}

double floor_of(std::span<const double> samples) {
  std::vector<double> sorted(samples.begin(), samples.end());
  std::sort(sorted.begin(), sorted.end());
  return quantile(sorted, kFloor);
}

/// Two profiles of one network: each gets the lower floors of both.
void lower_floors(KernelProfile& a, KernelProfile& b) {
  std::unordered_map<std::string_view, ExecutedKernel*> by_name;
  for (ExecutedKernel& kernel : a.kernels) by_name.emplace(kernel.name, &kernel);
  for (ExecutedKernel& kernel : b.kernels) {
    const auto found = by_name.find(kernel.name);
    if (found == by_name.end()) continue;
    kernel.floor = found->second->floor = {std::min(kernel.floor.value, found->second->floor.value)};
  }
}

/// What a run takes whose kernels are all left alone. Of those whose floors are not known nothing changes.
void put_floors(KernelProfile& profile) {
  double before = 0;
  double after = 0;
  for (ExecutedKernel& kernel : profile.kernels) {
    before += kernel.latency.value;
    if (kernel.floor.value > 0) kernel.latency.value = std::min(kernel.latency.value, kernel.floor.value);
    after += kernel.latency.value;
  }
  if (before > 0) profile.plain.value *= after / before;
}

}  // namespace

BriefVisits::BriefVisits(const PreparedModel& prepared, const BriefRequest& request)
    : prepared_(prepared), request_(request) {
  plan_.threads = request.run.threads;
  plan_.at_least = kLeastSamples;
  plan_.time = {std::max(share_of(request.most, kBlockShare, kMostBlock).value, kLeastBlock.value)};
  plan_.probe = false;
  plan_.self_timed = runtime_named(request.run.runtime).self_timed;
}

void BriefVisits::visit() {
  const Stopwatch watch;
  if (subject_) {
    subject_->warm_up(kWarmAgain);
  } else {
    start();
  }
  take();
  if (request_.kernels && static_cast<int>(floors_.size()) <= kProfiles) profile();
  spent_ += watch.elapsed();
}

void BriefVisits::start() {
  subject_ = std::make_unique<WorkerSubject>(worker_request(prepared_, request_.run), request_.run);
  subject_->launch();
  subject_->open();
  subject_->warm_up(share_of(request_.most, kWarmUpShare, kMostWarmUp));
}

void BriefVisits::profile() {
  const double runs = share_of(request_.most, kProfileShare, kMostProfile).value / (2 * median(ms_));
  KernelProfile latest = subject_->worker().profile(
      std::clamp(static_cast<int>(std::min(runs, 1e6)), kLeastProfiled, kMostProfiled));
  if (!profile_) profile_ = latest;
  lower_floors(latest, *profile_);
  if (latest.plain < profile_->plain) profile_ = std::move(latest);
}

/// A block; one that is disturbed is taken again after a pause.
void BriefVisits::take() {
  for (int tries = 0;; ++tries) {
    const SampleBlock block = subject_->block(plan_);
    const auto calm = std::count(block.disturbed.begin(), block.disturbed.end(), 0);
    const bool good = static_cast<double>(calm) >= kCalmShare * static_cast<double>(block.ms.size());
    if (!good && tries < kTries) {
      ++pauses_;
      std::this_thread::sleep_for(kPause);
      continue;
    }
    const std::size_t before = ms_.size();
    for (std::size_t i = 0; i < block.ms.size(); ++i) {
      if (calm == 0 || block.disturbed[i] == 0) ms_.push_back(block.ms[i]);
    }
    floors_.push_back(floor_of(std::span(ms_).subspan(before)));
    return;
  }
}

/// The two fastest visits, ms.
double BriefVisits::apart() const {
  std::vector<double> sorted = floors_;
  std::sort(sorted.begin(), sorted.end());
  return sorted.size() > 1 ? sorted[1] - sorted[0] : 0;
}

bool BriefVisits::confirmed() const {
  return floors_.size() > 1 && apart() < kSame * *std::min_element(floors_.begin(), floors_.end());
}

BriefMeasurement BriefVisits::result() const {
  double latency = floor_of(ms_);
  std::optional<KernelProfile> profile = profile_;
  if (profile) {
    put_floors(*profile);
    latency = std::min(latency, profile->plain.value);
  }
  return {
      {latency}, {apart()},         ms_, static_cast<int>(floors_.size()), (median(ms_) / latency - 1) * 100,
      pauses_,   std::move(profile)};
}

void visit_in_turns(std::vector<BriefVisits>& networks, const std::function<bool()>& may_go_on,
                    const std::function<void(std::size_t, const Error&)>& failed) {
  std::vector<bool> given_up(networks.size());
  for (int turn = 0; turn < kMostVisits; ++turn) {
    for (std::size_t i = 0; i < networks.size(); ++i) {
      if (given_up[i] || (turn >= kVisits && (networks[i].confirmed() || !may_go_on()))) continue;
      try {
        networks[i].visit();
      } catch (const Error& error) {
        given_up[i] = true;
        failed(i, error);
      }
    }
  }
}

}  // namespace foretime::api
