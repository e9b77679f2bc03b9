#pragma once

// What the host can do at best, on one thread: multiply-adds of float32, reading and moving memory, calling
// small pieces of work. Each figure is the best of many short repetitions, since a neighbour on the same
// machine can make a repetition slower but never faster.

#include <string>

#include "base/units.h"
#include "measure/cpu.h"

namespace foretime {

struct ProbeOptions {
  // Time for all probes together, without the filling of the buffer (about 0.1 s). Each stops early once
  // repetitions no longer get faster.
  Milliseconds budget{1000};
  // Memory to stream over; 0 chooses 4 times the last cache, within sensible limits.
  std::size_t buffer_bytes = 0;
};

struct HostPeaks {
  std::string loop;              // which instruction set the arithmetic used, as in fma_loops.h
  double flops_per_s = 0;        // float32; a multiply-add is two
  double read_bytes_per_s = 0;   // reading only
  double triad_bytes_per_s = 0;  // two reads and a write; the write's own read of the line is not counted
  Milliseconds call_overhead;    // one indirect call that takes and returns a small piece of memory
};

/// Probes for about `budget`. Error: not even the smallest buffer can be had.
HostPeaks probe_peaks(const CpuDescription& cpu, const ProbeOptions& options = {});

}  // namespace foretime
