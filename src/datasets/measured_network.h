#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "graph/graph.h"

namespace foretime {

/// Layers that ran as one kernel.
struct TimedLayers {
  std::vector<std::string> layers;  // by name; empty: the runtime's own doing, for what comes next
  Milliseconds latency;
};

/// How long one network took on one device.
struct MeasuredLatency {
  Milliseconds latency;
  std::optional<Milliseconds> deviation;  // standard deviation of single runs; absent: not measured
  std::optional<int> repeats;
  int threads = 1;
  std::vector<TimedLayers> kernels;  // in order of execution; empty: only the whole was measured
};

/// One network of a data set and what was measured of it.
struct MeasuredNetwork {
  std::string where;   // "file:line", for messages
  std::string id;      // unique within its data set
  std::string family;  // networks of one generator; empty: not said
  Graph graph;         // sizes bound, types inferred, constants folded
  std::map<std::string, MeasuredLatency, std::less<>> latencies;  // by device; one that failed is absent
};

}  // namespace foretime
