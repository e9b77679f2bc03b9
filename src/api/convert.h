#pragma once

#include <string>
#include <vector>

#include "api/model.h"
#include "formats/format.h"

namespace foretime::api {

struct ConvertRequest {
  std::string input;   // a path or zoo:NAME
  std::string output;  // a path
  std::string to;      // format name; empty: by the output's suffix
  WriteOptions options;
  bool bind = false;  // also when there are no bindings: infer types and write them
  Bindings bindings;
};

/// Writes the model in another format; the output is whole or untouched. Error: as load_model; a format that
/// is not written; a graph that it cannot express.
Diagnostics convert(const ConvertRequest& request);

/// What is folded before a graph is written in a format that wants it as it runs.
passes::Fold folding(const Format& format);

/// Formats by name, with suffix and directions ("read", "write", "read, write").
struct FormatRow {
  std::string name;
  std::string suffix;
  std::string directions;
  std::string what;
};
std::vector<FormatRow> list_formats();

}  // namespace foretime::api
