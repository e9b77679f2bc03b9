// Any bytes end in the parameters of a stacked predictor, or in a layer model of ANNETTE and its profile, or
// in one Error.

#include "base/error.h"
#include "fuzz_target.h"
#include "predictors/annette/import.h"
#include "predictors/pricing.h"
#include "predictors/stack_parameters.h"

namespace {

using namespace foretime;

Forest leaf(const std::string&) {
  Forest forest;
  forest.trees = TreeEnsemble(1, {Tree{{Tree::Node{}}}}, "leaf");
  return forest;
}

void read_parameters(std::string_view text) {
  Predictor predictor;
  predictor.kind = kMixedKind;
  predictor.parameters = text;
  predictor.tables["conv"] = leaf("").trees.to_text();
  const StackParameters parameters = parse_stack_parameters(predictor, "fuzz");
  Predictor again;
  store(parameters, kMixedKind, again);
  parse_stack_parameters(again, "written");
}

void read_layer_model(std::string_view text) {
  if (!annette::is_layer_model(text)) return;
  Diagnostics diagnostics;
  DeviceProfile profile =
      annette::profile_of(annette::layer_entries_of_json(text, "fuzz"), nullptr, "fuzz", leaf, diagnostics);
  profile.id = "fuzz";
  profile.provenance = {"fuzz", "none", "2026-01-01", "0", ""};
  const std::string written = to_json(profile);
  require_same(written, to_json(parse_profile(written, "written")));
  stack_pricing(profile);
}

template <typename Reader>
void attempt(Reader reader, std::string_view text) {
  try {
    reader(text);
  } catch (const Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  attempt(read_parameters, as_text(data, size));
  attempt(read_layer_model, as_text(data, size));
  return 0;
}
