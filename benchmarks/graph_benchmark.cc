// How long the steps of an inspection take inside the process, and that they grow linearly with the graph.

#include <benchmark/benchmark.h>

#include <string>

#include "analysis/costs.h"
#include "analysis/memory.h"
#include "graph/graph_builder.h"
#include "ops/infer.h"
#include "passes/fold_constants.h"
#include "zoo/zoo.h"

namespace foretime {
namespace {

/// A chain of `length` nodes: convolutions and activations in turn.
Graph chain(std::int64_t length) {
  GraphBuilder builder("chain");
  builder.set_opset("", 20);
  TensorId last = builder.add_input("x", {DataType::float32, Shape{1, 8, 16, 16}});
  const TensorId weight = builder.add_constant("w", {DataType::float32, Shape{8, 8, 1, 1}}, ConstantData{});
  for (std::int64_t i = 0; i < length; ++i) {
    Node node;
    node.op = i % 2 == 0 ? "Conv" : "Relu";
    node.inputs = i % 2 == 0 ? std::vector<TensorId>{last, weight} : std::vector<TensorId>{last};
    last = builder.tensor("t" + std::to_string(i));
    node.outputs = {last};
    builder.add_node(std::move(node));
  }
  builder.add_output(last);
  return std::move(builder).build();
}

void infer_fold_count(const Graph& graph) {
  Diagnostics diagnostics;
  const ops::Facts facts = ops::infer(graph, {}, diagnostics);
  const Graph folded = passes::fold_constants(graph, facts);
  benchmark::DoNotOptimize(analysis::costs(folded, diagnostics));
  benchmark::DoNotOptimize(analysis::peak_memory(folded));
}

void copy_of_resnet50(benchmark::State& state) {
  const Graph graph = zoo::build("resnet50");
  for (auto _ : state) {
    Graph copy = graph;
    benchmark::DoNotOptimize(copy);
  }
}
BENCHMARK(copy_of_resnet50);

void inspect_resnet50(benchmark::State& state) {
  const Graph graph = zoo::build("resnet50");
  for (auto _ : state) infer_fold_count(graph);
}
BENCHMARK(inspect_resnet50)->Unit(benchmark::kMillisecond);

void inspect_chain(benchmark::State& state) {
  const Graph graph = chain(state.range(0));
  for (auto _ : state) infer_fold_count(graph);
}
BENCHMARK(inspect_chain)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace foretime
