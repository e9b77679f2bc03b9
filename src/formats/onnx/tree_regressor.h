#pragma once

#include <string>

#include "graph/graph.h"
#include "regressors/forest.h"

namespace foretime::onnx {

/// The forest of a model whose only computing node is ONNX-ML's TreeEnsembleRegressor (as skl2onnx and others
/// export it); Cast, Identity and Reshape around it are seen through. Understood are the modes BRANCH_LEQ,
/// _LT, _GTE and _GT, the aggregates SUM and AVERAGE, base values and one target. Where a value is missing
/// does not matter: no input of Forest is NaN. Error, with where = `origin`: no such model; equality modes,
/// MIN and MAX, several targets, a post transform, thresholds in double precision; broken trees.
Forest tree_regressor(const Graph& graph, const std::string& origin);

}  // namespace foretime::onnx
