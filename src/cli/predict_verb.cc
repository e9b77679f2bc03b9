#include "api/annette.h"
#include "base/stopwatch.h"
#include "cli/failures.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "report/annette_report.h"
#include "report/predict_report.h"

namespace foretime::cli {
namespace {

void check_compat(const Arguments& arguments) {
  const bool compat = !arguments.compat.empty();
  if (!compat) {
    const bool stray = !arguments.mapping.empty() || !arguments.layers.empty() || arguments.original;
    if (stray) throw UsageError("--mapping, --layers, --original", "need --compat annette");
    return;
  }
  if (!arguments.devices.empty()) {
    throw UsageError("--device", "is not for --compat annette", "--layers names what it prices with");
  }
  if (arguments.mapping.empty()) throw UsageError("--mapping", "is missing", "none, ov, dnndk or a file");
  if (arguments.layers.empty()) throw UsageError("--layers", "is missing", "ncs2-roofline, … or a file");
}

api::PredictResult predicted(const Arguments& arguments) {
  if (arguments.compat.empty()) {
    return api::predict({arguments.operands, arguments.devices, arguments.bindings});
  }
  return api::predict_annette({arguments.operands, arguments.mapping, arguments.layers, arguments.bindings});
}

}  // namespace

int run_predict(const Arguments& arguments) {
  check_compat(arguments);
  api::PredictResult result = predicted(arguments);
  const Stopwatch watch;
  if (arguments.format == OutputFormat::json) {
    write_result(arguments, arguments.original ? report::annette_json(result) : report::predict_json(result));
  } else {
    show_document(arguments, arguments.original ? report::annette_document(result)
                                                : report::predict_document(result, arguments.kernels));
  }
  result.stages.emplace_back("report", watch.elapsed());
  write_stats(arguments, result.stages);
  return report_failures(result.failures);
}

}  // namespace foretime::cli
