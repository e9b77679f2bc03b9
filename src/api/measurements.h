#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "api/measure.h"
#include "base/json.h"
#include "store/store.h"

namespace foretime::api {

/// The database that `asked` stands for: itself, the user's if empty, none (an empty path) for "none". One
/// that was asked for by name is opened, so that it fails before anything is measured. Error: as Store.
std::string database_for(const std::string& asked);

/// Keeps it and notes its id; if that fails, a diagnostic says why. Nothing happens without a path.
void keep(const std::string& database, MeasuredModel& measured);

/// What interference beats take on this machine when it is left alone, as far as the latest measurements with
/// so many threads know.
BeatTimes calm_beat(const std::string& database, int threads);

/// Kernels as `details` of a stored measurement has them, under "kernels".
Json kernels_json(const std::vector<ExecutedKernel>& kernels);

/// Error: there is no database, or it cannot be read.
std::vector<StoredMeasurement> list_measurements(const std::string& database);
/// Error, too: no such id.
StoredMeasurement show_measurement(const std::string& database, const std::string& id);

struct ExportedMeasurements {
  std::string output;
  std::size_t rows = 0;
};
/// Writes them as a table of measured networks (docs/data-sets.md): one row for each, `std_ms` its standard
/// deviation, `device` its processor and runtime. Error: neither .jsonl nor .csv.
ExportedMeasurements export_measurements(const std::string& database, const std::string& output);

/// Forgets what is older than `age`; how many.
std::int64_t prune_measurements(const std::string& database, Milliseconds age);

}  // namespace foretime::api
