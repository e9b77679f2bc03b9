#include "formats/nnmeter/raw_attribute.h"

#include <algorithm>
#include <limits>

namespace foretime::nnmeter {
namespace {

bool is_whole(const Json& json) {
  constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
  if (json.is_boolean()) return true;
  if (!json.is_number_integer()) return false;
  return !json.is_number_unsigned() || json.get<std::uint64_t>() <= kLargest;
}

std::int64_t whole(const Json& json) {
  return json.is_boolean() ? (json.get<bool>() ? 1 : 0) : json.get<std::int64_t>();
}

template <typename T, typename F>
std::vector<T> list(const Json& json, F value_of) {
  std::vector<T> values;
  values.reserve(json.size());
  for (const Json& item : json) values.push_back(value_of(item));
  return values;
}

}  // namespace

std::optional<Attribute> attribute_of(const Json& json) {
  if (is_whole(json)) return whole(json);
  if (json.is_number()) return json.get<float>();
  if (json.is_string()) return json.get<std::string>();
  if (!json.is_array()) return std::nullopt;
  const auto all = [&](auto is) { return std::all_of(json.begin(), json.end(), is); };
  if (all(is_whole)) return list<std::int64_t>(json, whole);
  if (all([](const Json& j) { return j.is_number(); })) {
    return list<float>(json, [](const Json& j) { return j.get<float>(); });
  }
  if (all([](const Json& j) { return j.is_string(); })) {
    return list<std::string>(json, [](const Json& j) { return j.get<std::string>(); });
  }
  return std::nullopt;
}

}  // namespace foretime::nnmeter
