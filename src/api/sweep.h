#pragma once

#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "formats/format.h"

namespace foretime::api {

struct SweepRequest {
  std::string specification;  // a file (docs/sweeps.md)
  std::string folder;         // made if need be
  std::string to;             // format of the networks; empty: onnx
  WriteOptions options;
};

struct SweepResult {
  std::string table;  // path of the measurement table
  std::size_t networks = 0;
  Diagnostics diagnostics;
};

/// Writes the networks of a sweep and the table in which their times are to be filled in, which fit()
/// reads. Error: the specification is broken; layers that do not fit their sizes; the folder cannot be
/// written.
SweepResult write_sweep(const SweepRequest& request);

/// Neighbours in chains of layers, over all measured pairs of theirs.
struct FusionRow {
  std::string first;  // operators
  std::string second;
  int pairs = 0;  // of networks, measured
  int fused = 0;
  double saved_percent = 0;  // mean of what fusing saves of the second layer, or of the cheaper one
  double error_percent = 0;  // mean chance that a pair was decided wrong, as far as the times' spread tells

  /// Most pairs are.
  bool is_fused() const { return 2 * fused > pairs; }
};

struct FusionResult {
  std::vector<FusionRow> rows;
  int unmeasured = 0;  // pairs without all three times
  std::string rules;   // lines for --fusion-rules, of what most pairs fuse
  Diagnostics diagnostics;
};

/// Which neighbours a device runs as one kernel, from the filled table of a sweep with `pairs`. Where a row
/// says which `kernels` ran, that decides; else, with `taps`, two layers count as fused when the second adds
/// less than half of what it adds where the first one's output is read by another layer, too: both - first <
/// (both_tapped - first_tapped) / 2; else when both together save more than half of the cheaper one's time:
/// first + second - both > min(first, second) / 2 (nn-Meter's criterion, with its alpha). Error: no table of
/// a sweep; no pair was measured.
FusionResult find_fusion(const std::string& table);

}  // namespace foretime::api
