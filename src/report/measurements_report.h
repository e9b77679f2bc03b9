#pragma once

#include <string>
#include <vector>

#include "api/import_measurements.h"
#include "api/measurements.h"
#include "report/document.h"

namespace foretime::report {

/// `foretime.measurements/1`, as docs/json.md describes it.
std::string measurements_json(const std::vector<StoredMeasurement>& rows);
Document measurements_document(const std::vector<StoredMeasurement>& rows);

/// One of them with its samples: what the replay runtime takes as a recording.
std::string measurement_json(const StoredMeasurement& row);
Document measurement_document(const StoredMeasurement& row);

std::string imported_json(const api::ImportedMeasurements& imported);
Document imported_document(const api::ImportedMeasurements& imported);
std::string exported_json(const api::ExportedMeasurements& exported);
Document exported_document(const api::ExportedMeasurements& exported);
std::string pruned_json(std::int64_t removed);
Document pruned_document(std::int64_t removed);

}  // namespace foretime::report
