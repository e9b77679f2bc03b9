#pragma once

#include <string>
#include <vector>

#include "formats/format.h"
#include "zoo/zoo.h"

namespace foretime::api {

/// Built-in networks, family by family.
std::vector<zoo::Listing> list_zoo();

/// Writes a built-in network to a file (format by suffix or name). Error: as zoo::build and convert.
void build_zoo(const std::string& specification, const std::string& output, const std::string& to,
               const WriteOptions& options);

}  // namespace foretime::api
