#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>

#include "base/json_object.h"
#include "device/device_profile.h"
#include "kernels/kernel_graph.h"

namespace foretime {

/// Predictor kind of a roofline that knows how many elements a device computes at once.
constexpr std::string_view kRefinedKind = "refined";

/// Along one dimension a device computes `par` elements in parallel, so that the last step may be part empty.
/// `alpha` is how much of that loss shows: the rest is hidden behind other work.
struct ParallelSteps {
  double par = 1;    // elements, at least 1
  double alpha = 1;  // 0 … 1

  bool operator==(const ParallelSteps&) const = default;
};

/// Height and width of the output, channels in of a group, channels out.
enum class KernelDimension : std::uint8_t { height, width, channels, filters };
using ClassSteps = std::array<ParallelSteps, 4>;  // by KernelDimension

/// The parameters of a refined roofline: steps by class of kernels; a class without them loses nothing.
struct Refinement {
  std::map<std::string, ClassSteps, std::less<>> classes;
};

/// The share of its peak rate that the device reaches on this kernel: the product over dimensions of
/// 1 / ((1 − alpha) + alpha / e), e = x / (⌈x/par⌉ · par), and 1 for x < par, as small sizes are computed
/// several times side by side. Source: ANNETTE (docs/annette.md).
double efficiency(const Refinement& refinement, const KernelConfig& config);

/// The names of the dimensions, by KernelDimension, and a kernel's sizes along them.
extern const std::array<const char*, 4> kDimensionNames;
std::array<std::int32_t, 4> dimensions_of(const KernelConfig& config);

/// As profiles hold it under "parallelism". Reading: Error: a class or dimension that there is not, a number
/// out of range. Writing leaves out what loses nothing.
Refinement read_refinement(JsonObject in);
Json to_json(const Refinement& refinement);

}  // namespace foretime
