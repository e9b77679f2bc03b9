#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "base/diagnostics.h"
#include "base/mapped_file.h"
#include "formats/weights/weights.h"
#include "graph/graph.h"

namespace foretime {

struct WriteOptions {
  Weights weights = Weights::original;
  std::uint64_t seed = 0;
  std::string precision = {};  // to convert to: "fp32", "int8"; empty: the graph's
};

/// One model format. The table of them all is registry.cc; a null function: not in that direction.
struct Format {
  std::string_view name;    // as `--to` and `model.format` call it
  std::string_view suffix;  // of files, with its dot
  std::string_view what;
  bool (*matches)(std::string_view bytes);
  Graph (*read)(const std::shared_ptr<const MappedFile>&, Diagnostics&);
  void (*write)(const Graph&, const std::string& path, const WriteOptions&);
  /// For formats whose templates have names also where a Graph has numbers: reads with these numbers for
  /// names, and collects the names that were there.
  Graph (*read_template)(const std::shared_ptr<const MappedFile>&, const std::map<std::string, std::int64_t>&,
                         std::set<std::string>& used, Diagnostics&) = nullptr;
  bool needs_sizes =
      false;  // `write` takes a graph as it runs: sizes bound, types inferred, constants folded
  bool needs_values = false;  // of these, only constants whose values are known
};

std::span<const Format> formats();

/// The format of a file, by its content. Error: it is empty, or none that can be read.
const Format& detect_format(const MappedFile& file);

/// The format to write `path` in: the one named `to`, else the one with the path's suffix. Error: neither, or
/// a format that is only read.
const Format& output_format(const std::string& path, std::string_view to);

}  // namespace foretime
