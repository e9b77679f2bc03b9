#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "graph/graph.h"

namespace foretime::passes {

/// Sizes the user gives: `--dim NAME=N` and `--shape INPUT=AxBxC`.
struct Bindings {
  std::map<std::string, std::int64_t> dims;
  std::map<std::string, std::vector<std::int64_t>> shapes;
};

/// The types of the graph's inputs with every size a number.
///   - a shape binds its whole input, and the names in it wherever else they occur;
///   - a name that contains "batch" or is "n" (any case), and an unnamed first size that all inputs have, is
///   1 unless
///     bound, with a diagnostic `batch-assumed`.
/// `used` collects the dims and shapes that fitted something, so that a caller can tell those that fitted
/// nothing. Error: a size is left without a number (it names what to bind), a shape has the wrong rank, or
/// two bindings differ.
std::vector<TensorType> bind_inputs(const Graph& graph, const Bindings& bindings, Diagnostics& diagnostics,
                                    std::set<std::string>* used = nullptr);

}  // namespace foretime::passes
