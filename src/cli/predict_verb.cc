#include <filesystem>

#include "api/annette.h"
#include "base/mapped_file.h"
#include "base/stopwatch.h"
#include "cli/failures.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "report/annette_report.h"
#include "report/predict_report.h"
#include "report/printers.h"

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

/// ANNETTE keeps a result for each network, in a folder.
bool keeps_results(const Arguments& arguments) {
  return arguments.original &&
         (arguments.output.ends_with('/') || std::filesystem::is_directory(arguments.output));
}

/// FOLDER/LAYERMODEL/NETWORK_MAPPING.json and .csv of each; notes on stderr.
void keep_results(const Arguments& arguments, const api::PredictResult& result) {
  for (const api::PredictionRow& row : result.predictions) {
    api::PredictResult one;
    one.predictions.push_back(row);
    const std::string place = (std::filesystem::path(arguments.output) / report::annette_place(row)).string();
    std::error_code failure;
    std::filesystem::create_directories(std::filesystem::path(place).parent_path(), failure);
    if (failure) throw Error(place, "cannot be written: " + failure.message());
    write_file(place + ".json", report::annette_json(one));
    write_file(place + ".csv", report::print_csv(report::annette_document(one)));
    write_notes(arguments, row.diagnostics);
  }
}

}  // namespace

int run_predict(const Arguments& arguments) {
  check_compat(arguments);
  api::PredictResult result = predicted(arguments);
  const Stopwatch watch;
  if (keeps_results(arguments)) {
    keep_results(arguments, result);
  } else if (arguments.format == OutputFormat::json) {
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
