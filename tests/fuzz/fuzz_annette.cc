// Any bytes end in a network or in one Error, for ANNETTE's graphs; what reads is written and reads again,
// and the compatibility mode comes to an end on it.

#include <optional>

#include "base/error.h"
#include "formats/annette/graph_reader.h"
#include "formats/annette/graph_writer.h"
#include "formats/annette/raw_graph.h"
#include "formats/annette/walk.h"
#include "fuzz_target.h"
#include "passes/annotate_types.h"

namespace {

using foretime::Error;
using foretime::annette::RawGraph;

std::optional<RawGraph> read(std::string_view text) {
  try {
    return foretime::annette::parse_raw_graph(text, "fuzz");
  } catch (const Error&) {
    return std::nullopt;
  }
}

void write_and_read(const RawGraph& raw) {
  const std::string first = foretime::annette::to_json(raw);
  foretime::require_same(foretime::annette::to_json(foretime::annette::parse_raw_graph(first, "written")),
                         first);
}

RawGraph bound(const RawGraph& raw) {
  std::map<std::string, std::int64_t> numbers;
  for (const std::string& name : foretime::annette::columns(raw)) numbers[name] = 3;
  std::set<std::string> used;
  return foretime::annette::with_columns(raw, numbers, used);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::optional<RawGraph> raw = read(foretime::as_text(data, size));
  if (!raw) return 0;
  write_and_read(*raw);
  try {
    foretime::annette::evaluation_order(*raw);
  } catch (const Error&) {
  }
  try {
    foretime::Diagnostics diagnostics;
    const foretime::Graph graph = foretime::annette::to_graph(bound(*raw), "fuzz", diagnostics);
    const auto facts = foretime::ops::infer(graph, {}, diagnostics);
    foretime::annette::from_graph(foretime::passes::annotate_types(graph, facts));
  } catch (const Error&) {
  }
  return 0;
}
