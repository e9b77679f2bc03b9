#pragma once

// Networks of convolutions whose times follow a formula, for tests of this room.

#include <cstdint>
#include <numeric>
#include <string>

#include "calibrate/fitted.h"
#include "graph/graph_text.h"
#include "ops/infer.h"
#include "passes/annotate_types.h"

namespace foretime::testing {

inline constexpr const char* kToyRules = "remove Identity Dropout\nfuse conv + Relu\n";

/// What a device takes for a network: milliseconds a kernel, and for a multiply-accumulate.
struct ToyDevice {
  double launch = 0.05;
  double mac = 1 / 4e6;
};

/// `depth` convolutions 3×3 of so many channels, each with a ReLU, on images of 16×16.
inline MeasuredNetwork toy_network(int channels, int depth, const ToyDevice& device = {}) {
  const std::string size = std::to_string(channels);
  std::string text = "graph { opset \"\" 17 input x0: float32[1," + size + ",16,16] const w: float32[" +
                     size + "," + size + ",3,3] = omitted ";
  for (int i = 0; i < depth; ++i) {
    const std::string at = std::to_string(i);
    text += "c" + at + " = Conv(x" + at + ", w) {kernel_shape = [3, 3], pads = [1, 1, 1, 1]} x" +
            std::to_string(i + 1) + " = Relu(c" + at + ") ";
  }
  const Graph graph = parse_text(text + "output x" + std::to_string(depth) + " }", "test");
  Diagnostics diagnostics;
  MeasuredNetwork result;
  result.where = "test";
  result.id = size + "x" + std::to_string(depth);
  result.family = channels < 40 ? "narrow" : "wide";
  result.graph = passes::annotate_types(graph, ops::infer(graph, {}, diagnostics));
  const double work = 256.0 * 9 * channels * channels * depth;
  result.latencies["cpu"].latency = {device.launch * depth + work * device.mac};
  return result;
}

/// Five networks of each width.
struct ToyData {
  Observations observations;
  Chosen all;

  explicit ToyData(int widths, const ToyDevice& device = {}, ModelKind kind = ModelKind::additive)
      : observations({kToyRules, "cpu", feature_names("cpu"), kind}) {
    for (int width = 1; width <= widths; ++width) {
      for (int depth = 1; depth <= 5; ++depth) {
        const MeasuredNetwork each = toy_network(8 * width, depth, device);
        observations.add(observations.cut(each, each.latencies.at("cpu")));
      }
    }
    all.resize(observations.networks().size());
    std::iota(all.begin(), all.end(), 0U);
  }
};

}  // namespace foretime::testing
