#pragma once

// What else happened on the machine while something was timed. Counters are read before and after; the
// difference says how far a number can be trusted, and which samples cannot.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace foretime {

/// Counters of this process, all its threads, since it began.
struct ProcessCounters {
  double cpu_ms = 0;              // time its threads were running
  double waited_ms = 0;           // time they could have run but waited for a processor; 0 if not told
  std::int64_t involuntary = 0;   // context switches because somebody else wanted the processor
  std::int64_t voluntary = 0;     // because it waited for something
  std::int64_t minor_faults = 0;  // pages it touched first
  std::int64_t major_faults = 0;  // pages that had to be read from disk
};

ProcessCounters read_process_counters();
ProcessCounters operator-(const ProcessCounters& after, const ProcessCounters& before);
ProcessCounters& operator+=(ProcessCounters& sum, const ProcessCounters& more);

/// Was the processor taken away from this process since it was made? Reading it costs about 1 µs.
class KeptProcessor {
 public:
  explicit KeptProcessor(int threads);

  /// Of so much time that passed. One thread that never waits runs all the time else. Of several threads some
  /// wait for others as a matter of course; what tells is that one was made to leave: then all of it.
  /// `beats`: so many interrupted them meanwhile; one that wakes a thread may make another leave.
  double taken_ms(double wall_ms, std::size_t beats) const;

 private:
  int threads_;
  double cpu_ms_ = 0;
  std::int64_t involuntary_ = 0;
};

/// Time that was taken away is taken off, up to this share of an iteration; beyond, what the others did to
/// the caches tells, too, and the iteration does not count.
inline constexpr double kMostLost = 0.05;

/// Ticks of one processor since the system started, of /proc/stat.
struct ProcessorTicks {
  std::int64_t busy = 0;   // anything but idle and waiting for disks
  std::int64_t steal = 0;  // taken by the hypervisor for other guests; part of busy
  std::int64_t all = 0;
};

/// One entry for each processor; empty where the system does not say.
std::vector<ProcessorTicks> read_processor_ticks();
std::vector<ProcessorTicks> parse_processor_ticks(const std::string& text);

/// The state of the machine, read once; what is not known is absent.
struct MachineState {
  std::optional<double> load;                 // mean number of runnable threads over the last minute
  std::optional<double> frequency_mhz;        // of the first processor of ours
  std::optional<std::string> governor;        // of its frequency
  std::optional<double> temperature_celsius;  // the hottest zone
};

MachineState read_machine_state(int processor, const std::string& root = "/");

}  // namespace foretime
