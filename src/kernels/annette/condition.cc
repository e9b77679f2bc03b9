#include "kernels/annette/condition.h"

#include <optional>

#include "kernels/annette/counts.h"
#include "kernels/comparison.h"

namespace foretime::annette {
namespace {

struct Found {
  std::string text;  // as Python prints it
  std::optional<double> number;
};

Found found(std::int64_t number) {
  return {std::to_string(number), static_cast<double>(number)};
}

std::optional<std::int64_t> count(const std::string& name, const Network& network, const MappedLayer& layer) {
  const bool known =
      name == "num_ops" || name == "num_inputs" || name == "num_outputs" || name == "num_weights";
  if (!known) return std::nullopt;
  const Counts counts = counts_of(formula_of(layer.type), network, layer);
  if (name == "num_ops") return counts.num_ops;
  if (name == "num_inputs") return counts.num_inputs;
  return name == "num_outputs" ? counts.num_outputs : counts.num_weights;
}

std::string list_text(const Integers& list) {
  std::string text;
  for (const std::int64_t number : list) text += (text.empty() ? "" : ", ") + std::to_string(number);
  return "[" + text + "]";
}

std::optional<Found> element(const Value& value, std::optional<std::int64_t> index) {
  if (const auto* list = value.as<Integers>()) {
    if (!index) return Found{list_text(*list), std::nullopt};
    if (*index < 0 || *index >= std::ssize(*list)) return std::nullopt;
    return found((*list)[static_cast<std::size_t>(*index)]);
  }
  if (const auto* list = value.as<Values>();
      list != nullptr && index && *index >= 0 && *index < std::ssize(*list)) {
    return element((*list)[static_cast<std::size_t>(*index)], std::nullopt);
  }
  if (const auto* number = value.as<std::int64_t>()) return found(*number);
  if (const auto* number = value.as<double>()) return Found{std::to_string(*number), *number};
  if (const auto* text = value.as<std::string>()) return Found{*text, std::nullopt};
  if (const auto* flag = value.as<bool>()) return Found{*flag ? "True" : "False", *flag ? 1.0 : 0.0};
  return std::nullopt;
}

}  // namespace

bool holds(const Condition& condition, const Network& network, const MappedLayer& layer) {
  std::optional<Found> value;
  if (const auto number = count(condition.attribute, network, layer)) {
    value = found(*number);
  } else if (const Value* attribute = layer.raw->find(condition.attribute)) {
    value = element(*attribute, condition.index);
  }
  if (!value) return false;
  if (condition.comparison == Comparison::equal) return value->text == condition.value;
  const std::optional<double> wanted = number_of(condition.value);
  return wanted && value->number && compare(*value->number, condition.comparison, *wanted);
}

}  // namespace foretime::annette
