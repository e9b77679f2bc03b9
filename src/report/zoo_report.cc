#include <fmt/format.h>

#include "report/catalogue_report.h"
#include "report/json_parts.h"

namespace foretime::report {

std::string zoo_json(const std::vector<zoo::Listing>& networks) {
  JsonWriter json = begin_document("zoo");
  json.array("networks", networks, [&](const zoo::Listing& network) {
    json.begin_object();
    json.field("name", network.name);
    json.field("family", network.family);
    json.field("source", network.source);
    json.array("versions", network.versions);
    json.field("input", network.input);
    json.field("options", network.options);
    json.field("description", network.description);
    json.end_object();
  });
  write_diagnostics(json, {});
  json.end_object();
  return json.take();
}

Document zoo_document(const std::vector<zoo::Listing>& networks) {
  Table table;
  table.selectable = true;
  table.columns = {
      {.key = "name", .title = "name"},
      {.key = "family", .title = "family", .rank = 4},
      {.key = "source", .title = "source", .rank = 3},
      {.key = "versions", .title = "versions", .rank = 2},
      {.key = "input", .title = "input", .rank = 1},
      {.key = "options", .title = "options", .rank = 5},
      {.key = "description", .title = "description", .detail = true},
  };
  for (const zoo::Listing& network : networks) {
    table.rows.push_back({network.name, network.family, network.source,
                          fmt::format("{}", fmt::join(network.versions, ", ")), network.input,
                          network.options, network.description});
  }
  Document document;
  document.title = fmt::format("{} built-in networks", networks.size());
  document.tables.push_back(std::move(table));
  document.remarks.emplace_back("Use one as zoo:NAME, zoo:NAME@VERSION, zoo:NAME?option=value&option=value.");
  return document;
}

}  // namespace foretime::report
