#pragma once

// Energy of one inference: what the runs took beyond idling, over their number. The runs are marked (windows
// on a clock that the meter shares), idle stretches before and after, too.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "measure/energy/energy_curve.h"
#include "measure/protocol.h"

namespace foretime {

struct MarkedWindow {
  TimeSpan span;
  double runs = 0;  // that began and ended inside
};

struct MarkedRuns {
  std::vector<TimeSpan> idle;  // stretches in which nothing ran: before, after
  std::vector<MarkedWindow> windows;
};

struct MarkOptions {
  Milliseconds idle{1000};    // each stretch
  Milliseconds window{1000};  // at least
  int windows = 5;
  int threads = 1;
  bool self_timed = false;
};

using Pause = std::function<void(Milliseconds)>;

/// Idles, runs window after window, and idles again. Seconds of `steady`. Error: the subject's.
MarkedRuns mark_runs(Subject& subject, const MarkOptions& options, const Now& steady, const Pause& pause);

/// Of a trace in which the runs are known to lie in `window`: that in five parts, and what lies before and
/// behind it as idle. Error: the trace does not cover it.
MarkedRuns marks_within(const EnergyCurve& curve, const TimeSpan& window, double runs);

/// In one inference.
struct Energy {
  std::string sensor;       // "rapl", "hwmon:VDD_IN", or the trace's file
  std::string what;         // what that is, in words
  double mj = 0;            // idle power taken off
  ConfidenceInterval ci95;  // mJ
  double gross_mj = 0;      // with idle power
  std::optional<double> idle_mw;
  double idle_spread_mw = 0;  // half the difference between before and after
  double active_mw = 0;       // during the runs
  std::size_t windows = 0;
  double runs = 0;
  double seconds = 0;                // of all windows
  std::vector<std::string> reasons;  // why not to trust it
};

/// What a curve says about marked runs. `edge_seconds`: how far a window's begin and end may be off. Error:
/// the curve does not cover them, or has too few readings in a window.
Energy energy_of(const EnergyCurve& curve, const MarkedRuns& marks, double edge_seconds);

}  // namespace foretime
