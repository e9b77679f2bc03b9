#pragma once

// Models small enough to be written and measured in a test.

#include <string>

#include "base/error.h"
#include "formats/format.h"
#include "graph/graph_text.h"
#include "runtimes/runtime.h"

namespace foretime::testing {

/// A convolution, an activation and an addition with input x and output m, each float32[1,8,4,4]; the weights
/// of the convolution are 0.
constexpr const char* kSmallNet = R"(graph "net" {
  opset "" 17
  input x: float32[1,8,4,4]
  const w: float32[8,8,3,3] = omitted
  const b: float32[8] = {1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0}
  c: float32[1,8,4,4] = Conv(x, w, b) {pads = [1, 1, 1, 1]}
  r: float32[1,8,4,4] = Relu(c)
  s: float32[1,8,4,4] = Add(r, x)
  m: float32[1,8,4,4] = Softmax(s)
  output m
})";

/// Writes a graph's text as an ONNX file.
inline void write_onnx(const char* text, const std::string& path, Weights weights = Weights::zero) {
  output_format("m.onnx", "").write(parse_text(text, "test"), path, {weights, 0});
}

/// Why a runtime cannot be used here; empty: it can.
inline std::string missing(const char* runtime, const SessionRequest& request) {
  try {
    (void)runtime_named(runtime).open(request);
    return "";
  } catch (const Error& error) {
    return std::string(runtime) + " is not installed: " + error.what();
  }
}

}  // namespace foretime::testing
