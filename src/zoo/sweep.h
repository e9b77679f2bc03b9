#pragma once

// Small networks to measure a device with: chains of a few layers at many sizes. docs/sweeps.md describes the
// YAML that asks for them; templates and the names of columns are ANNETTE's.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "graph/graph.h"

namespace foretime::zoo {

class Network;

/// Sizes of one configuration by column: batch_size, width, height, channels, filters, k_size, stride,
/// dilation.
using SweepColumns = std::map<std::string, std::int64_t>;

/// Which network of a configuration it is.
enum class SweepPart : std::uint8_t {
  whole,         // all layers
  first,         // of a pair of neighbours: the first alone,
  second,        // the second alone, on what the first makes,
  both,          // and both
  first_tapped,  // the first, and another layer that reads what it makes
  both_tapped,   // both, and that layer: they cannot run as one
  padded,        // all layers between two convolutions that keep what enters and leaves small
  padding,       // these two convolutions alone: what the layers take is the difference
};
std::string_view name_of(SweepPart part);

/// One network of a sweep.
struct SweepNetwork {
  std::string id;      // unique, says all about it: "conv-relu_w56_h56_c64_f64_k3.both"
  std::string family;  // the benchmark's name
  std::string pair;    // what `first`, `second` and `both` share: their id without the part
  SweepPart part = SweepPart::whole;
  std::vector<std::string> layers;  // by name; empty: of a template in a file
  std::size_t begin = 0;            // a pair's first layer
  bool taps = false;                // of a pair: what is handed out is a maximum
  int copies = 1;                   // of a pair, side by side, each with its own input
  std::string file;  // an ANNETTE graph whose sizes are columns, as written in the specification
  SweepColumns columns;
};

struct Sweep {
  std::string device;  // the table's
  std::vector<SweepNetwork> networks;
};

/// Error, with where = "origin:line": no such YAML; a layer, column or key that there is not; a size out of
/// range; more than 100,000 networks.
Sweep parse_sweep(std::string_view yaml, const std::string& origin);

/// The network's input, layers and output, into an empty one. REQUIRES: it is no file's.
void append(Network& net, const SweepNetwork& network);
/// REQUIRES: it is no file's. Error, with where = its id: layers that do not fit its sizes.
Graph build(const SweepNetwork& network);

}  // namespace foretime::zoo
