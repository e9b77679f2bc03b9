#include "api/brief_measurement.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <string_view>
#include <thread>
#include <unordered_map>

#include "base/stopwatch.h"
#include "measure/statistics.h"
#include "runtimes/runtime.h"

namespace foretime::api {
namespace {

constexpr int kVisits = 2;
/// While neighbours never pause, there are more visits.
constexpr int kMostVisits = 6;
/// Visits that lie no farther apart found the same, where nobody watched for neighbours.
constexpr double kSame = 0.03;
/// Of a visit's samples: so many calm ones tell what the network takes.
constexpr double kCalmOfVisit = 0.25;
/// The calmest ones count, these at least.
constexpr double kLeastCalm = 4;
/// What is not known of a run whose processors were displaced at every visit.
constexpr double kDisplaced = 0.3;

// Of the time there is for a visit, if there are three, and what is enough.
constexpr double kUsualVisits = 3;
constexpr double kWarmUpShare = 0.15;
constexpr Milliseconds kMostWarmUp{40};
constexpr Milliseconds kWarmAgain{10};  // its caches
constexpr double kBlockShare = 0.5;
constexpr Milliseconds kLeastBlock{20};
constexpr Milliseconds kMostBlock{100};
constexpr Milliseconds kPatience{200};
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
  return {std::min(share * most.value / kUsualVisits, at_most.value)};
}

/// Left alone, ms.
double latency_of(const SlowedRuns& samples) {
  const double share = std::clamp(kLeastCalm / static_cast<double>(samples.ms.size()), kCalmSamples, 1.0);
  return median(undisturbed(samples.ms, samples.slowdowns, {}, share).times);
}

/// How far they lie from it, in the median.
double distance(std::vector<double> each, double from) {
  for (double& value : each) value = std::abs(value - from);
  return median(std::move(each));
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

void CalmBeats::add(const BeatTimes& fastest) {
  const auto put = [](std::vector<double>& seen, double us) {
    if (us > 0) seen.insert(std::upper_bound(seen.begin(), seen.end(), us), us);
  };
  put(core_us_, fastest.core_us);
  put(memory_us_, fastest.memory_us);
  put(message_us_, fastest.message_us);
}

BeatTimes CalmBeats::times() const {
  constexpr double kCalmShare = 0.25;
  const auto calm = [](const std::vector<double>& seen) {
    return seen.empty() ? 0 : quantile(seen, kCalmShare);
  };
  return lower(before_, {calm(core_us_), calm(memory_us_), calm(message_us_)});
}

BriefVisits::BriefVisits(const PreparedModel& prepared, const BriefRequest& request)
    : prepared_(prepared), request_(request) {
  plan_.threads = request.run.threads;
  plan_.at_least = kLeastSamples;
  plan_.time = {std::max(share_of(request.most, kBlockShare, kMostBlock).value, kLeastBlock.value)};
  plan_.patience = kPatience;
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
  // What the profiler says while nobody disturbs it is worth more; but it is asked in any case.
  if (request_.kernels && profiles_ < kProfiles && (is_calm(visits_.back()) || profiles_ == 0)) profile();
  spent_ += watch.elapsed();
}

void BriefVisits::start() {
  WorkerRequest request = worker_request(prepared_, request_.run);
  request.fastest_beat = request_.calm->times();
  subject_ = std::make_unique<WorkerSubject>(std::move(request), request_.run);
  subject_->launch();
  subject_->open();
  subject_->warm_up(share_of(request_.most, kWarmUpShare, kMostWarmUp));
}

void BriefVisits::profile() {
  const double runs = share_of(request_.most, kProfileShare, kMostProfile).value / (2 * median(ms_));
  ++profiles_;
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
    Visit visit{ms_.size(), 0, !is_displaced(block.fastest, request_.calm->times())};
    for (std::size_t i = 0; i < block.ms.size(); ++i) {
      if (calm != 0 && block.disturbed[i] != 0) continue;
      ms_.push_back(block.ms[i]);
      beats_.push_back(block.beats.empty() ? BeatTimes{} : block.beats[i]);
    }
    visit.end = ms_.size();
    visits_.push_back(visit);
    watched_ = !block.beats.empty();
    fastest_ = lower(fastest_, block.fastest);
    request_.calm->add(block.fastest);
    return;
  }
}

SlowedRuns BriefVisits::samples_of(std::span<const Visit> visits) const {
  const BeatTimes calm = request_.calm->times();
  SlowedRuns samples;
  for (const Visit& visit : visits) {
    for (std::size_t i = visit.begin; i < visit.end; ++i) {
      samples.ms.push_back(ms_[i]);
      samples.slowdowns.push_back(slowdown(beats_[i], calm));
    }
  }
  return samples;
}

/// Visits without displaced processors, or all.
std::vector<BriefVisits::Visit> BriefVisits::visits_in_place() const {
  std::vector<Visit> visits = visits_;
  std::erase_if(visits, [](const Visit& visit) { return !visit.in_place; });
  return visits.empty() ? visits_ : visits;
}

bool BriefVisits::is_calm(const Visit& visit) const {
  const BeatTimes fastest = request_.calm->times();
  std::size_t calm = 0;
  for (std::size_t i = visit.begin; i < visit.end; ++i) calm += foretime::is_calm(beats_[i], fastest) ? 1 : 0;
  return visit.in_place &&
         static_cast<double>(calm) >= kCalmOfVisit * static_cast<double>(visit.end - visit.begin);
}

int BriefVisits::calm_visits() const {
  return static_cast<int>(
      std::count_if(visits_.begin(), visits_.end(), [&](const Visit& visit) { return is_calm(visit); }));
}

std::vector<double> BriefVisits::found(std::span<const Visit> visits) const {
  std::vector<double> latencies;
  for (const Visit& visit : visits) latencies.push_back(latency_of(samples_of({&visit, 1})));
  std::sort(latencies.begin(), latencies.end());
  return latencies;
}

bool BriefVisits::confirmed() const {
  if (watched_) return calm_visits() > 0;
  const std::vector<double> latencies = found(visits_in_place());
  return latencies.size() > 1 && latencies[1] < (1 + kSame) * latencies[0];
}

BriefMeasurement BriefVisits::result() const {
  const std::vector<Visit> visits = visits_in_place();
  const std::vector<double> each = found(visits);
  // Where nobody watched: what neighbours do makes slower, never faster.
  double latency = watched_ ? latency_of(samples_of(visits)) : each.front();
  std::optional<KernelProfile> profile = profile_;
  if (profile) {
    put_floors(*profile);
    if (calm_visits() == 0) latency = std::min(latency, profile->plain.value);
  }
  std::vector<Visit> calm = visits;
  std::erase_if(calm, [&](const Visit& visit) { return !is_calm(visit); });
  BriefMeasurement result;
  result.latency = {latency};
  result.deviation = {visits.front().in_place ? distance(each, latency) : kDisplaced * latency};
  result.calm_deviation = calm.empty() ? result.deviation : Milliseconds{distance(found(calm), latency)};
  result.samples = ms_;
  result.visits = static_cast<int>(visits_.size());
  result.calm_visits = calm_visits();
  result.slowed_percent = (median(ms_) / latency - 1) * 100;
  result.fastest = fastest_;
  result.pauses = pauses_;
  result.profile = std::move(profile);
  return result;
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
