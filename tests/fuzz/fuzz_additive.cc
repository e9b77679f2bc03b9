// Parameters and tables of a fitted profile, or the text of a tree ensemble: what is read is written and read
// again to the same, and predicts numbers.

#include <cmath>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "fuzz_target.h"
#include "predictors/additive_parameters.h"

namespace foretime {
namespace {

constexpr std::size_t kMostFeatures = 4096;  // rows are made for; no profile has so many

void predict(const TreeEnsemble& trees) {
  if (trees.features() > kMostFeatures) return;
  constexpr std::size_t kRows = 9;
  std::vector<float> rows(kRows * trees.features());
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<float>(i % 17) - 1;
  std::vector<double> sums(kRows);
  trees.predict(rows, sums);
  for (const double sum : sums) require_same(std::isfinite(sum) ? "" : "a sum that is no number", "");
}

void read_trees(std::string_view text) {
  const TreeEnsemble trees = TreeEnsemble::from_text(text, "fuzz");
  predict(trees);
  const std::string written = trees.to_text();
  require_same(written, TreeEnsemble::from_text(written, "written").to_text());
}

Predictor stored(const AdditiveParameters& parameters) {
  Predictor predictor;
  store(parameters, predictor);
  return predictor;
}

void read_parameters(std::string_view text) {
  const Json json = parse_json(text, "fuzz");
  const auto part = [&](const char* key) { return json.contains(key) ? json[key] : Json(); };
  Predictor given;
  given.parameters = part("parameters").dump(-1, ' ', false, Json::error_handler_t::replace);
  const Json tables = part("tables");  // items() only points at it
  for (const auto& [name, table] : tables.items()) {
    if (table.is_string()) given.tables[name] = table.get<std::string>();
  }
  const AdditiveParameters parameters = parse_additive_parameters(given, "fuzz");
  predict(parameters.corrections);
  const Predictor written = stored(parameters);
  const Predictor again = stored(parse_additive_parameters(written, "written"));
  require_same(written.parameters, again.parameters);
  require_same(written.tables.at("known"), again.tables.at("known"));
  require_same(written.tables.at("trees"), again.tables.at("trees"));
}

}  // namespace
}  // namespace foretime

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = foretime::as_text(data, size);
  try {
    if (text.starts_with('{')) {
      foretime::read_parameters(text);
    } else {
      foretime::read_trees(text);
    }
  } catch (const foretime::Error&) {
    return 0;
  }
  return 0;
}
