// Any bytes given to the TFLite reader end in a graph or in one Error, and so does whatever is asked of such
// a graph: printing, binding, inferring, folding, counting, and writing it as TFLite again.

#include <cstring>

#include "analysis/costs.h"
#include "analysis/memory.h"
#include "base/error.h"
#include "formats/tflite/tflite_reader.h"
#include "formats/tflite/tflite_writer.h"
#include "fuzz_target.h"
#include "graph/graph_text.h"
#include "ops/infer.h"
#include "passes/bind_inputs.h"
#include "passes/fold_constants.h"

namespace {

using namespace foretime;

void require_reprintable(const Graph& graph) noexcept {
  const std::string text = to_text(graph);
  require_same(text, to_text(parse_text(text, "printed")));
}

/// What is written reads again.
void require_writable(const Graph& graph) {
  tflite::WriteOptions options;
  options.weights = Weights::none;
  std::string written;
  try {
    written = tflite::to_tflite(graph, options);
  } catch (const Error&) {
    return;  // most operators of hostile files have no sizes that fit
  }
  [&]() noexcept {
    const auto* begin = reinterpret_cast<const std::byte*>(written.data());
    Diagnostics diagnostics;
    (void)tflite::read_tflite(MappedFile::of("written", {begin, begin + written.size()}), diagnostics);
  }();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::byte> bytes(size);
  if (size > 0) std::memcpy(bytes.data(), data, size);
  try {
    Diagnostics diagnostics;
    const Graph graph = tflite::read_tflite(MappedFile::of("fuzz", std::move(bytes)), diagnostics);
    require_reprintable(graph);
    const auto inputs = passes::bind_inputs(graph, {}, diagnostics);
    const ops::Facts facts = ops::infer(graph, inputs, diagnostics);
    const Graph folded = passes::fold_constants(graph, facts);
    (void)analysis::costs(folded, diagnostics);
    (void)analysis::peak_memory(folded);
    require_reprintable(folded);
    require_writable(passes::fold_constants(graph, facts, passes::Fold::known));
  } catch (const Error&) {
  }
  return 0;
}
