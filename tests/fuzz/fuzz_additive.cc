// Parameters of a fitted profile, or the text of a tree ensemble: what is read is written and read again to
// the same, and predicts numbers.

#include <cmath>
#include <vector>

#include "base/error.h"
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

void read_parameters(std::string_view text) {
  const AdditiveParameters parameters = parse_additive_parameters(text, "fuzz");
  predict(parameters.corrections);
  const std::string written = to_json(parameters);
  require_same(written, to_json(parse_additive_parameters(written, "written")));
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
