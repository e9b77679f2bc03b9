#include <simdjson.h>

#include <utility>

#include "base/error.h"
#include "base/json.h"
#include "predictors/annette/layer_model.h"

namespace foretime::annette {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::array<std::string_view, kDimensions> kPar = {"h_par", "w_par", "c_par", "f_par"};
constexpr std::array<std::string_view, kDimensions> kAlpha = {"h_alpha", "w_alpha", "c_alpha", "f_alpha"};

/// Members by name, of which the last of a name counts, as in Python.
class Members {
 public:
  Members(const object& json, std::string where) : json_(json), where_(std::move(where)) {}

  std::optional<element> find(std::string_view key) const {
    std::optional<element> found;
    for (const auto& [name, value] : json_) {
      if (name == key) found = value;
    }
    if (found && found->is_null()) return std::nullopt;
    return found;
  }

  std::optional<double> number(std::string_view key) const {
    const std::optional<element> found = find(key);
    if (!found) return std::nullopt;
    double value = 0;
    if (found->get(value) != simdjson::SUCCESS)
      throw Error(where_, "has a '" + std::string(key) + "' that is no number");
    return value;
  }

  std::string text(std::string_view key, std::string_view otherwise) const {
    const std::optional<element> found = find(key);
    std::string_view value = otherwise;
    if (found && found->get(value) != simdjson::SUCCESS)
      throw Error(where_, "has a '" + std::string(key) + "' that is no text");
    return std::string(value);
  }

 private:
  object json_;
  std::string where_;
};

void read_architecture(const object& json, const std::string& where, LayerEntry& entry) {
  const Members architecture(json, where);
  entry.bit_act = architecture.number("bit_act").value_or(entry.bit_act);
  entry.bit_weights = architecture.number("bit_weights").value_or(entry.bit_weights);
  for (std::size_t i = 0; i < kDimensions; ++i) {
    entry.parallelism[i] = {architecture.number(kPar[i]), architecture.number(kAlpha[i])};
  }
}

LayerEntry entry_of(const object& json, const std::string& where) {
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
  object architecture;
  const std::optional<element> held = members.find("architecture");
  if (held && held->get(architecture) == simdjson::SUCCESS) read_architecture(architecture, where, entry);
  return entry;
}

}  // namespace

LayerModel layer_model_of_json(std::string_view text, const std::string& origin) {
  simdjson::dom::parser parser;
  element document;
  if (const simdjson::error_code code = parser.parse(text.data(), text.size()).get(document);
      code != simdjson::SUCCESS) {
    parse_json(text, origin);  // knows the line
    throw Error(origin, simdjson::error_message(code));
  }
  object top;
  if (document.get(top) != simdjson::SUCCESS)
    throw Error(origin, "is no layer model", R"({"Base": {"op_s": …}})");
  std::vector<LayerEntry> entries;
  std::string name = origin;
  for (const auto& [key, value] : top) {
    std::string_view named;
    if (key == "name" && value.get(named) == simdjson::SUCCESS) name = named;
    object json;
    if (key == "architecture" || value.get(json) != simdjson::SUCCESS) continue;
    entries.push_back(entry_of(json, origin + ": " + std::string(key)));
  }
  try {
    return LayerModel(std::move(name), std::move(entries));
  } catch (const Error& error) {
    throw Error(origin, error.problem());
  }
}

}  // namespace foretime::annette
