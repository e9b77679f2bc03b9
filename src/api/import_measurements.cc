#include "api/import_measurements.h"

#include <filesystem>

#include "api/measurements.h"
#include "base/error.h"
#include "base/mapped_file.h"
#include "base/version.h"
#include "measure/context.h"
#include "runtimes/import/report.h"

namespace foretime::api {
namespace {

// Nobody watched the machine, so there is nothing to judge by.
constexpr const char* kVerdict = "imported";

std::string details_of(const import::ReportedRun& run, const std::string& file) {
  Json json = {{"reasons", {"a report of another tool: what else the machine did is not known"}},
               {"source", file},
               {"tool_version", version()}};
  if (run.sum_of_kernels) json["reasons"].push_back("the time of the whole is the sum of its kernels");
  if (!run.kernels.empty()) json["kernels"] = kernels_json(run.kernels);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

StoredMeasurement row_of(const import::ReportedRun& run, const ImportMeasurementsRequest& request,
                         const std::string& file) {
  StoredMeasurement row;
  row.time = utc_now();
  row.model = !request.model.empty() ? request.model : run.model;
  if (row.model.empty()) row.model = std::filesystem::path(file).stem().string();
  row.cpu_signature = request.device;
  row.runtime = run.runtime.name;
  row.version = run.runtime.version;
  row.provider = run.runtime.provider;
  row.precision = run.runtime.precision;
  row.threads = run.runtime.threads;
  row.latency = run.latency;
  row.ci95 = {import::kUnknown, import::kUnknown};
  row.iterations = run.iterations;
  row.verdict = kVerdict;
  row.details = details_of(run, file);
  row.samples.assign(run.samples_ms.begin(), run.samples_ms.end());
  return row;
}

std::vector<StoredMeasurement> rows_of(const ImportMeasurementsRequest& request, const std::string& file) {
  const std::vector<import::ReportedRun> runs = import::read_report(MappedFile::open(file)->text(), file);
  if (!request.model.empty() && runs.size() > 1 && runs.front().model != runs.back().model) {
    throw Error("--model " + request.model,
                "is one network, but " + file + " reports " + std::to_string(runs.size()), "no --model");
  }
  std::vector<StoredMeasurement> rows;
  for (const import::ReportedRun& run : runs) rows.push_back(row_of(run, request, file));
  return rows;
}

}  // namespace

ImportedMeasurements import_measurements(const ImportMeasurementsRequest& request) {
  ImportedMeasurements result;
  result.batch = request.files.size() > 1;
  const std::string database = database_for(request.database);
  for (const std::string& file : request.files) {
    try {
      for (StoredMeasurement& row : rows_of(request, file)) result.rows.push_back(std::move(row));
    } catch (const Error& error) {
      if (!result.batch) throw;
      result.failures.push_back({file, error.what()});
    }
  }
  if (!database.empty()) {
    Store store(database);
    for (StoredMeasurement& row : result.rows) row.id = store.add(row);
  }
  return result;
}

}  // namespace foretime::api
