#pragma once

// From files of measured networks to observations; shared by the verbs that fit and score.

#include <functional>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "calibrate/observations.h"

namespace foretime::api {

/// A step of long work is done: `done` of `all` (0: not known), and what it was.
using Progress = std::function<void(int done, int all, const std::string& what)>;

/// What to do with a network, in two steps: looking at it, on any thread and beside others, gives what is
/// then to be done on the caller's thread, in the order of the data.
using Prepare = std::function<std::function<void()>(const MeasuredNetwork&, const MeasuredLatency&)>;

/// Goes through all networks of the data sets that were measured on `column`.
/// Error: as read_data_set; no network was measured on `column`.
void read_measured(const std::vector<std::string>& data_sets, const std::string& column,
                   const Prepare& prepare, const Progress& progress);

/// All of them, as observations of that design.
Observations observe(const std::vector<std::string>& data_sets, const std::string& column,
                     const ModelDesign& design, const Progress& progress);

}  // namespace foretime::api
