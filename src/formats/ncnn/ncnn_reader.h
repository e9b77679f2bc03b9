#pragma once

// ncnn's networks (`.param`) as Graphs. ncnn counts sizes from the inside (w, h, c) and knows no batch:
// [c,h,w] becomes [1,c,h,w], [h,w] becomes [1,h,w], and [w] becomes [1,w]. What it merges into a layer, as
// activations, becomes nodes of their own; copies of a blob (Split, Noop, Dropout) become the blob itself.

#include <memory>

#include "base/diagnostics.h"
#include "base/mapped_file.h"
#include "graph/graph.h"

namespace foretime::ncnn {

/// Weights have shapes and no values: they lie in the `.bin` beside it, which is not read. A layer that is
/// not known is kept under its name, in the domain "ncnn", with the shape that the file states, if it does.
/// Error: the file is not as ncnn writes it; a blob is read that no layer made; sizes that do not fit.
Graph read_param(const std::shared_ptr<const MappedFile>& file, Diagnostics& diagnostics);

}  // namespace foretime::ncnn
