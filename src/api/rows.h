#pragma once

// From the structures of lower rooms to the rows of results; shared by verbs.

#include <vector>

#include "api/inspect.h"
#include "kernels/kernel_graph.h"
#include "predictors/prediction.h"

namespace foretime::api {

TensorInfo tensor_info(const Tensor& tensor);

/// Types of a node's tensors, left-out ones skipped.
std::vector<TensorInfo> tensor_infos(const Graph& graph, const std::vector<TensorId>& ids);

/// Kernels without times.
std::vector<KernelRow> kernel_rows(const KernelGraph& kernels);
/// REQUIRES: the prediction is that of `kernels`.
std::vector<KernelRow> kernel_rows(const KernelGraph& kernels, const Prediction& prediction);

}  // namespace foretime::api
