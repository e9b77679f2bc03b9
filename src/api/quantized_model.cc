#include "api/quantized_model.h"

#include "base/error.h"
#include "base/stopwatch.h"
#include "ops/infer.h"
#include "passes/quantize.h"

namespace foretime::api {
namespace {

/// What is constant is folded: weights behind DequantizeLinear.
Graph as_it_runs(const Graph& quantized) {
  Diagnostics ignored;
  return passes::fold_constants(quantized, ops::infer(quantized, {}, ignored));
}

}  // namespace

Model read_quantized(const std::string& spec, const Bindings& bindings) {
  Model model = load_model(spec, bindings, passes::Fold::known);
  const Stopwatch watch;
  try {
    model.source = passes::quantize(model.graph);
  } catch (const Error& error) {
    throw Error(spec, error.what());
  }
  model.graph = Graph();
  model.stages.emplace_back("quantise", watch.elapsed());
  return model;
}

Model load_quantized(const std::string& spec, const Bindings& bindings) {
  Model model = read_quantized(spec, bindings);
  model.graph = as_it_runs(model.source);
  model.source = Graph();
  return model;
}

Graph quantized_as_it_runs(const Graph& graph) {
  return as_it_runs(passes::quantize(graph));
}

}  // namespace foretime::api
