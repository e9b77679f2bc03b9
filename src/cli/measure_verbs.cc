#include "cli/failures.h"
#include "cli/progress.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "report/compare_report.h"
#include "report/measure_report.h"

namespace foretime::cli {
namespace {

/// B is A but for what was said of B.
api::CompareRequest compare_request(const Arguments& arguments) {
  api::CompareRequest request;
  request.a = {arguments.operands[0], arguments.measure.run};
  request.b = {arguments.operands[1], arguments.measure.run};
  api::RunRequest& b = request.b.run;
  if (!arguments.runtime_b.empty()) {
    b.runtime = arguments.runtime_b;
    b.options.clear();  // another runtime has others
  }
  b.threads = arguments.threads_b.value_or(b.threads);
  if (!arguments.provider_b.empty()) b.provider = arguments.provider_b;
  if (!arguments.library_b.empty()) b.library = arguments.library_b;
  for (const auto& [name, value] : arguments.options_b) b.options[name] = value;
  request.bindings = arguments.bindings;
  request.same_within_percent = arguments.same_within_percent;
  request.duet = arguments.duet;
  request.budget = arguments.budget.value_or(request.budget);
  return request;
}

}  // namespace

int run_measure(const Arguments& arguments) {
  ProgressBar bar(arguments);
  api::MeasureRequest request = arguments.measure;
  request.models = arguments.operands;
  request.bindings = arguments.bindings;
  request.kernels = request.kernels || arguments.kernels;
  request.budget = arguments.budget.value_or(request.budget);
  request.progress = bar.sink();
  const api::MeasureResult result = api::measure(request);
  bar.clear();
  if (arguments.format == OutputFormat::json) {
    write_result(arguments, report::measure_json(result));
  } else {
    show_document(arguments, report::measure_document(result));
  }
  return report_failures(result.failures);
}

int run_compare(const Arguments& arguments) {
  ProgressBar bar(arguments);
  api::CompareRequest request = compare_request(arguments);
  request.progress = bar.sink();
  const api::CompareResult result = api::compare(request);
  bar.clear();
  if (arguments.format == OutputFormat::json) {
    write_result(arguments, report::compare_json(result));
  } else {
    show_document(arguments, report::compare_document(result));
  }
  return 0;
}

}  // namespace foretime::cli
