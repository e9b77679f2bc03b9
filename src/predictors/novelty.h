#pragma once

// How unlike a network is to those that a profile was fitted on, and how wide its interval is for that.
// Shared by all kinds of fitted profiles (docs/fitting.md).

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/json_object.h"
#include "device/device_profile.h"
#include "kernels/kernel_graph.h"

namespace foretime {

/// Of networks of which at most this share of time is spent in kernels unlike those that were fitted on, nine
/// in ten are predicted within a factor of exp(±log_error).
struct IntervalStep {
  double novelty = 0;    // 0 … 1, ascending
  double log_error = 0;  // 0 … kMostLogError
};
/// A factor of 1,000: nothing is known.
constexpr double kMostLogError = 7;

/// Short runs are predicted worse than long ones: a step's error is that of a run of `milliseconds`, and of
/// others it is multiplied by (milliseconds / run)^exponent, at most kMostStretch or 1 / kMostStretch.
struct IntervalStretch {
  double milliseconds = 1;
  double exponent = 0;  // 0 … 1

  double at(double run) const;
  bool operator==(const IntervalStretch&) const = default;
};
constexpr double kMostStretch = 2.5;

/// The error of the first step that is not below this novelty; of the last one for anything newer.
/// REQUIRES: there is a step.
double log_error_at(const std::vector<IntervalStep>& steps, double novelty);

/// Kernels of one cell resemble each other: the same kind, window and stride, and sizes within a factor of
/// about 2.
std::uint32_t cell_of(const KernelConfig& config);
/// What a cell's kernels are, whatever their sizes.
constexpr std::uint32_t sort_of_cell(std::uint32_t cell) {
  return cell / (64 * 64 * 8);
}

/// Corrections beyond e^6 say that something is wrong, not that a kernel is 400 times slower.
constexpr double kMostCorrection = 6;

/// Cells of kernels that were fitted on.
using KnownCells = std::unordered_set<std::uint32_t>;

/// As a profile holds them. Reading: Error, with `where`: the text is broken.
std::string to_text(const KnownCells& known);
KnownCells known_cells(const std::string& text, const std::string& where);
Json to_json(const std::vector<IntervalStep>& steps);
/// The key "intervals". Error: it is missing, empty, not ascending, out of range.
std::vector<IntervalStep> read_intervals(JsonObject& in);
Json to_json(const IntervalStretch& stretch);
/// The key "interval_stretch", which may be missing. Error: it is out of range.
IntervalStretch read_interval_stretch(JsonObject& in);

/// The key's names. Error: no list of names.
std::vector<std::string> read_names(JsonObject& in, const char* key);

/// A table of the predictor. Error: there is none of that name.
const std::string& table_of(const Predictor& predictor, std::string_view name, const std::string& where);

}  // namespace foretime
