#include <fmt/format.h>

#include "cli/failures.h"
#include "cli/progress.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "report/calibrate_report.h"
#include "report/fit_report.h"

namespace foretime::cli {
namespace {

const std::string& only_device(const Arguments& arguments) {
  if (arguments.devices.size() == 1) return arguments.devices[0];
  throw UsageError("--device", fmt::format("is given {} times", arguments.devices.size()), "once");
}

api::FitRequest fit_request(const Arguments& arguments, ProgressBar& bar) {
  api::FitRequest request;
  request.data_sets = arguments.operands;
  request.column = only_device(arguments);
  request.name = arguments.name;
  request.like = arguments.like;
  request.rules = arguments.fusion_rules;
  request.physics = arguments.physics;
  request.kind = arguments.kind;
  request.profile_out = arguments.profile_out;
  request.progress = bar.sink();
  return request;
}

api::AdaptRequest adapt_request(const Arguments& arguments, std::vector<std::string> profiles,
                                std::vector<std::string> data_sets, ProgressBar& bar) {
  return {std::move(profiles), std::move(data_sets),   only_device(arguments),
          arguments.name,      arguments.profile_out,  bar.sink(),
          arguments.like,      arguments.fusion_rules, arguments.physics};
}

int run_choose(const Arguments& arguments) {
  ProgressBar bar(arguments);
  const std::vector<std::string>& operands = arguments.operands;
  api::ChooseRequest request;
  request.profiles = {operands.begin(), operands.end() - 1};
  request.pool = operands.back();
  request.count = *arguments.choose;
  if (!arguments.devices.empty()) request.column = only_device(arguments);
  request.fit.like = arguments.like;
  request.fit.rules = arguments.fusion_rules;
  request.fit.physics = arguments.physics;
  request.progress = bar.sink();
  const api::ChooseResult result = api::choose(request);
  bar.clear();
  if (arguments.format == OutputFormat::json) {
    write_result(arguments, report::choose_json(result));
  } else {
    show_document(arguments, report::choose_document(result));
  }
  return report_failures(result.failures);
}

int run_protocol(const Arguments& arguments) {
  ProgressBar bar(arguments);
  api::ProtocolRequest request;
  request.fit = fit_request(arguments, bar);
  request.protocol = *arguments.protocol;
  request.seed = static_cast<std::uint32_t>(arguments.seed);
  const api::ProtocolReport report =
      request.protocol == Protocol::devices
          ? api::run_devices(
                {adapt_request(arguments, arguments.from, arguments.operands, bar), request.seed})
          : api::run_protocol(request);
  bar.clear();
  if (arguments.format == OutputFormat::json) {
    write_result(arguments, report::protocol_json(report));
  } else {
    show_document(arguments, report::protocol_document(report));
  }
  return 0;
}

}  // namespace

int run_fit(const Arguments& arguments) {
  ProgressBar bar(arguments);
  const api::FitResult result = api::fit(fit_request(arguments, bar));
  bar.clear();
  if (arguments.format == OutputFormat::json) {
    write_result(arguments, report::fit_json(result));
  } else {
    show_document(arguments, report::fit_document(result));
  }
  return 0;
}

int run_calibrate(const Arguments& arguments) {
  ProgressBar bar(arguments);
  api::CalibrateRequest request;
  request.run = arguments.measure.run;
  request.threads = arguments.threads;
  request.sampling = arguments.sampling;
  request.database = arguments.measure.database;
  request.name = arguments.name;
  request.budget = arguments.budget.value_or(request.budget);
  request.black_box = arguments.black_box;
  request.go_on = arguments.go_on;
  request.rules = arguments.fusion_rules;
  request.profile_out = arguments.profile_out;
  request.progress = bar.sink();
  if (arguments.probe_fusion) {
    const api::ProbeResult result = api::probe_fusion(request);
    bar.clear();
    if (arguments.format == OutputFormat::json) {
      write_result(arguments, report::probe_json(result));
    } else {
      show_document(arguments, report::probe_document(result));
    }
    return 0;
  }
  const api::CalibrateResult result = api::calibrate(request);
  bar.clear();
  if (arguments.format == OutputFormat::json) {
    write_result(arguments, report::calibrate_json(result));
  } else {
    show_document(arguments, report::calibrate_document(result));
  }
  return 0;
}

int run_adapt(const Arguments& arguments) {
  if (arguments.choose) return run_choose(arguments);
  const std::vector<std::string>& operands = arguments.operands;
  if (operands.size() < 2)
    throw UsageError("adapt", "needs one more argument", "foretime adapt PROFILE... DATASET");
  ProgressBar bar(arguments);
  const api::AdaptResult result =
      api::adapt(adapt_request(arguments, {operands.begin(), operands.end() - 1}, {operands.back()}, bar));
  bar.clear();
  if (arguments.format == OutputFormat::json) {
    write_result(arguments, report::adapt_json(result));
  } else {
    show_document(arguments, report::adapt_document(result));
  }
  return 0;
}

int run_evaluate(const Arguments& arguments) {
  if (arguments.protocol) return run_protocol(arguments);
  ProgressBar bar(arguments);
  const api::EvaluateResult result =
      api::evaluate({arguments.operands, only_device(arguments), arguments.column, bar.sink()});
  bar.clear();
  if (arguments.format == OutputFormat::json) {
    write_result(arguments, report::evaluate_json(result, arguments.rows));
  } else {
    show_document(arguments, report::evaluate_document(result, arguments.rows));
  }
  return 0;
}

int run_dataset_export(const Arguments& arguments) {
  ProgressBar bar(arguments);
  const api::ExportResult result =
      api::export_data_set({arguments.operands[0], arguments.operands[1], bar.sink()});
  bar.clear();
  if (arguments.format == OutputFormat::json) {
    write_result(arguments, report::export_json(result));
  } else {
    show_document(arguments, report::export_document(result));
  }
  return 0;
}

}  // namespace foretime::cli
