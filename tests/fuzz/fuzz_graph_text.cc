// Whatever text parses must print, and parse again to what prints the same.

#include <optional>

#include "base/error.h"
#include "fuzz_target.h"
#include "graph/graph_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::optional<foretime::Graph> graph;
  try {
    graph = foretime::parse_text(foretime::as_text(data, size), "fuzz");
  } catch (const foretime::Error&) {
    return 0;
  }
  const std::string printed = foretime::to_text(*graph);
  foretime::require_same(printed, foretime::to_text(foretime::parse_text(printed, "printed")));
  return 0;
}
