#include "report/done_report.h"

#include "report/json_parts.h"

namespace foretime::report {

std::string done_json(std::string_view verb, const std::string& path, const Diagnostics& diagnostics) {
  return done_json(verb, std::vector{path}, diagnostics);
}

std::string done_json(std::string_view verb, const std::vector<std::string>& paths,
                      const Diagnostics& diagnostics) {
  JsonWriter json = begin_document(verb);
  json.field("output", paths.front());
  if (paths.size() > 1) {
    json.key("outputs");
    json.begin_array();
    for (const std::string& path : paths) json.value(path);
    json.end_array();
  }
  write_diagnostics(json, diagnostics);
  json.end_object();
  return json.take();
}

}  // namespace foretime::report
