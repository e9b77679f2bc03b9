// How long a prediction takes inside the process.
//   load_profile   from the profile's text to a model that can predict
//   predict_cold   from a folded graph to a prediction, its kernels detected and priced by a model that never
//                  priced any
//   predict_warm   the same by a model that has priced these kernels: they are detected again, not priced
//   price_variants prices of a network whose kernels are known, some of them changed, as a search makes them

#include <benchmark/benchmark.h>

#include <string>

#include "analysis/layers.h"
#include "device/builtin.h"
#include "device/store.h"
#include "ops/infer.h"
#include "passes/fold_constants.h"
#include "predictors/device_model.h"
#include "zoo/zoo.h"

namespace foretime {
namespace {

constexpr const char* kDevice = "cortexA76cpu_tflite21";

Graph ready(const std::string& name) {
  const Graph graph = zoo::build(name);
  Diagnostics diagnostics;
  return passes::fold_constants(graph, ops::infer(graph, {}, diagnostics));
}

double predict(const Graph& graph, DeviceModel& device) {
  return device.predict(device.detect(analysis::layers(graph))).latency.value;
}

void load_profile(benchmark::State& state, const char* id) {
  for (auto _ : state) {
    DeviceModel device(foretime::load_profile(id));
    benchmark::DoNotOptimize(device);
  }
}
BENCHMARK_CAPTURE(load_profile, a76, kDevice)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(load_profile, adreno640, "adreno640gpu_tflite21")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(load_profile, adreno630, "adreno630gpu_tflite21")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(load_profile, myriad, "myriadvpu_openvino2019r2")->Unit(benchmark::kMicrosecond);

void predict_cold(benchmark::State& state, const char* name) {
  const Graph graph = ready(name);
  for (auto _ : state) {
    state.PauseTiming();
    DeviceModel device(foretime::load_profile(kDevice));
    state.ResumeTiming();
    benchmark::DoNotOptimize(predict(graph, device));
  }
}
BENCHMARK_CAPTURE(predict_cold, resnet50, "resnet50")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(predict_cold, densenet121, "densenet121")->Unit(benchmark::kMicrosecond);

void predict_warm(benchmark::State& state, const char* name) {
  const Graph graph = ready(name);
  DeviceModel device(foretime::load_profile(kDevice));
  predict(graph, device);
  for (auto _ : state) benchmark::DoNotOptimize(predict(graph, device));
}
BENCHMARK_CAPTURE(predict_warm, resnet50, "resnet50")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(predict_warm, densenet121, "densenet121")->Unit(benchmark::kMicrosecond);

/// A search changes widths and asks again: kernels of the same sizes come back, a few are new.
void price_variants(benchmark::State& state) {
  const Graph graph = ready("mobilenet_v2");
  DeviceModel device(foretime::load_profile(kDevice));
  KernelGraph kernels = device.detect(analysis::layers(graph));
  std::int32_t step = 0;
  for (auto _ : state) {
    for (std::size_t i = 0; i < kernels.kernels.size(); i += 7) {
      kernels.kernels[i].config.channels = 16 + 8 * ((step + static_cast<std::int32_t>(i)) % 40);
    }
    ++step;
    benchmark::DoNotOptimize(device.predict(kernels).latency);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(price_variants)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace foretime
