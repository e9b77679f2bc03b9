#pragma once

#include <cstdint>
#include <string>

#include "formats/weights/weights.h"
#include "graph/graph.h"

namespace foretime::tflite {

struct WriteOptions {
  Weights weights = Weights::original;
  std::uint64_t seed = 0;  // of Weights::random: the values that an ONNX file of this seed has
  bool int8 = false;       // 8-bit integers with made-up parameters (quantize.h), else 32-bit floats
};

/// Writes a TFLite model through a temporary file: what was at `path` is replaced as a whole
/// or not at all. Images have their channels last, inputs and outputs, too. Batch normalisation behind a
/// convolution and activations become part of what they follow.
/// REQUIRES: types are inferred, and constants whose contents are known are folded.
/// Error: an operator that TFLite has no like of, a size that is not known, a constant that cannot be written
/// as asked (formats/weights/weights.h), a model of 2 GiB or more, or the file cannot be written.
void write_tflite(const Graph& graph, const std::string& path, const WriteOptions& options = {});

/// The same bytes in memory.
std::string to_tflite(const Graph& graph, const WriteOptions& options = {});

}  // namespace foretime::tflite
