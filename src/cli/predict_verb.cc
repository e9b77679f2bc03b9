#include "base/stopwatch.h"
#include "cli/failures.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "report/predict_report.h"

namespace foretime::cli {

int run_predict(const Arguments& arguments) {
  api::PredictResult result = api::predict({arguments.operands, arguments.devices, arguments.bindings});
  const Stopwatch watch;
  if (arguments.format == OutputFormat::json) {
    write_result(arguments, report::predict_json(result));
  } else {
    show_document(arguments, report::predict_document(result, arguments.kernels));
  }
  result.stages.emplace_back("report", watch.elapsed());
  write_stats(arguments, result.stages);
  return report_failures(result.failures);
}

}  // namespace foretime::cli
