#include "zoo/zoo.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/error.h"
#include "base/suggest.h"
#include "zoo/network.h"
#include "zoo/registry.h"
#include "zoo/request.h"

namespace foretime::zoo {
namespace {

const Entry& entry_named(std::string_view name) {
  const auto entries = registry();
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.name == name; });
  if (found != entries.end()) return *found;
  std::vector<std::string> names;
  for (const Entry& entry : entries) names.emplace_back(entry.name);
  throw Error(fmt::format("zoo:{}", name), "no such network", suggestion(name, names));
}

Request defaults_of(const Entry& entry) {
  Request request;
  request.name = entry.name;
  for (const auto& [key, value] : parse_specification(fmt::format("?{}", entry.defaults)).options) {
    set_option(request, key, value);
  }
  return request;
}

std::vector<std::string> options_of(const Entry& entry) {
  std::vector<std::string> keys{"batch"};
  for (const auto& option : parse_specification(fmt::format("?{}", entry.defaults)).options) {
    keys.push_back(option.first);
  }
  return keys;
}

Request request_of(const Entry& entry, const Specification& specification) {
  Request request = defaults_of(entry);
  const std::string where = fmt::format("zoo:{}", entry.name);
  if (!specification.version.empty() && specification.version != entry.version) {
    throw Error(where, fmt::format("no version '{}'", specification.version),
                entry.version.empty() ? "there is only one" : fmt::format("{}, or none", entry.version));
  }
  request.version = specification.version;
  const std::vector<std::string> keys = options_of(entry);
  for (const auto& [key, value] : specification.options) {
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
      throw Error(where, fmt::format("no option '{}'", key), suggestion(key, keys));
    }
    set_option(request, key, value);
  }
  return request;
}

std::string input_of(const Entry& entry) {
  const Request request = defaults_of(entry);
  if (entry.family == kRandom) return "random";
  if (request.resolution > 0) return fmt::format("1x3x{0}x{0}", request.resolution);
  return request.seq > 0 ? fmt::format("1x{}", request.seq) : "1x80x3000";
}

}  // namespace

std::vector<Listing> list() {
  std::vector<Listing> out;
  for (const Entry& entry : registry()) {
    Listing& item = out.emplace_back();
    item.name = entry.name;
    item.family = entry.family;
    item.source = entry.source;
    if (!entry.version.empty()) item.versions.emplace_back(entry.version);
    item.input = input_of(entry);
    item.options = fmt::format("batch=1{}{}", entry.defaults.empty() ? "" : "&", entry.defaults);
    item.description = entry.description;
  }
  return out;
}

Graph build(std::string_view specification) {
  const Specification parsed = parse_specification(specification);
  const Entry& entry = entry_named(parsed.name);
  Network network{std::string(entry.name)};
  network.add_metadata("zoo", std::string(specification));
  entry.build(network, request_of(entry, parsed));
  return std::move(network).build();
}

}  // namespace foretime::zoo
