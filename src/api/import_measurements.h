#pragma once

#include <string>
#include <vector>

#include "api/model.h"
#include "store/store.h"

namespace foretime::api {

struct ImportMeasurementsRequest {
  std::vector<std::string> files;  // reports of other tools (docs/measuring.md)
  std::string model;     // the network they are of; empty: as each report says, else its file's name
  std::string device;    // what they were measured on; empty: not known
  std::string database;  // empty: the user's; "none": not kept
};

struct ImportedMeasurements {
  std::vector<StoredMeasurement> rows;  // with samples where the report has them, id 0 if not kept
  std::vector<Failure> failures;
  bool batch = false;  // several files
};

/// Reads the reports and keeps what they say as measurements. Error: the database cannot be opened or
/// written; for a single file, whatever is wrong with it.
ImportedMeasurements import_measurements(const ImportMeasurementsRequest& request);

}  // namespace foretime::api
