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

LayerEntry entry_of(const Json& json, const std::string& where) {
  const Members members(json, where);
  LayerEntry entry;
  entry.layer_type = members.text("layer_type", "");
  const std::string kind = members.text("est_type", "roofline");
  if (kind == "statistical" || kind == "mixed") {
    throw Error(
        where,
        "is priced by the estimator " + members.text("est_model", "(not named)") +
            ", a pickle of scikit-learn, which is not read because reading one runs it",
        "an entry of est_type roofline or refined_roofline; docs/annette.md says how to use an estimator");
  }
  const std::optional<double> ops = members.number("op_s");
  const std::optional<double> bytes = members.number("bandwidth");
  if (!ops || !bytes)
    throw Error(where, "has no 'op_s' or no 'bandwidth'", "operations and bytes per second");
  entry.ops_per_s = *ops;
  entry.bytes_per_s = *bytes;
  entry.refined = kind == "refined_roofline";
  const Json* architecture = members.find("architecture");
  if (architecture != nullptr && architecture->is_object()) read_architecture(*architecture, where, entry);
  return entry;
}

}  // namespace

LayerModel layer_model_of_json(std::string_view text, const std::string& origin) {
  const Json document = parse_json_with_repeated_keys(text, origin);
  if (!document.is_object()) throw Error(origin, "is no layer model", R"({"Base": {"op_s": …}})");
  std::vector<LayerEntry> entries;
  std::string name = origin;
  for (const auto& [key, value] : document.items()) {
    if (key == "name" && value.is_string()) name = value.get<std::string>();
    if (key == "architecture" || !value.is_object()) continue;
    entries.push_back(entry_of(value, origin + ": " + key));
  }
  try {
    return LayerModel(std::move(name), std::move(entries));
  } catch (const Error& error) {
    throw Error(origin, error.problem());
  }
}

}  // namespace foretime::annette
