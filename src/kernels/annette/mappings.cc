#include "kernels/annette/mappings.h"

#include "base/error.h"
#include "base/suggest.h"
#include "kernels/annette/embedded.h"

namespace foretime::annette {
namespace {

constexpr std::string_view kNone = "none";
constexpr std::string_view kUnavailable = "ov2";

}  // namespace

std::vector<std::string> mappings() {
  std::vector<std::string> names = {std::string(kNone)};
  for (const EmbeddedRules& each : embedded_rules()) names.emplace_back(each.name);
  return names;
}

RuleSet mapping_for(std::string_view name) {
  if (name == kNone) return {};
  for (const EmbeddedRules& each : embedded_rules()) {
    if (each.name == name)
      return parse_rules(each.text, "rules/annette/" + std::string(each.name) + ".rules");
  }
  if (name == kUnavailable) {
    throw Error(
        "ov2",
        "asks the classifiers ov2-stat/convrelu.sav and ov2-stat/convpool.sav, which were never published",
        "ov, or a mapping model whose classifiers are decision trees in JSON (docs/annette.md)");
  }
  const std::vector<std::string> names = mappings();
  throw Error(std::string(name), "ANNETTE has no mapping of this name", suggestion(name, names));
}

}  // namespace foretime::annette
