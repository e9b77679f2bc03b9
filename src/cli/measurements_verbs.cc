#include "cli/failures.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "report/measurements_report.h"

namespace foretime::cli {
namespace {

/// JSON if it was asked for, else the document.
template <typename Json, typename Document>
int show(const Arguments& arguments, const Json& json, const Document& document) {
  if (arguments.format == OutputFormat::json) {
    write_result(arguments, json());
  } else {
    show_document(arguments, document());
  }
  return 0;
}

}  // namespace

int run_measurements_list(const Arguments& arguments) {
  const auto rows = api::list_measurements(arguments.measure.database);
  return show(
      arguments, [&] { return report::measurements_json(rows); },
      [&] { return report::measurements_document(rows); });
}

int run_measurements_show(const Arguments& arguments) {
  const auto row = api::show_measurement(arguments.measure.database, arguments.operands[0]);
  return show(
      arguments, [&] { return report::measurement_json(row); },
      [&] { return report::measurement_document(row); });
}

int run_measurements_import(const Arguments& arguments) {
  if (arguments.devices.size() > 1) throw UsageError("--device", "is given twice", "one device");
  api::ImportMeasurementsRequest request;
  request.files = arguments.operands;
  request.model = arguments.model;
  if (!arguments.devices.empty()) request.device = arguments.devices.front();
  request.database = arguments.measure.database;
  const auto imported = api::import_measurements(request);
  show(
      arguments, [&] { return report::imported_json(imported); },
      [&] { return report::imported_document(imported); });
  return report_failures(imported.failures);
}

int run_measurements_export(const Arguments& arguments) {
  const auto exported = api::export_measurements(arguments.measure.database, arguments.operands[0]);
  return show(
      arguments, [&] { return report::exported_json(exported); },
      [&] { return report::exported_document(exported); });
}

int run_measurements_prune(const Arguments& arguments) {
  if (!arguments.older_than) throw UsageError("--older-than", "is missing", "an age, as in 90d or 12h");
  const auto removed = api::prune_measurements(arguments.measure.database, *arguments.older_than);
  return show(
      arguments, [&] { return report::pruned_json(removed); },
      [&] { return report::pruned_document(removed); });
}

}  // namespace foretime::cli
