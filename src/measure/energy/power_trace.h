#pragma once

// Files that power meters write: the Monsoon Power Tool's .pt4 and its CSV, pyMonsoon's CSV, and any CSV
// whose header names time and power, or time, current and voltage. Found by content. docs/measuring.md
// describes what is read.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mapped_file.h"
#include "measure/energy/energy_curve.h"

namespace foretime {

struct PowerTrace {
  std::string format;               // "Monsoon .pt4", "Monsoon CSV", "CSV"
  EnergyCurve curve;                // times as the file has them
  bool of_day = false;              // times are seconds since 1970, UTC; else since some moment of the file's
  std::vector<std::string> doubts;  // what the file says against itself: samples are missing, …
};

/// Most samples of one trace: almost two hours at the 5 kHz of a Monsoon; 0.5 GB of memory.
constexpr std::size_t kMostSamples = std::size_t{1} << 25;

/// Reads a trace; a CSV may be compressed (gzip). Error: no trace of these kinds; a line that is none; times
/// that go back; fewer than two samples.
PowerTrace read_power_trace(const std::string& path);

/// A Monsoon .pt4, of which the first channel is read (main, else USB, else aux). Error: the header
/// contradicts itself, or the file is shorter than it says.
PowerTrace parse_pt4(std::string_view bytes, const std::string& origin);
/// Does it begin as a .pt4 does?
bool looks_like_pt4(std::string_view bytes);

/// A CSV, line by line. The last line may be cut off, as in a file that is being written.
class CsvTrace {
 public:
  CsvTrace();
  ~CsvTrace();
  /// `where`: for messages. Error: the header names no time and power; the line before was none.
  void line(std::string_view text, const std::string& where);
  /// Error: fewer than two samples.
  PowerTrace finish(const std::string& origin);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace foretime
