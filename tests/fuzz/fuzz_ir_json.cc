// Whatever JSON parses must be written, and parse again to the same graph, which the text form shows.

#include <optional>

#include "base/error.h"
#include "formats/dot/dot.h"
#include "formats/ir_json/ir_json.h"
#include "fuzz_target.h"
#include "graph/graph_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::optional<foretime::Graph> graph;
  try {
    graph = foretime::parse_ir_json(foretime::as_text(data, size), "fuzz");
  } catch (const foretime::Error&) {
    return 0;
  }
  const std::string json = foretime::to_ir_json(*graph);
  const foretime::Graph again = foretime::parse_ir_json(json, "written");
  foretime::require_same(json, foretime::to_ir_json(again));
  const std::string text = foretime::to_text(*graph);
  foretime::require_same(text, foretime::to_text(again));
  foretime::require_same(text, foretime::to_text(foretime::parse_text(text, "printed")));
  (void)foretime::to_dot(*graph);
  return 0;
}
