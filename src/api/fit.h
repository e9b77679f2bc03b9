#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/data_set.h"
#include "api/model.h"
#include "calibrate/protocols.h"
#include "device/device_profile.h"

namespace foretime::api {

struct FitRequest {
  std::vector<std::string> data_sets;  // files or folders
  std::string column;                  // the device's name in them
  std::string name;                    // id of the profile; empty: the column's name
  std::string like;   // id or file of a profile with the same identity and fusion rules; empty: that of
                      // `name`, if there is one
  std::string rules;  // file with fusion rules; empty: those of `like`, else those of a CPU
  ModelKind kind = ModelKind::additive;
  std::string physics;      // empty: by the processor of `like`, else cpu
  std::string profile_out;  // empty: the user's folder
  Progress progress;
};

struct FitResult {
  std::string profile;  // path
  std::string name;
  std::size_t bytes = 0;
  Milliseconds time;
  std::size_t networks = 0;
  AccuracyReport cross_validation;
  std::optional<double> noise_floor_percent;
  Diagnostics diagnostics;
};

/// A profile learnt from whole networks. Error: as read_data_set; rules, physics or a profile that is broken;
/// no network was measured on that device; XGBoost is not installed.
FitResult fit(const FitRequest& request);

struct EvaluateRequest {
  std::vector<std::string> data_sets;
  std::string device;  // id or file of a profile
  std::string column;  // empty: the profile's id
  Progress progress;
};

struct EvaluatedRow {
  std::string id;
  std::string family;
  Scored times;
};

struct EvaluateResult {
  std::string device;
  AccuracyFigures figures;
  std::optional<double> noise_floor_percent;
  std::map<std::string, AccuracyFigures> families;
  std::vector<EvaluatedRow> rows;  // in the order of the data
  Diagnostics diagnostics;
};

/// Predicted against measured. Error: as fit; no such device.
EvaluateResult evaluate(const EvaluateRequest& request);

struct ProtocolRequest {
  FitRequest fit;  // `name` and `profile_out` are not used
  Protocol protocol = Protocol::networks;
  std::uint32_t seed = 0;
};

struct ProtocolReport {
  std::string column;
  Protocol protocol = Protocol::networks;
  std::uint32_t seed = 0;
  ProtocolResult result;
  std::optional<double> noise_floor_percent;
  Milliseconds time;
};

/// How well fitting does on networks it never saw (docs/accuracy.md). Error: as fit.
ProtocolReport run_protocol(const ProtocolRequest& request);

}  // namespace foretime::api
