// What notices a neighbour, who computes on the other hardware thread of our core or fills its caches?
//
//     neighbours SECONDS MODEL...     (build/benchmarks/neighbours 60 zoo:resnet18 zoo:mobilenet_v2)
//
// Runs models in turns (ONNX Runtime, one thread, on one processor), pieces of work that never change before
// and after each run, and prints how much longer these took (quantiles, as times the tenth), how they go with
// the time of the runs (correlation with its logarithm), and how long runs took that integer arithmetic calls
// calm.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "api/prepared_model.h"
#include "base/error.h"
#include "base/stopwatch.h"
#include "measure/fma_loops.h"
#include "measure/interference.h"
#include "measure/pinning.h"
#include "measure/statistics.h"
#include "runtimes/inputs.h"

using namespace foretime;

namespace {

constexpr std::size_t kProbes = 3;
constexpr std::array<const char*, kProbes> kNames = {"multiply-adds", "integers", "memory"};
using Probes = std::array<double, kProbes>;

struct Run {
  double ms;
  Probes us;
};

struct Network {
  std::string name;
  std::unique_ptr<Session> session;
  std::vector<Run> runs;
};

Probes probe() {
  alignas(64) std::array<float, 64> registers{};
  const double begin = steady_now().value;
  fma_loops().back().run(0.5F, 1, 1500, registers.data());
  const double vectors = (steady_now().value - begin) * 1e3;
  const BeatTimes beat = beat_now();
  return {vectors, beat.core_us, beat.memory_us};
}

Run timed(Session& session) {
  const Probes before = probe();
  const double begin = steady_now().value;
  session.run();
  Run run{steady_now().value - begin, probe()};
  for (std::size_t i = 0; i < kProbes; ++i) run.us[i] = (run.us[i] + before[i]) / 2;
  return run;
}

std::vector<double> sorted(const std::vector<Run>& runs, const auto& value) {
  std::vector<double> values;
  for (const Run& run : runs) values.push_back(value(run));
  std::sort(values.begin(), values.end());
  return values;
}

double correlation(const std::vector<Run>& runs, const auto& x, const auto& y) {
  double mean_x = 0, mean_y = 0, xx = 0, yy = 0, xy = 0;
  for (const Run& run : runs) mean_x += x(run), mean_y += y(run);
  mean_x /= static_cast<double>(runs.size()), mean_y /= static_cast<double>(runs.size());
  for (const Run& run : runs) {
    const double dx = x(run) - mean_x, dy = y(run) - mean_y;
    xx += dx * dx, yy += dy * dy, xy += dx * dy;
  }
  return xy / std::sqrt(xx * yy);
}

Network open(const std::string& model, const TemporaryFolder& folder) {
  api::RunRequest run;
  const api::PreparedModel prepared = api::prepare(model, {}, run, folder);
  SessionRequest request;
  request.model = prepared.file;
  for (const InputPlan& plan : prepared.inputs) request.inputs.push_back(fill_input(plan));
  Network network{model, open_session(runtime_named(run.runtime), request), {}};
  network.session->run();
  return network;
}

}  // namespace

int main(int count, char** words) try {
  constexpr double kTurnMs = 5;
  if (count < 3) throw Error("neighbours", "needs SECONDS and models");
  pin_to(std::array{0});
  std::vector<Network> networks;
  for (int i = 2; i < count; ++i) networks.push_back(open(words[i], TemporaryFolder()));
  for (const Stopwatch watch; watch.elapsed().value < 1e3 * std::atof(words[1]);) {
    for (Network& network : networks) {
      network.session->run();
      for (const Stopwatch turn; turn.elapsed().value < kTurnMs;)
        network.runs.push_back(timed(*network.session));
    }
  }
  std::vector<Run> all;
  for (const Network& network : networks) all.insert(all.end(), network.runs.begin(), network.runs.end());
  Probes alone{};
  std::puts("                        0.1  0.25   0.5  0.75   0.9");
  for (std::size_t i = 0; i < kProbes; ++i) {
    const std::vector<double> us = sorted(all, [&](const Run& run) { return run.us[i]; });
    alone[i] = quantile(us, 0.1);
    std::printf("%-20s", kNames[i]);
    for (const double q : {0.1, 0.25, 0.5, 0.75, 0.9}) std::printf(" %5.2f", quantile(us, q) / alone[i]);
    std::printf("   of %.2f us\n", alone[i]);
  }
  for (const Network& network : networks) {
    const std::vector<double> ms = sorted(network.runs, [](const Run& run) { return run.ms; });
    const double fastest = quantile(ms, 0.02);
    std::vector<Run> calm;
    for (const Run& run : network.runs) {
      if (is_calm({run.us[1], 0}, {alone[1], 0})) calm.push_back(run);
    }
    std::printf("%s: %zu runs, fastest %.3f ms, median %.2f times, nine in ten %.2f; correlation",
                network.name.c_str(), ms.size(), fastest, median(ms) / fastest, quantile(ms, 0.9) / fastest);
    for (std::size_t i = 0; i < kProbes; ++i) {
      const auto us = [&](const Run& run) { return std::min(run.us[i] / alone[i], 3.0); };
      std::printf(" %s %.2f", kNames[i],
                  correlation(network.runs, us, [](const Run& run) { return std::log(run.ms); }));
    }
    if (calm.empty()) {
      std::puts("; none calm");
      continue;
    }
    const std::vector<double> calm_ms = sorted(calm, [](const Run& run) { return run.ms; });
    std::printf("; %.0f %% calm, their median %.2f times, quartiles %.2f and %.2f\n",
                100.0 * static_cast<double>(calm.size()) / static_cast<double>(ms.size()),
                median(calm_ms) / fastest, quantile(calm_ms, 0.25) / fastest,
                quantile(calm_ms, 0.75) / fastest);
  }
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
