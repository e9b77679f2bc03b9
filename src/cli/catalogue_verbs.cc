#include <fmt/format.h>

#include "api/devices.h"
#include "api/sweep.h"
#include "api/zoo.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "report/catalogue_report.h"
#include "report/done_report.h"
#include "report/sweep_report.h"

namespace foretime::cli {

int run_zoo_list(const Arguments& arguments) {
  const auto networks = api::list_zoo();
  if (arguments.format == OutputFormat::json) {
    write_result(arguments, report::zoo_json(networks));
  } else {
    show_document(arguments, report::zoo_document(networks));
  }
  return 0;
}

int run_zoo_sweep(const Arguments& arguments) {
  if (arguments.output.empty()) throw UsageError("--output", "is missing", "a folder for networks and table");
  const Weights weights = arguments.weights.value_or(Weights::random);
  const api::SweepResult result = api::write_sweep(
      {arguments.operands.front(), arguments.output, arguments.to, {weights, arguments.seed}});
  Arguments printed = arguments;
  printed.output.clear();  // it named the folder
  const bool json = arguments.format == OutputFormat::json;
  write_result(printed, json ? report::sweep_json(result) : fmt::format("{}\n", result.table));
  return 0;
}

int run_zoo_fusion(const Arguments& arguments) {
  const api::FusionResult result = api::find_fusion(arguments.operands.front());
  if (arguments.format == OutputFormat::json) {
    write_result(arguments, report::fusion_json(result));
  } else {
    show_document(arguments, report::fusion_document(result));
  }
  return 0;
}

int run_devices_list(const Arguments& arguments) {
  const auto devices = api::list_devices();
  if (arguments.format == OutputFormat::json) {
    write_result(arguments, report::devices_json(devices));
  } else {
    show_document(arguments, report::devices_document(devices));
  }
  return 0;
}

int run_devices_show(const Arguments& arguments) {
  const DeviceProfile profile = api::show_device(arguments.operands.front());
  if (arguments.format == OutputFormat::json) {
    write_result(arguments, report::device_json(profile));
  } else {
    show_document(arguments, report::device_document(profile));
  }
  return 0;
}

int run_devices_import(const Arguments& arguments) {
  const api::ImportResult result =
      api::import_devices({arguments.operands, arguments.mapping, arguments.name, arguments.profile_out});
  if (arguments.format == OutputFormat::json) {
    write_result(arguments, report::done_json("devices", result.paths, result.diagnostics));
  } else {
    write_result(arguments, fmt::format("{}\n", fmt::join(result.paths, "\n")));
    write_notes(arguments, result.diagnostics);
  }
  return 0;
}

}  // namespace foretime::cli
