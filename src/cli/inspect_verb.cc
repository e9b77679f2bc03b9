#include <fmt/format.h>

#include "base/stopwatch.h"
#include "cli/failures.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "report/analyzer_report.h"
#include "report/inspect_report.h"

namespace foretime::cli {
namespace {

api::InspectRequest request_of(const Arguments& arguments) {
  api::InspectRequest request;
  request.bindings = arguments.bindings;
  request.rules = arguments.rules;
  request.nn_meter_device = arguments.nn_meter_device;
  request.alias = arguments.alias;
  request.kernels = arguments.kernels;
  if (arguments.devices.empty()) return request;
  if (arguments.rules == api::Rules::nn_meter) {
    throw UsageError("--device", "nn-Meter's kernels have no times here", "--rules nn-meter:DEVICE alone");
  }
  if (!arguments.kernels) throw UsageError("--device", "inspect takes it only together with --kernels");
  if (arguments.devices.size() > 1) throw UsageError("--device", "is given twice", "inspect takes one");
  request.device = arguments.devices.front();
  return request;
}

bool as_analyzer(const Arguments& arguments, const api::Inspections& all) {
  return arguments.rules == api::Rules::dnn_analyzer && arguments.format == OutputFormat::table && !all.batch;
}

void show_analyzer(const Arguments& arguments, const api::Inspections& all) {
  const report::Selection& selection = arguments.selection;
  if (!selection.columns.empty() || !selection.sort.empty() || selection.top) {
    throw UsageError("--rules dnn-analyzer",
                     "its table is printed as it always was, without --columns, --sort, --top",
                     "with --format csv, markdown or html they work");
  }
  write_result(arguments, report::print_analyzer(all.results.front()));
  write_notes(arguments, all.results.front().diagnostics);
}

}  // namespace

int run_inspect(const Arguments& arguments) {
  const api::Inspections all = api::inspect_all(arguments.operands, request_of(arguments));
  const Stopwatch watch;
  if (as_analyzer(arguments, all)) {
    show_analyzer(arguments, all);
  } else if (arguments.format == OutputFormat::json) {
    write_result(arguments, report::inspect_json(all));
  } else {
    show_document(arguments, report::inspect_document(all));
  }
  api::Stages stages;
  for (const api::InspectResult& result : all.results) {
    stages.insert(stages.end(), result.stages.begin(), result.stages.end());
  }
  stages.emplace_back("report", watch.elapsed());
  write_stats(arguments, stages);
  return report_failures(all.failures);
}

}  // namespace foretime::cli
