#pragma once

// Networks timed in a fraction of a second each, for those who measure hundreds: no interval and no verdict.
// What neighbours do lasts from milliseconds to seconds, so that a network is visited several times, and
// others meanwhile; the fastest of all its samples count.

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "api/prepared_model.h"
#include "base/error.h"
#include "measure/block.h"

namespace foretime::api {

struct BriefRequest {
  RunRequest run;
  Milliseconds most{1000};  // about as long as all visits together may take, loading left out
  bool kernels = false;     // ask the runtime's profiler, too
};

struct BriefMeasurement {
  Milliseconds latency;         // left alone
  Milliseconds deviation;       // how far the two fastest visits lie apart
  std::vector<double> samples;  // ms
  int visits = 0;
  double slowed_percent = 0;  // how much longer the median run took
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
  /// Another visit found what the fastest one found.
  bool confirmed() const;
  /// REQUIRES: visited.
  BriefMeasurement result() const;

 private:
  void start();
  void take();
  void profile();
  double apart() const;

  const PreparedModel& prepared_;
  BriefRequest request_;
  BlockPlan plan_;
  std::unique_ptr<WorkerSubject> subject_;
  std::vector<double> ms_;
  std::vector<double> floors_;            // one for each visit, ms
  std::optional<KernelProfile> profile_;  // of the visit in which a run took least
  Milliseconds spent_;
  int pauses_ = 0;
};

/// Visits each of them in turns: three times, and those that are not confirmed more often if they may.
/// `failed(i, error)`: the runtime's error, after which that one is visited no more.
void visit_in_turns(std::vector<BriefVisits>& networks, const std::function<bool()>& may_go_on,
                    const std::function<void(std::size_t, const Error&)>& failed);

}  // namespace foretime::api
