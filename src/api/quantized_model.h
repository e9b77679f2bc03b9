#pragma once

#include <string>

#include "api/model.h"

namespace foretime::api {

/// Reads the model as read_model does and quantises it (passes/quantize.h): `source` has its sizes bound and
/// its types inferred. Error: as load_model and passes::quantize.
Model read_quantized(const std::string& spec, const Bindings& bindings);

/// The same, made ready as load_model does.
Model load_quantized(const std::string& spec, const Bindings& bindings);

/// The quantised form of a graph as it runs. Error: as passes::quantize.
Graph quantized_as_it_runs(const Graph& graph);

}  // namespace foretime::api
