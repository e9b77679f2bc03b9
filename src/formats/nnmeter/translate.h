#pragma once

#include <optional>
#include <string>
#include <vector>

#include "formats/nnmeter/raw_graph.h"
#include "graph/dim.h"

namespace foretime::nnmeter {

/// A constant that nn-Meter's file leaves out, but ONNX's operator reads.
struct LostConstant {
  std::string name;                    // what it is: "weight"
  Shape shape;                         //
  std::vector<std::int64_t> integers;  // its values, where shapes tell them …
  std::vector<float> reals;            // … or the operator does; neither: not known
  bool of_integers = false;
};

/// A node in ONNX's words. Its inputs are those of the raw node, then `constants`.
struct Translation {
  std::string op;
  Attributes attributes;
  std::vector<LostConstant> constants;
  std::size_t most_inputs = SIZE_MAX;  // of the raw node's that stay
};

/// Sizes in ONNX's order, NCHW for rank 4; -1 becomes the name "batch" in front. Absent: -1 stands elsewhere.
std::optional<Shape> onnx_shape(const RawShape& shape);

/// What the node is in ONNX, by its type: TensorFlow's, ONNX's, or nn-Meter's own. Types that are none of
/// these keep their names. `inputs`: how many inputs the node has.
Translation translate(const RawNode& node, std::size_t inputs);

}  // namespace foretime::nnmeter
