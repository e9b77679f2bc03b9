#include "api/rows.h"

namespace foretime::api {
namespace {

std::string_view name_of(Source source) {
  switch (source) {
    case Source::learned:
      return "learned";
    case Source::lookup:
      return "lookup";
    case Source::analytic:
      return "analytic";
    case Source::fallback:
      return "fallback";
    case Source::rule:
      return "rule";
  }
  return {};
}

/// Sizes that say something: those that are not 1.
void add_sizes(const KernelConfig& config, KernelRow& row) {
  const std::pair<const char*, std::int32_t> sizes[] = {{"batch", config.batch},
                                                        {"in_channels", config.in_channels},
                                                        {"in_height", config.in_height},
                                                        {"in_width", config.in_width},
                                                        {"channels", config.channels},
                                                        {"height", config.height},
                                                        {"width", config.width},
                                                        {"kernel_height", config.kernel_height},
                                                        {"kernel_width", config.kernel_width},
                                                        {"stride", config.stride},
                                                        {"dilation", config.dilation},
                                                        {"groups", config.groups}};
  for (const auto& [name, size] : sizes) {
    if (size != 1) row.config.emplace_back(name, size);
  }
}

KernelRow kernel_row(const KernelGraph& graph, const Kernel& kernel) {
  KernelRow row;
  row.kind = info(kernel.kind()).name;
  row.name = graph.network->name(kernel.anchor);
  for (const std::uint32_t layer : graph.layers_of(kernel)) row.members.push_back(graph.network->name(layer));
  row.source = kernel.kind() == Kind::none ? "rule" : "";
  if (kernel.kind() == Kind::none) return row;
  const KernelWork work = work_of(graph, kernel);
  if (work.arithmetic) {
    row.config.emplace_back("macs", static_cast<double>(work.arithmetic->macs.value));
    row.config.emplace_back("flops", static_cast<double>(work.arithmetic->flops.value));
  }
  if (kernel.sized) add_sizes(kernel.config, row);
  row.config.emplace_back("activation_elements", static_cast<double>(work.activation_elements));
  row.config.emplace_back("weight_elements", static_cast<double>(work.weight_elements));
  return row;
}

}  // namespace

std::optional<double> KernelRow::quantity(std::string_view sought) const {
  for (const auto& [each, number] : config) {
    if (each == sought) return number;
  }
  return std::nullopt;
}

TensorInfo tensor_info(const Tensor& tensor) {
  return {tensor.name, tensor.type};
}

std::vector<TensorInfo> tensor_infos(const Graph& graph, const std::vector<TensorId>& ids) {
  std::vector<TensorInfo> infos;
  infos.reserve(ids.size());
  for (const TensorId id : ids) {
    if (id != kNoTensor) infos.push_back(tensor_info(graph[id]));
  }
  return infos;
}

std::vector<KernelRow> kernel_rows(const KernelGraph& kernels) {
  std::vector<KernelRow> rows;
  for (const Kernel& kernel : kernels.kernels) rows.push_back(kernel_row(kernels, kernel));
  return rows;
}

std::vector<KernelRow> kernel_rows(const KernelGraph& kernels, const Prediction& prediction) {
  std::vector<KernelRow> rows;
  for (const KernelPrediction& kernel : prediction.kernels) {
    rows.push_back(kernel_row(kernels, *kernel.kernel));
    rows.back().latency = kernel.latency;
    rows.back().source = name_of(kernel.source);
  }
  return rows;
}

}  // namespace foretime::api
