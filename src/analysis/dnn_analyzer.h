#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "analysis/module_calls.h"
#include "base/diagnostics.h"
#include "base/units.h"
#include "graph/graph.h"

namespace foretime::analysis {

/// What DNN analyzer counts of a call, or of all calls together.
struct AnalyzerCounts {
  std::int64_t parameters = 0;  // elements of weights and biases; again at every call
  double macs = 0;              // may be fractional
  Bytes mem_read;
  Bytes mem_write;
  Bytes storage;    // of the parameters, at the width of the call's input
  Bytes inference;  // of one sample of the output

  AnalyzerCounts& operator+=(const AnalyzerCounts& other);
};

struct AnalyzerRow {
  ModuleCall call;
  TensorId input = kNoTensor;  // the first activation that the call reads; kNoTensor: it reads none
  TensorId output = kNoTensor;
  std::optional<AnalyzerCounts> counts;  // absent: sizes that nobody knows

  /// The node that makes the output, by whose name the row is found among layers.
  const Node& layer() const { return call.nodes.back(); }
};

struct AnalyzerTable {
  std::vector<AnalyzerRow> rows;  // in execution order
  AnalyzerCounts totals;          // sums over what is known
};

/// The table of DNN analyzer (state of December 2022) with its quirks (docs/dnn-analyzer.md). Named sizes
/// count at their upper bound. REQUIRES: types inferred, constants folded; the graph outlives the table.
AnalyzerTable dnn_analyzer(const Graph& graph, Diagnostics& diagnostics);

}  // namespace foretime::analysis
