#pragma once

#include <functional>
#include <string>
#include <vector>

#include "datasets/measured_network.h"

namespace foretime {

/// Loads the network that a row names: a path, or zoo:NAME. Its sizes bound, types inferred, constants
/// folded.
using ModelLoader = std::function<Graph(const std::string& model)>;
using NetworkSink = std::function<void(MeasuredNetwork&&)>;

/// By its name a table, or a folder that holds one.
bool is_data_set(const std::string& path);

/// Files of a data set: `path` itself, or the tables in that folder by name. Error: there are none.
std::vector<std::string> data_set_files(const std::string& path);

/// Gives every network of a table of measured networks, in the order of its rows. Read are
/// (docs/data-sets.md):
///   - measurement tables, JSON Lines or CSV (`.jsonl`, `.csv`, each also `.gz`): one measurement a row;
///   - nn-Meter's data set in its official form and in compact form: one network a row, with all its devices.
/// Error, with where = "file:line": not JSON, no latency, a latency that is no positive number, an unknown
/// operator, a network that cannot be loaded.
void read_data_set(const std::string& path, const ModelLoader& load, const NetworkSink& each);

}  // namespace foretime
