#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "formats/annette/raw_graph.h"
#include "graph/attribute.h"
#include "graph/dim.h"

namespace foretime::annette {

/// A constant that ANNETTE's file leaves out, but ONNX's operator reads.
struct LostConstant {
  std::string name;          // what it is: "weight"; empty: this optional input is left out
  Shape shape;               //
  Integers integers;         // its values, where they are integers …
  std::vector<float> reals;  // … or reals; neither: not known
  bool of_integers = false;
};

/// A layer in ONNX's words. Its inputs are those of the layer, then `constants`.
struct Translation {
  std::string op;
  Attributes attributes;
  std::vector<LostConstant> constants;
  bool flattens = false;               // reads its input flattened to rank 2
  std::size_t most_inputs = SIZE_MAX;  // of the layer's that stay
};

/// What a translation may look at.
struct Layer {
  const RawLayer& raw;
  std::vector<Shape> inputs;  // in ONNX's order
  const Shape* stated;        // output shape in ONNX's order; null: not known, or not all of it
};

/// What the layer may be in ONNX, the best first: one that gives the stated output shape is right. Empty for
/// types that ONNX does not have.
std::vector<Translation> translations(const Layer& layer);

/// Channels first: rank 4 from NHWC to NCHW, rank 3 from NWC to NCW. -1 in front becomes the name "batch",
/// elsewhere "size1", "size2", … by its place.
Shape onnx_shape(const Integers& sizes);

}  // namespace foretime::annette
