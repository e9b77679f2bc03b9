// Any bytes end in a network or in one Error, for nn-Meter's graphs and NNI's; what reads is written and
// reads again, and nn-Meter's detector comes to an end on it.

#include <optional>

#include "base/error.h"
#include "formats/nnmeter/graph_reader.h"
#include "formats/nnmeter/graph_writer.h"
#include "formats/nnmeter/nni_ir.h"
#include "fuzz_target.h"
#include "kernels/nn_meter/detector.h"
#include "kernels/nn_meter/features.h"
#include "kernels/nn_meter/rule_sets.h"

namespace {

using foretime::Error;
using foretime::nnmeter::RawGraph;

foretime::Diagnostics diagnostics;

std::optional<RawGraph> read(std::string_view text) {
  try {
    return foretime::nnmeter::is_nni_ir(text) ? foretime::nnmeter::parse_nni_ir(text, "fuzz", diagnostics)
                                              : foretime::nnmeter::parse_raw_graph(text, "fuzz", diagnostics);
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// Writing sorts the nodes, so it is the second time that must be the same as the first.
void write_and_read(const RawGraph& raw) {
  const auto again = [](const RawGraph& graph) {
    return foretime::nnmeter::parse_raw_graph(foretime::nnmeter::to_json(graph), "written", diagnostics);
  };
  const RawGraph sorted = again(raw);
  foretime::require_same(foretime::nnmeter::to_json(again(sorted)), foretime::nnmeter::to_json(sorted));
}

void detect(const RawGraph& raw) {
  static const foretime::RuleSet rules = foretime::nn_meter::rules_for("cortexA76cpu_tflite21");
  try {
    for (const auto& kernel : foretime::nn_meter::detect_kernels(raw, rules)) {
      (void)foretime::nn_meter::features(kernel);
    }
  } catch (const Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  diagnostics.clear();
  const std::optional<RawGraph> raw = read(foretime::as_text(data, size));
  if (!raw) return 0;
  write_and_read(*raw);
  detect(*raw);
  try {
    const RawGraph again =
        foretime::nnmeter::from_graph(foretime::nnmeter::to_graph(*raw, "fuzz", diagnostics));
    if (again.nodes.size() > raw->nodes.size()) std::abort();
  } catch (const Error&) {
  }
  return 0;
}
