// Whatever parses must be written, and parse again to the same rules.

#include <optional>

#include "base/error.h"
#include "fuzz_target.h"
#include "kernels/rules.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::optional<foretime::RuleSet> rules;
  try {
    rules = foretime::parse_rules(foretime::as_text(data, size), "fuzz");
  } catch (const foretime::Error&) {
    return 0;
  }
  const std::string text = foretime::to_text(*rules);
  const foretime::RuleSet again = foretime::parse_rules(text, "written");
  foretime::require_same(text, foretime::to_text(again));
  if (!(*rules == again)) std::abort();
  return 0;
}
