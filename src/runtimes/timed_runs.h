#pragma once

// Runs with a runtime's profiler and without it, in turns, and what they would have taken undisturbed
// (measure/undisturbed.h).

#include <functional>
#include <string>
#include <vector>

#include "measure/interference.h"
#include "runtimes/runtime.h"

namespace foretime {

/// A kernel in one run, as the runtime's profiler tells it.
struct KernelTime {
  std::string kind;
  std::string name;  // the same in every run
  double ms = 0;
};

struct TimedRun {
  double begin_ms = 0;  // as steady_now
  double ms = 0;
  double taken_ms = 0;              // that the processor was taken away meanwhile
  std::vector<KernelTime> kernels;  // in order of execution; empty without the profiler
};

/// Times runs, and watches for interference as long as it lives.
class RunTimer {
 public:
  explicit RunTimer(int threads) : threads_(threads), probe_(threads) {}

  TimedRun time(const std::function<void()>& run);
  const std::vector<Beat>& beats() const { return beats_; }

 private:
  int threads_;
  InterferenceProbe probe_;
  std::vector<Beat> beats_;
};

/// Means of the middle half, of times corrected for interference: of the whole runs with and without the
/// profiler, and of each kernel (without members) in those of the runs that count, corrected like the run: a
/// kernel is too short for beats to tell what slowed it. Runs that lost the processor are left out, if any
/// remain. `beats`: in order. REQUIRES: a run of each sort.
KernelProfile undisturbed_profile(std::vector<TimedRun> profiled, std::vector<TimedRun> plain,
                                  const std::vector<Beat>& beats, int threads);

/// The same of the kernels in these runs, as they were: nobody watched.
std::vector<ExecutedKernel> kernels_of(const std::vector<TimedRun>& profiled);

}  // namespace foretime
