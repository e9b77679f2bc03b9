#pragma once

// Repetition at three levels: processes are launched, each loads the model (a session), each session iterates
// in blocks. Iterations of one process share its luck (where its memory lies, on which processor it runs), so
// only launches are independent, and the interval comes from them. More launches are made until the interval
// is narrow enough or the budget is spent.

#include <functional>
#include <vector>

#include "measure/measurement.h"

namespace foretime {

/// What is measured. The protocol launches, opens, warms up, takes blocks, and launches again.
class Subject {
 public:
  virtual ~Subject() = default;
  /// Starts a new process; what ran before ends.
  virtual void launch() = 0;
  /// Loads the model (again).
  virtual void open() = 0;
  virtual WarmUp warm_up(Milliseconds most) = 0;
  virtual SampleBlock block(const BlockPlan& plan) = 0;
  /// The process goes on there.
  virtual void move_to(const std::vector<int>& /*processors*/) {}
};

struct ProtocolOptions {
  Milliseconds budget{20'000};  // wall time for everything, loading included
  double target_percent = 1;    // half width of the median's 95 % interval
  int least_launches = 5;       // fewer only if the budget is spent
  int most_launches = 30;
  int sessions = 2;       // in each launch, if loading is cheap
  Milliseconds cooldown;  // pause before each launch
  int threads = 1;
  bool self_timed = false;
  BeatTimes calm{};  // as JudgeOptions::calm
};

/// What time it is; a test has its own.
using Now = std::function<Milliseconds()>;
/// How far: share of the way (0 to 1) and what is being done.
using Step = std::function<void(double, const std::string&)>;

struct Measured {
  std::vector<BlockRecord> records;
  std::vector<WarmUp> warm_ups;  // of each session
  bool warm = true;              // most became stable
};

/// Measures. Errors are the subject's.
Measured measure(Subject& subject, const ProtocolOptions& options, const Now& now, const Step& step = {});

}  // namespace foretime
