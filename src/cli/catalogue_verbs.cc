#include <fmt/format.h>

#include "api/devices.h"
#include "api/zoo.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "report/catalogue_report.h"
#include "report/done_report.h"

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
  const std::string path = api::import_device(arguments.operands.front());
  const bool json = arguments.format == OutputFormat::json;
  write_result(arguments, json ? report::done_json("devices", path, {}) : fmt::format("{}\n", path));
  return 0;
}

}  // namespace foretime::cli
