#include "report/kernel_table.h"

#include <fmt/format.h>

#include "report/cells.h"

namespace foretime::report {
namespace {

double time_of(const std::vector<api::KernelRow>& kernels) {
  double sum = 0;
  for (const api::KernelRow& kernel : kernels) sum += kernel.latency ? kernel.latency->value : 0;
  return sum;
}

/// What a kernel holds besides the layer that names it.
std::string members_text(const api::KernelRow& kernel) {
  std::string text;
  for (const std::string& member : kernel.members) {
    if (!text.empty()) text += ", ";
    text += member;
  }
  return text;
}

Cell config_of(const api::KernelRow& kernel, const char* key) {
  const std::optional<double> quantity = kernel.quantity(key);
  return quantity ? Cell{*quantity} : Cell{};
}

}  // namespace

Table kernel_table(const std::vector<api::KernelRow>& kernels) {
  Table table;
  table.selectable = true;
  table.columns = {
      {.key = "name", .title = "kernel", .cut = true},
      {.key = "kind", .title = "kind"},
      {.key = "members", .title = "layers", .detail = true, .cut = true},
      {.key = "layers", .title = "layers", .unit = Unit::count, .rank = 3},
      {.key = "macs", .title = "MACs", .unit = Unit::count, .rank = 2},
      {.key = "latency_ms", .title = "latency", .unit = Unit::milliseconds},
      {.key = "share_percent", .title = "share", .unit = Unit::percent, .rank = 1, .bar = true},
      {.key = "source", .title = "source", .rank = 4},
  };
  const double all = time_of(kernels);
  for (const api::KernelRow& kernel : kernels) {
    table.rows.push_back({kernel.name, kernel.kind, members_text(kernel),
                          static_cast<std::int64_t>(kernel.members.size()), config_of(kernel, "macs"),
                          cell(kernel.latency), kernel.latency ? share(kernel.latency->value, all) : Cell{},
                          kernel.source});
  }
  return table;
}

}  // namespace foretime::report
