#pragma once

// Networks timed in a fraction of a second each, for those who measure hundreds: no interval and no verdict.
// What neighbours do lasts from milliseconds to seconds, so that a network is visited several times, and
// others meanwhile; the calmest of all its samples count.

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "api/prepared_model.h"
#include "base/error.h"
#include "measure/block.h"
#include "measure/undisturbed.h"

namespace foretime::api {

/// What beats (measure/interference.h) take that neighbours leave alone: the lower quartile of all that was
/// seen, or what was known before, where that is less.
class CalmBeats {
 public:
  void know(const BeatTimes& before) { before_ = lower(before_, before); }
  /// Those of a block of samples, left alone as far as they were.
  void add(const BeatTimes& fastest);
  BeatTimes times() const;

 private:
  BeatTimes before_;
  std::vector<double> core_us_;  // ascending
  std::vector<double> memory_us_;
  std::vector<double> message_us_;
};

struct BriefRequest {
  RunRequest run;
  Milliseconds most{1000};  // about as long as all visits together may take, loading left out
  bool kernels = false;     // ask the runtime's profiler, too
  CalmBeats* calm;          // of all networks, which are asked and told; outlives them
};

struct BriefMeasurement {
  Milliseconds latency;         // left alone
  Milliseconds deviation;       // how far visits lie from that, corrected for neighbours
  Milliseconds calm_deviation;  // how far calm visits do; without any, the same
  std::vector<double> samples;  // ms
  int visits = 0;
  int calm_visits = 0;        // of them
  double slowed_percent = 0;  // how much longer the median run took
  BeatTimes fastest;          // left alone; 0: not known
  int pauses = 0;             // waited for others to finish, so often
  std::optional<KernelProfile> profile;
};

/// The visits to one network.
class BriefVisits {
 public:
  /// `prepared` outlives it.
  BriefVisits(const PreparedModel& prepared, const BriefRequest& request);

  /// Times a block, and asks the profiler at the first visits. A worker is started at the first, and stays.
  /// Error: the runtime's.
  void visit();
  Milliseconds spent() const { return spent_; }
  /// Neighbours left it alone at a visit; where nobody can tell: two found the same.
  bool confirmed() const;
  /// REQUIRES: visited.
  BriefMeasurement result() const;

 private:
  struct Visit {
    std::size_t begin;  // of its samples
    std::size_t end;
    bool in_place;  // the processors were not displaced
  };

  void start();
  void take();
  void profile();
  SlowedRuns samples_of(std::span<const Visit> visits) const;
  std::vector<Visit> visits_in_place() const;
  bool is_calm(const Visit& visit) const;
  int calm_visits() const;
  /// What each of the visits says, ms, ascending.
  std::vector<double> found(std::span<const Visit> visits) const;

  const PreparedModel& prepared_;
  BriefRequest request_;
  BlockPlan plan_;
  std::unique_ptr<WorkerSubject> subject_;
  std::vector<double> ms_;
  std::vector<BeatTimes> beats_;  // meanwhile, one for each of `ms_`; 0: not known
  std::vector<Visit> visits_;
  std::optional<KernelProfile> profile_;  // of the visit in which a run took least
  Milliseconds spent_;
  bool watched_ = false;  // for neighbours
  BeatTimes fastest_;
  int profiles_ = 0;
  int pauses_ = 0;
};

/// Visits each of them in turns: twice, and those that are not confirmed more often if they may.
/// `failed(i, error)`: the runtime's error, after which that one is visited no more.
void visit_in_turns(std::vector<BriefVisits>& networks, const std::function<bool()>& may_go_on,
                    const std::function<void(std::size_t, const Error&)>& failed);

}  // namespace foretime::api
