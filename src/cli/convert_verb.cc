#include "api/zoo.h"
#include "base/stopwatch.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "report/done_report.h"

namespace foretime::cli {
namespace {

/// Nothing but notes on success, or a JSON document where one is asked for.
void show_done(const Arguments& arguments, std::string_view verb, const std::string& path,
               const Diagnostics& diagnostics) {
  if (arguments.format == OutputFormat::json) {
    write_result(arguments, report::done_json(verb, path, diagnostics));
  } else {
    write_notes(arguments, diagnostics);
  }
}

}  // namespace

int run_convert(const Arguments& arguments) {
  api::ConvertRequest request;
  request.input = arguments.operands[0];
  request.output = arguments.operands[1];
  request.to = arguments.to;
  // A built-in network has no weights of its own.
  const Weights usual = request.input.starts_with("zoo:") ? Weights::random : Weights::original;
  request.options = {arguments.weights.value_or(usual), arguments.seed, arguments.measure.run.precision};
  request.bindings = arguments.bindings;
  const Stopwatch watch;
  const Diagnostics diagnostics = api::convert(request);
  show_done(arguments, "convert", request.output, diagnostics);
  write_stats(arguments, {{"convert", watch.elapsed()}});
  return 0;
}

int run_zoo_build(const Arguments& arguments) {
  const bool has_operand = arguments.operands.size() == 2;
  if (has_operand && !arguments.output.empty()) {
    throw UsageError("zoo build", "the file is named twice", "as OUT or by --output");
  }
  const std::string output = has_operand ? arguments.operands[1] : arguments.output;
  if (output.empty()) {
    throw UsageError("zoo build", "needs a file to write", "foretime zoo build NAME OUT");
  }
  api::build_zoo(
      arguments.operands[0], output, arguments.to,
      {arguments.weights.value_or(Weights::random), arguments.seed, arguments.measure.run.precision});
  Arguments result = arguments;
  result.output.clear();  // it named the model
  show_done(result, "zoo", output, {});
  return 0;
}

}  // namespace foretime::cli
