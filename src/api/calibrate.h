#pragma once

#include <string>
#include <vector>

#include "api/fit.h"
#include "api/measure.h"
#include "api/sampling.h"
#include "calibrate/blame.h"

namespace foretime::api {

struct CalibrateRequest {
  RunRequest run;
  std::vector<int> threads;  // one profile for each, learnt together; empty: run.threads alone
  std::string name;          // id of the profile; empty: runtime and threads
  Milliseconds budget{600'000};
  bool black_box = false;  // whole networks only, the runtime's profile is not used
  bool go_on = false;      // more measuring for a device that was calibrated before
  Sampling sampling = Sampling::active;
  std::string database;     // of measurements: a file, "none"; empty: the user's
  std::string rules;        // file with fusion rules; empty: the runtime's (rules/runtime/)
  std::string profile_out;  // empty: the user's folder
  Progress progress;
};

/// How well a part of the measurements would have done.
struct LearningPoint {
  double seconds = 0;
  std::size_t networks = 0;  // measured by then
  AccuracyFigures held_out;  // on networks kept apart
};

/// The profile for a number of threads.
struct ThreadsResult {
  int threads = 1;
  std::string profile;       // where it was written
  AccuracyFigures held_out;  // of whole networks, by models that did not see them
};

struct CalibrateResult : FitResult {
  std::vector<ThreadsResult> profiles;  // the first one is what FitResult speaks of
  std::string table;                    // what was measured
  double measured_seconds = 0;          // all runs of the program together
  std::size_t measurements = 0;
  int pauses = 0;              // for a machine that was too busy
  int refused = 0;             // networks that the runtime could not run
  std::string database_error;  // why the table alone has the measurements; empty: the database has them, too
  AccuracyFigures held_out;    // of whole networks, by models that did not see them
  std::vector<LearningPoint> learning_curve;
  std::vector<Scored> scored;  // of whole networks, as in `held_out`
  std::vector<KindError> kinds;
  std::vector<BlamedNetwork> worst;
};

/// Measures random networks on this machine for as long as the budget says, and learns a profile from them.
/// What was measured is kept in a table: a run that was interrupted goes on where it was.
/// Error: as measure and fit; calibrated already, and not to go on.
CalibrateResult calibrate(const CalibrateRequest& request);

}  // namespace foretime::api
