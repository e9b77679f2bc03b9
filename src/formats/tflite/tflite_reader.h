#pragma once

#include <memory>
#include <string_view>

#include "base/diagnostics.h"
#include "base/mapped_file.h"
#include "graph/graph.h"

namespace foretime::tflite {

/// Whether the bytes look like the beginning of a TFLite model: the identifier behind the root's offset.
bool looks_like_tflite(std::string_view bytes);

/// Reads a TFLite model: its first subgraph, and those that its operators call as their bodies. Weights are
/// located in the mapped file and never read; quantisation stays with the tensors; signatures become metadata
/// (`tflite.signature.KEY`: "input: name=tensor, …; output: …"). Tensors without a name, or with that of
/// another, get one. Operators that are not builtin have the domain "tflite.custom".
/// A first size that the file leaves open in every input is one without number or name; other open sizes are
/// those the file was converted with, as its interpreter takes them.
/// Error: the file is truncated or broken, or the graph breaks a promise of Graph.
Graph read_tflite(const std::shared_ptr<const MappedFile>& file, Diagnostics& diagnostics);

}  // namespace foretime::tflite
