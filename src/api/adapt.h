#pragma once

#include <string>
#include <vector>

#include "api/fit.h"

namespace foretime::api {

struct AdaptRequest {
  std::vector<std::string> profiles;   // ids or files of other devices, fitted ones
  std::vector<std::string> data_sets;  // files or folders
  std::string column;                  // the new device's name in them
  std::string name;                    // id of the profile; empty: the column's name
  std::string profile_out;             // empty: the user's folder
  Progress progress;
  // What to fit from scratch with beside the profiles' rules and physics (as of FitRequest); all empty: those
  // of every built-in profile.
  std::string like;
  std::string rules;
  std::string physics;
};

/// A way that was tried, and its mean error on networks it did not see, percent.
struct TriedCandidate {
  std::string what;
  double error_percent = 0;
};

struct AdaptResult : FitResult {
  std::vector<TriedCandidate> tried;  // the best one, which was taken, first
};

/// A profile of a device of which few networks were measured: from one of the profiles given, from several of
/// them mixed, or from scratch with the rules and physics of a known device, whatever predicts held-out
/// networks best. Error: as fit; no profile; one that was not fitted on networks.
AdaptResult adapt(const AdaptRequest& request);

struct DevicesRequest {
  AdaptRequest adapt;  // `name` and `profile_out` are not used
  std::uint32_t seed = 0;
};

/// How well `adapt` does with 10, 30 and 100 networks, and fitting without other devices (docs/accuracy.md).
/// Error: as adapt.
ProtocolReport run_devices(const DevicesRequest& request);

}  // namespace foretime::api
