#include "report/done_report.h"

#include "report/json_parts.h"

namespace foretime::report {

std::string done_json(std::string_view verb, const std::string& path, const Diagnostics& diagnostics) {
  JsonWriter json = begin_document(verb);
  json.field("output", path);
  write_diagnostics(json, diagnostics);
  json.end_object();
  return json.take();
}

}  // namespace foretime::report
