// Whatever is asked of a graph that the ONNX reader made of hostile bytes ends in a result or in one Error: printing,
// writing, binding, inferring, folding, counting.

#include <cstring>

#include "analysis/costs.h"
#include "analysis/memory.h"
#include "base/error.h"
#include "formats/onnx/onnx_reader.h"
#include "formats/onnx/onnx_writer.h"
#include "fuzz_target.h"
#include "graph/graph_text.h"
#include "ops/infer.h"
#include "passes/bind_inputs.h"
#include "passes/fold_constants.h"
#include "protobuf_mutator.h"

namespace {

using namespace foretime;

/// Every size that has no number is 2, and a shape that is not known at all is [2,2].
passes::Bindings all_two(const Graph& graph) {
  passes::Bindings bindings;
  for (const TensorId id : graph.inputs()) {
    const std::optional<Shape>& shape = graph[id].type.shape;
    std::vector<std::int64_t> sizes(shape ? shape->size() : 2, 2);
    for (std::size_t i = 0; shape && i < shape->size(); ++i) {
      if ((*shape)[i].is_number()) sizes[i] = (*shape)[i].number();
    }
    bindings.shapes.emplace(graph[id].name, std::move(sizes));
  }
  return bindings;
}

/// An Error here is a finding: what was read must print as a text that reads.
void require_reprintable(const Graph& graph) noexcept {
  const std::string text = to_text(graph);
  require_same(text, to_text(parse_text(text, "printed")));
}

/// Written without weights and read again, it is the same graph but for what the writer states.
void require_writable(const Graph& graph) {
  onnx::WriteOptions options;
  options.weights = Weights::none;
  std::string written;
  try {
    written = onnx::to_onnx(graph, options);
  } catch (const Error&) {
    return;  // a constant whose type is not known, for instance
  }
  [&]() noexcept {
    const auto* begin = reinterpret_cast<const std::byte*>(written.data());
    Diagnostics diagnostics;
    (void)onnx::read_onnx(MappedFile::of("written", {begin, begin + written.size()}), diagnostics);
  }();
}

void use(const Graph& graph) {
  Diagnostics diagnostics;
  const std::vector<TensorType> inputs = passes::bind_inputs(graph, all_two(graph), diagnostics);
  const ops::Facts facts = ops::infer(graph, inputs, diagnostics);
  const Graph folded = passes::fold_constants(graph, facts);
  (void)analysis::costs(folded, diagnostics);
  (void)analysis::peak_memory(folded);
  require_reprintable(folded);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::byte> bytes(size);
  if (size > 0) std::memcpy(bytes.data(), data, size);
  try {
    Diagnostics diagnostics;
    const Graph graph = onnx::read_onnx(MappedFile::of("fuzz", std::move(bytes)), diagnostics);
    require_reprintable(graph);
    require_writable(graph);
    use(graph);
  } catch (const Error&) {
  }
  return 0;
}
