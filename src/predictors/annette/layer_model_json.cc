#include <algorithm>
#include <cstdlib>
#include <map>
#include <utility>

#include "base/error.h"
#include "base/json_repeated.h"
#include "predictors/annette/layer_model.h"

namespace foretime::annette {
namespace {

constexpr std::array<std::string_view, kDimensions> kPar = {"h_par", "w_par", "c_par", "f_par"};
constexpr std::array<std::string_view, kDimensions> kAlpha = {"h_alpha", "w_alpha", "c_alpha", "f_alpha"};

/// Members by name, of which the last of a name counts, as in Python.
class Members {
 public:
  /// REQUIRES: the object outlives this.
  Members(const Json& json, std::string where) : json_(json), where_(std::move(where)) {}

  /// Null when it is absent or null.
  const Json* find(std::string_view key) const {
    const Json* found = nullptr;
    for (const auto& [name, value] : json_.items()) {
      if (name == key) found = &value;
    }
    return found == nullptr || found->is_null() ? nullptr : found;
  }

  std::optional<double> number(std::string_view key) const {
    const Json* found = find(key);
    if (found == nullptr) return std::nullopt;
    if (!found->is_number()) throw Error(where_, "has a '" + std::string(key) + "' that is no number");
    return found->get<double>();
  }

  std::string text(std::string_view key, std::string_view otherwise) const {
    const Json* found = find(key);
    if (found == nullptr) return std::string(otherwise);
    if (!found->is_string()) throw Error(where_, "has a '" + std::string(key) + "' that is no text");
    return found->get<std::string>();
  }

 private:
  const Json& json_;
  std::string where_;
};

void read_architecture(const Json& json, const std::string& where, LayerEntry& entry) {
  const Members architecture(json, where);
  entry.bit_act = architecture.number("bit_act").value_or(entry.bit_act);
  entry.bit_weights = architecture.number("bit_weights").value_or(entry.bit_weights);
  for (std::size_t i = 0; i < kDimensions; ++i) {
    entry.parallelism[i] = {architecture.number(kPar[i]), architecture.number(kAlpha[i])};
  }
}

EstimatorEntry::Input input_of(const Json& json, const std::string& where) {
  EstimatorEntry::Input input;
  if (json.is_string()) {
    input.name = json.get<std::string>();
  } else if (json.is_object()) {
    const Members members(json, where);
    input.name = members.text("name", "");
    if (const auto index = members.number("i"))
      input.index = static_cast<std::int64_t>(std::clamp(*index, -1.0, 1e6));
    input.minus = members.number("dec").value_or(0);
  } else if (json.is_number()) {
    input.constant = json.get<double>();
  } else {
    throw Error(where, "has in 'est_dict' what is no feature",
                R"("num_ops", {"name": …, "i": …}, or a number)");
  }
  return input;
}

EstimatorEntry estimator_of(const Members& members, const std::string& where, bool mixed) {
  EstimatorEntry estimator;
  estimator.file = members.text("est_model", "");
  estimator.mixed = mixed;
  const std::string gives = members.text("y_val", "ops/s");
  if (gives != "ops/s" && gives != "s/ops")
    throw Error(where, "has the 'y_val' '" + gives + "'", "ops/s or s/ops");
  estimator.seconds_per_op = gives == "s/ops";
  const Json* dictionary = members.find("est_dict");
  if (dictionary == nullptr || !dictionary->is_object())
    throw Error(where, "has an estimator, but no 'est_dict' of its features");
  std::map<int, EstimatorEntry::Input> sorted;
  for (const auto& [key, value] : dictionary->items())
    sorted[std::atoi(key.c_str())] = input_of(value, where);
  for (auto& [place, input] : sorted) estimator.inputs.push_back(std::move(input));
  return estimator;
}

LayerEntry entry_of(const Json& json, const std::string& where) {
  const Members members(json, where);
  LayerEntry entry;
  entry.layer_type = members.text("layer_type", "");
  const std::string kind = members.text("est_type", "roofline");
  const std::optional<double> ops = members.number("op_s");
  const std::optional<double> bytes = members.number("bandwidth");
  if (!ops || !bytes)
    throw Error(where, "has no 'op_s' or no 'bandwidth'", "operations and bytes per second");
  entry.ops_per_s = *ops;
  entry.bytes_per_s = *bytes;
  entry.refined = kind == "refined_roofline";
  const Json* architecture = members.find("architecture");
  if (architecture != nullptr && architecture->is_object()) read_architecture(*architecture, where, entry);
  const bool estimated = kind == "statistical" || kind == "mixed";
  if (estimated && members.find("est_model") != nullptr)
    entry.estimator = estimator_of(members, where, kind == "mixed");
  // ANNETTE forgets the architecture of an entry that an estimator alone prices.
  if (kind == "statistical") entry.parallelism = {};
  return entry;
}

}  // namespace

bool is_layer_model(std::string_view text) {
  // Profiles and forests are told by their first key; a layer model may hold keys twice, which other readers
  // refuse.
  try {
    const Json document = parse_json_with_repeated_keys(text, "");
    if (!document.is_object()) return false;
    return std::any_of(document.items().begin(), document.items().end(),
                       [](const auto& each) { return each.key() == "Base" && each.value().is_object(); });
  } catch (const Error&) {
    return false;
  }
}

LayerEntries layer_entries_of_json(std::string_view text, const std::string& origin) {
  const Json document = parse_json_with_repeated_keys(text, origin);
  if (!document.is_object()) throw Error(origin, "is no layer model", R"({"Base": {"op_s": …}})");
  LayerEntries read;
  read.name = origin;
  for (const auto& [key, value] : document.items()) {
    if (key == "name" && value.is_string()) read.name = value.get<std::string>();
    if (key == "architecture" || !value.is_object()) continue;
    read.entries.push_back(entry_of(value, origin + ": " + key));
  }
  return read;
}

LayerModel layer_model_of_json(std::string_view text, const std::string& origin) {
  LayerEntries read = layer_entries_of_json(text, origin);
  for (const LayerEntry& entry : read.entries) {
    if (!entry.estimator) continue;
    throw Error(
        origin + ": " + entry.layer_type,
        "is priced by the estimator " + entry.estimator->file +
            ", a pickle of scikit-learn, which is not read because reading one runs it",
        "an entry of est_type roofline or refined_roofline; foretime devices import (docs/annette.md)");
  }
  try {
    return LayerModel(std::move(read.name), std::move(read.entries));
  } catch (const Error& error) {
    throw Error(origin, error.problem());
  }
}

}  // namespace foretime::annette
