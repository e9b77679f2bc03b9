// Forests of other programs: the exporter's JSON, or a network in graph_text whose node is ONNX-ML's
// TreeEnsembleRegressor. What is read predicts.

#include <vector>

#include "base/error.h"
#include "formats/onnx/tree_regressor.h"
#include "fuzz_target.h"
#include "graph/graph_text.h"
#include "regressors/forest_json.h"

namespace {

void predict(const foretime::Forest& forest) {
  constexpr std::size_t kRows = 3;
  std::vector<float> rows(kRows * forest.trees.features());
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<float>(i % 17) - 1;
  std::vector<double> results(kRows);
  forest.predict(rows, results);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = foretime::as_text(data, size);
  try {
    predict(text.starts_with("graph") ? foretime::onnx::tree_regressor(foretime::parse_text(text, "fuzz"), "fuzz")
                                      : foretime::parse_forest_json(text, "fuzz"));
  } catch (const foretime::Error&) {
  }
  return 0;
}
