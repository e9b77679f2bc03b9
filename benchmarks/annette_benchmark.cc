// ANNETTE's mode inside the process: reading a graph, mapping it, and the arithmetic alone, for networks of
// one convolution, normalisation and activation after the other. 517 layers are as many as dk_yolov4 has.

#include <benchmark/benchmark.h>

#include <string>

#include "formats/annette/raw_graph.h"
#include "kernels/annette/mappings.h"
#include "kernels/annette/network.h"
#include "predictors/annette/estimate.h"

namespace foretime::annette {
namespace {

std::string graph_of(std::int64_t layers) {
  const char* kTypes[] = {"Conv", "BatchNorm", "Relu"};
  const std::string shape = "[-1, 56, 56, 64]";
  std::string text =
      R"({"name": "chain", "layers": {"l0": {"type": "DataInput", "parents": [], "children": ["l1"], "output_shape": )" +
      shape + "}";
  for (std::int64_t i = 1; i < layers; ++i) {
    const std::string child = i + 1 < layers ? "\"l" + std::to_string(i + 1) + "\"" : "";
    text += ", \"l" + std::to_string(i) + R"(": {"type": ")" + kTypes[(i - 1) % 3] + R"(", "parents": ["l)" +
            std::to_string(i - 1) + R"("], "children": [)" + child + R"(], "input_shape": )" + shape +
            R"(, "output_shape": )" + shape +
            R"(, "kernel_shape": [3, 3, 64, 64], "strides": [1, 1, 1, 1], "pads": [0, 1, 1, 0, 0, 1, 1, 0]})";
  }
  return text + "}}";
}

void annette_read(benchmark::State& state) {
  const std::string text = graph_of(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(parse_raw_graph(text, "chain").layers.size());
  state.SetComplexityN(state.range(0));
}
BENCHMARK(annette_read)
    ->Arg(517)
    ->RangeMultiplier(4)
    ->Range(1024, 65536)
    ->Complexity(benchmark::oN)
    ->Unit(benchmark::kMicrosecond);

void annette_map(benchmark::State& state) {
  const RawGraph raw = parse_raw_graph(graph_of(state.range(0)), "chain");
  const RuleSet rules = mapping_for("ov");
  for (auto _ : state) {
    Network network = load(raw);
    apply(rules, network);
    benchmark::DoNotOptimize(network.order.size());
  }
  state.SetComplexityN(state.range(0));
}
BENCHMARK(annette_map)
    ->Arg(517)
    ->RangeMultiplier(4)
    ->Range(1024, 65536)
    ->Complexity(benchmark::oN)
    ->Unit(benchmark::kMicrosecond);

void annette_estimate(benchmark::State& state) {
  const RawGraph raw = parse_raw_graph(graph_of(state.range(0)), "chain");
  const Network network = load(raw);
  const LayerModel model = layer_model_for("ncs2-roofline");
  for (auto _ : state) benchmark::DoNotOptimize(estimate(network, model).total_ms);
  state.SetComplexityN(state.range(0));
}
BENCHMARK(annette_estimate)
    ->Arg(517)
    ->RangeMultiplier(4)
    ->Range(1024, 65536)
    ->Complexity(benchmark::oN)
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace foretime::annette
