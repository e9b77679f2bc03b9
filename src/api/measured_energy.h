#pragma once

#include <string>

#include "api/measure.h"
#include "base/json.h"
#include "measure/energy/energy.h"
#include "measure/energy/power_trace.h"

namespace foretime::api {

/// What a request's energy is measured with: chosen once, used for each model.
class EnergyMeter {
 public:
  /// That no sensor can be read is a diagnostic, unless one was asked for by name. Error: that one is not
  /// there; the trace cannot be read, or fits only one model, or neither has the time of day nor a window is
  /// given.
  EnergyMeter(const EnergyRequest& request, const RunRequest& run, std::size_t models,
              Diagnostics& diagnostics);

  /// Runs the subject's open session once more, between idle stretches; of a trace with a window, only reads
  /// it. Nothing: not asked for, or what went wrong is a diagnostic: the latency is worth having all the
  /// same.
  std::optional<Energy> measure(Subject& subject, const Measurement& measurement, const std::string& model,
                                Diagnostics& diagnostics, const Step& step) const;

 private:
  Energy by_sensor(Subject& subject) const;
  Energy by_clock(Subject& subject) const;
  Energy by_window(const Measurement& measurement) const;
  MarkedRuns mark(Subject& subject, double step_seconds) const;

  EnergyRequest request_;
  int threads_ = 1;
  bool self_timed_ = false;
  std::optional<EnergySensor> sensor_;
  std::optional<PowerTrace> trace_;  // as it was in the beginning
};

/// As the JSON document and the database have them.
Json to_json(const Energy& energy);
Json to_json(const Sustained& sustained);

}  // namespace foretime::api
