#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/fit.h"
#include "api/model.h"

namespace foretime::api {

struct ChooseRequest {
  std::vector<std::string>
      profiles;      // ids or files of other devices, fitted ones; none: the choice is for a fit
  std::string pool;  // a folder of models, or a data set; what was measured is not looked at
  std::size_t count = 10;
  /// A device: networks of the data set that have a latency on it are known already. Empty: none is.
  std::string column;
  FitRequest fit;  // without profiles: what it would be fitted with (`like`, `rules`, `physics`)
  Progress progress;
};

struct ChosenNetwork {
  std::string id;  // the model's path, or the id in the data set
  std::string family;
  std::optional<Milliseconds> predicted;  // by the first profile
  double new_time_percent = 0;     // of its time, in kernels unlike those of networks known or chosen before
  double covered_percent = 0;      // of the pool's time, in kernels like those known by then
  double uncertainty_percent = 0;  // left by then, of what it was in the beginning (calibrate/choose.h)
};

struct ChooseResult {
  std::string basis;                  // what weighs the kernels: profiles, or physics
  std::size_t networks = 0;           // in the pool
  std::size_t known = 0;              // of these
  std::vector<ChosenNetwork> chosen;  // the one that teaches most first
  std::vector<Failure> failures;      // models of the folder
  Diagnostics diagnostics;
};

/// The networks of a pool whose measuring teaches most about a device (docs/fitting.md). Error: as adapt, of
/// profiles; as fit, of rules and physics; a broken data set; a folder without models, or with none that can
/// be read.
ChooseResult choose(const ChooseRequest& request);

}  // namespace foretime::api
