#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/diagnostics.h"
#include "base/units.h"
#include "graph/graph.h"
#include "passes/bind_inputs.h"
#include "passes/fold_constants.h"

namespace foretime::api {

using passes::Bindings;

/// A tensor as results show it.
struct TensorInfo {
  std::string name;
  TensorType type;
};

/// Which model a result is about.
struct ModelInfo {
  std::string path;    // as given: a path, or zoo:NAME
  std::string format;  // "onnx", …; "zoo" for a built-in network
  std::string name;    // of the graph
  Bytes bytes;         // of the file; 0 for a built-in network
};

/// Where our own time went (`--stats`), in the order in which it was spent.
using Stages = std::vector<std::pair<std::string, Milliseconds>>;

/// A model made ready: read, its sizes bound, its types inferred, what is constant folded.
struct Model {
  ModelInfo info;
  Graph source;  // as read, types as declared; load_model lets go of it
  Graph graph;   // as it runs
  std::set<std::string> used_bindings;
  Diagnostics diagnostics;
  Stages stages;
};

/// Reads `spec`, a path or zoo:NAME, without looking further than its structure (`graph` stays empty).
/// `bindings`: for templates, which name sizes where a graph has numbers; other models ignore them here.
/// Error: no such file or network, or no model.
Model read_model(const std::string& spec, const Bindings& bindings = {});

/// Reads it and makes it ready. Error: as read_model; sizes left unbound; operators that do not fit together.
Model load_model(const std::string& spec, const Bindings& bindings, passes::Fold fold = passes::Fold::all);

/// How the model stores its numbers: "int8" where it is quantised, else the type of its first floating-point
/// tensor: "fp32", "fp16", "bf16", "fp64".
std::string precision_of(const Graph& graph);

/// The models that the arguments of a command stand for: a folder stands for the model files in it, sorted.
/// `batch`: a folder, or two or more inputs, so that one bad model does not stop the others.
/// Error: a folder without model files.
struct Inputs {
  std::vector<std::string> models;
  bool batch = false;
};
Inputs expand_inputs(const std::vector<std::string>& arguments);

/// One model of a batch that failed.
struct Failure {
  std::string model;
  std::string error;
};

/// Notes on bindings that fitted only some of the models. Error: one that fitted none.
void check_bindings(const Bindings& bindings, const std::vector<std::set<std::string>>& used,
                    Diagnostics& diagnostics);

}  // namespace foretime::api
