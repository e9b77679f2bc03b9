#include "kernels/physics.h"

#include <array>

#include "base/error.h"

namespace foretime {

std::span<const Physics> all_physics() {
  static const std::array all = {kCpuPhysics, kSimdPhysics, kWideSimdPhysics, kGpuPhysics, kMyriadPhysics};
  return all;
}

const Physics& physics_named(std::string_view name, const std::string& where) {
  std::string names;
  for (const Physics& physics : all_physics()) {
    if (physics.name == name) return physics;
    names += (names.empty() ? "" : ", ") + std::string(physics.name);
  }
  throw Error(where, "there is no physics '" + std::string(name) + "'", names);
}

std::vector<std::string> column_names(const Physics& physics) {
  std::vector<std::string> names;
  for (const PhysicsGroup& group : physics.groups) {
    for (const PhysicsColumn& column : group.columns) {
      names.push_back(std::string(group.name) + ":" + std::string(column.name));
    }
  }
  return names;
}

std::vector<std::uint32_t> column_resources(const Physics& physics) {
  constexpr std::string_view kResources = "WMS";
  std::vector<std::uint32_t> resources;
  for (const PhysicsGroup& group : physics.groups) {
    for (const PhysicsColumn& column : group.columns) {
      resources.push_back(static_cast<std::uint32_t>(kResources.find(column.resource)));
    }
  }
  return resources;
}

std::vector<double> column_ratios(const Physics& physics) {
  std::vector<double> ratios;
  for (const PhysicsGroup& group : physics.groups) {
    for (const PhysicsColumn& column : group.columns) ratios.push_back(column.ratio);
  }
  return ratios;
}

void append_amounts(const Physics& physics, const KernelConfig& config, std::vector<Amount>& amounts) {
  std::uint32_t column = 0;
  for (const PhysicsGroup& group : physics.groups) {
    if (!group.applies(config)) {
      column += static_cast<std::uint32_t>(group.columns.size());
      continue;
    }
    for (const PhysicsColumn& each : group.columns) {
      const double value = each.amount(config);
      if (value != 0) amounts.push_back({column, value});
      ++column;
    }
  }
}

}  // namespace foretime
