#pragma once

// What became of measuring something, and how far to trust it. docs/measuring.md gives the reasons.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "measure/block.h"
#include "measure/statistics.h"
#include "measure/undisturbed.h"

namespace foretime {

enum class Verdict { trusted, noisy, rejected };

std::string_view name_of(Verdict verdict);

/// A block and where it belongs.
struct BlockRecord {
  int launch = 0;   // number of the process, from 0
  int session = 0;  // number of the loading, from 0, counted over all launches
  SampleBlock block;
};

/// How far from calm the machine was.
struct Disturbance {
  double excluded_percent = 0;   // of the samples: the processor was taken away
  double displaced_percent = 0;  // of the samples: the processors were elsewhere; left out, too
  double calm_percent = 100;     // of the samples: no neighbour on the core
  double waiting_percent = 0;    // time our threads waited for a processor, of wall time
  double steal_percent = 0;      // time the hypervisor gave to other guests, of the processors' time
  double clock_percent = 0;   // how much slower the interference probe ran at its slow end (p90 / p10 − 1)
  double memory_percent = 0;  // the same for reading memory
  double slowed_percent = 0;  // how much longer the median run took than it would have undisturbed
  double fastest_run_ms = 0;  // that was seen, as it was: not corrected
  double launches_percent = 0;  // spread of the launches' medians (max / min − 1)
  BeatTimes fastest;            // beats that were left alone meanwhile
  BeatTimes calm;               // what the correction is to: these, or faster ones known before
  std::int64_t major_faults = 0;
};

struct Measurement {
  Summary latency;                // ms, of the calmest samples, corrected for interference
  ConfidenceInterval ci95;        // of the median, ms
  Histogram bars;                 // of the same
  double half_width_percent = 0;  // of ci95, of the median; infinite with one launch
  std::size_t iterations = 0;     // of these samples
  std::size_t excluded = 0;       // others
  int sessions = 0;
  int launches = 0;
  std::vector<double> launch_medians;  // ms
  Disturbance disturbance;
  Verdict verdict = Verdict::trusted;
  std::vector<std::string> reasons;  // for any other verdict: what happened, and which flag helps
};

struct JudgeOptions {
  double target_percent = 1;  // half width of ci95 that is good enough
  double steal_percent = 0;   // read by the caller
  bool warm = true;           // every warm-up became stable
  bool self_timed = false;
  BeatTimes calm{};  // beats of this machine when it is left alone, if known from before
};

/// From samples to a result. REQUIRES: at least one block with at least one sample.
Measurement judge(const std::vector<BlockRecord>& records, const JudgeOptions& options);

}  // namespace foretime
