#pragma once

// What a kernel asks of a processor, in amounts that one can count before anything is measured: launches,
// multiply-accumulates padded to the tiles of the processor, numbers moved. A learnt model starts from a
// non-negative combination of these columns. Columns that are paid with the same resource have ratios to one
// another, so that a column which no measured network isolates is priced like its kin.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/kernel_graph.h"

namespace foretime {

struct PhysicsColumn {
  std::string_view name;
  char resource;  // W work, M memory, S sequential steps
  double ratio;   // of the price of one unit to one unit of the resource
  double (*amount)(const KernelConfig&);
};

/// Kernels that one code path of a runtime executes; a kernel may be in several groups.
struct PhysicsGroup {
  std::string_view name;
  bool (*applies)(const KernelConfig&);
  std::span<const PhysicsColumn> columns;
};

/// A sort of processor with its runtime, as far as costs go.
struct Physics {
  std::string_view name;
  std::string_view what;
  double ops_per_work;      // operations (1 MAC = 2) in a unit of work
  double bytes_per_memory;  // bytes in a unit of memory
  std::span<const PhysicsGroup> groups;
  /// What only the whole network and who runs it decide, written into the kernels' configurations after
  /// detection; null: nothing.
  void (*arrange)(KernelGraph&, int threads) = nullptr;
  /// Runs take the same time again and again: what single networks teach is no accident.
  bool repeatable = false;
};

/// Numbers of the resources, as column_resources gives them.
constexpr std::uint32_t kWorkResource = 0;
constexpr std::uint32_t kMemoryResource = 1;
constexpr std::uint32_t kStepResource = 2;

/// All there are: cpu, simd, simd512, gpu, myriad.
std::span<const Physics> all_physics();
/// Error: there is none of that name.
const Physics& physics_named(std::string_view name, const std::string& where);

/// "group:column" of every column, in order; their resources as numbers; their ratios.
std::vector<std::string> column_names(const Physics& physics);
std::vector<std::uint32_t> column_resources(const Physics& physics);
std::vector<double> column_ratios(const Physics& physics);

/// One amount of one column.
struct Amount {
  std::uint32_t column;
  double value;
};
/// The columns that are not 0 for this kernel, appended to `amounts`.
void append_amounts(const Physics& physics, const KernelConfig& config, std::vector<Amount>& amounts);

extern const Physics kCpuPhysics;
extern const Physics kSimdPhysics;
extern const Physics kWideSimdPhysics;
extern const Physics kGpuPhysics;
extern const Physics kMyriadPhysics;

}  // namespace foretime
