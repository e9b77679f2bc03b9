// The least that it takes to time a model with ONNX Runtime: load, run, look at the clock. What `foretime
// measure` says should agree with it.
//
//   minimal_loop LIBRARY MODEL SECONDS      prints the minimum and the median of one thread's runs, in ms

#include <sched.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "base/error.h"
#include "formats/format.h"
#include "ops/infer.h"
#include "passes/bind_inputs.h"
#include "runtimes/inputs.h"
#include "runtimes/onnxruntime/loaded.h"

namespace foretime {
namespace {

/// Inputs as `foretime measure` makes them.
std::vector<TensorValue> inputs_of(const std::string& path) {
  Diagnostics ignored;
  const auto file = MappedFile::open(path);
  const Graph graph = detect_format(*file).read(file, ignored);
  const std::vector<TensorType> types = passes::bind_inputs(graph, {}, ignored);
  std::vector<TensorValue> values;
  for (std::size_t i = 0; i < types.size(); ++i) {
    InputPlan plan;
    plan.name = graph[graph.inputs()[i]].name;
    plan.dtype = types[i].dtype;
    for (const Dim& size : *types[i].shape) plan.sizes.push_back(size.number());
    values.push_back(fill_input(plan));
  }
  return values;
}

int run(const char* library, const char* model, double seconds) {
  SessionRequest request;
  request.model = model;
  request.library = library;
  request.inputs = inputs_of(model);
  ort::Loaded loaded(std::make_shared<ort::Library>(library), request, {});
  using Clock = std::chrono::steady_clock;
  const Clock::time_point end =
      Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  std::vector<double> ms;
  while (ms.size() < 3 || Clock::now() < end) {
    const Clock::time_point from = Clock::now();
    loaded.run();
    ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - from).count());
  }
  std::sort(ms.begin(), ms.end());
  std::printf("%.6f %.6f\n", ms.front(), ms[ms.size() / 2]);
  return 0;
}

}  // namespace
}  // namespace foretime

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: minimal_loop LIBRARY MODEL SECONDS\n");
    return 2;
  }
  try {
    return foretime::run(argv[1], argv[2], std::atof(argv[3]));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "minimal_loop: %s\n", error.what());
    return 1;
  }
}
