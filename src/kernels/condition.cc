#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "base/error.h"
#include "kernels/comparison.h"
#include "kernels/units.h"

namespace foretime {
namespace {

/// The attribute as a number or a text; of a list the element asked for.
struct Found {
  std::optional<double> number;
  std::string text;
};

std::optional<Found> find(const Attribute& attribute, std::optional<std::int64_t> index) {
  if (const auto* integer = std::get_if<std::int64_t>(&attribute))
    return Found{static_cast<double>(*integer), {}};
  if (const auto* real = std::get_if<float>(&attribute)) return Found{static_cast<double>(*real), {}};
  if (const auto* text = std::get_if<std::string>(&attribute)) return Found{std::nullopt, *text};
  if (const auto* list = std::get_if<std::vector<std::int64_t>>(&attribute)) {
    const auto at = static_cast<std::size_t>(index.value_or(0));
    if (at < list->size()) return Found{static_cast<double>((*list)[at]), {}};
  }
  return std::nullopt;
}

/// No attribute, but how many activations the layer reads.
constexpr std::string_view kInputs = "inputs";

}  // namespace

void check_condition(const Condition& condition) {
  if (condition.index && *condition.index < 0) {
    throw Error("fusion rules", "an index of " + std::to_string(*condition.index), "0 or more");
  }
}

bool holds(const Condition& condition, const Units& units, UnitId id) {
  const Attribute* attribute = units.first(units.list[id]).node->attributes.find(condition.attribute);
  if (attribute == nullptr && condition.attribute != kInputs) return false;
  const std::optional<Found> found = attribute == nullptr
                                         ? Found{static_cast<double>(units.inputs(units.list[id]).size()), {}}
                                         : find(*attribute, condition.index);
  if (!found) return false;
  const std::optional<double> wanted = number_of(condition.value);
  if (found->number && wanted) return compare(*found->number, condition.comparison, *wanted);
  return condition.comparison == Comparison::equal && found->text == condition.value;
}

}  // namespace foretime
