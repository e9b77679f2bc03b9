#pragma once

// A network as MMdnn's intermediate form holds it: a protobuf message, or the same in proto3's JSON.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/annette/raw_graph.h"

namespace foretime::mmdnn {

struct Node {
  std::string name;
  std::string op;
  std::vector<std::string> inputs;  // "node" or "node:k"
  annette::Members attributes;      // shapes are lists of sizes, -1 if not known; tensors are left out

  const annette::Value* find(std::string_view attribute) const;
};

struct Model {
  std::vector<Node> nodes;
};

/// The bytes begin like a GraphDef whose nodes have their attributes where MMdnn has them.
bool is_protobuf(std::string_view bytes);
/// The text is a JSON object whose first key is `node`, a list.
bool is_json(std::string_view text);

// Error, with where = `origin` or "origin: NODE": the bytes are no such message.
Model parse_protobuf(std::string_view bytes, const std::string& origin);
/// Written to the specification of proto3's JSON; no file of this kind was at hand to try it on.
Model parse_json_form(std::string_view text, const std::string& origin);

/// What ANNETTE's m2a makes of a model, names kept as they are: nodes without edges go, a convolution with a
/// group for each channel becomes DepthwiseConv, shapes come from _output_shapes, of the other attributes
/// those stay that ANNETTE knows. Nodes that are dropped, whose shape is not stated or that read from none,
/// get a diagnostic. Error, with where = "origin: NODE": the nodes form a cycle.
annette::RawGraph to_raw_graph(const Model& model, const std::string& name, const std::string& origin,
                               Diagnostics& diagnostics);

/// All of it: a file of either form, named by its path.
annette::RawGraph read_raw_graph(std::string_view bytes, const std::string& path, Diagnostics& diagnostics);

}  // namespace foretime::mmdnn
