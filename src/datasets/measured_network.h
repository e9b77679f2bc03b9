#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/units.h"
#include "graph/graph.h"

namespace foretime {

/// How long one network took on one device.
struct MeasuredLatency {
  Milliseconds latency;
  std::optional<Milliseconds> deviation;  // standard deviation of single runs; absent: not measured
  std::optional<int> repeats;
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
