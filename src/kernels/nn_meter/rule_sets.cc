#include "kernels/nn_meter/rule_sets.h"

#include <optional>

#include "base/error.h"
#include "base/json.h"
#include "base/suggest.h"
#include "graph/graph_builder.h"
#include "kernels/nn_meter/embedded.h"

namespace foretime::nn_meter {
namespace {

constexpr std::string_view kCommon = "common";

std::optional<EmbeddedRules> embedded(std::string_view name) {
  for (const EmbeddedRules& each : embedded_rules()) {
    if (each.name == name) return each;
  }
  return std::nullopt;
}

RuleSet parsed(const EmbeddedRules& file) {
  return parse_rules(file.text, "rules/nn-meter/" + std::string(file.name) + ".rules");
}

RuleSet with_common(RuleSet rules) {
  const RuleSet common = parsed(*embedded(kCommon));
  rules.rules.insert(rules.rules.end(), common.rules.begin(), common.rules.end());
  return rules;
}

/// The words of "BF_conv_bn_relu" after BF.
std::vector<std::string> words_in(std::string_view name) {
  std::vector<std::string> words;
  for (std::size_t end = name.find('_'); end != std::string_view::npos;) {
    const std::size_t start = end + 1;
    end = name.find('_', start);
    words.emplace_back(name.substr(start, end == std::string_view::npos ? end : end - start));
  }
  return words;
}

/// Nodes of these types one after the other, as a block called "conv-bn-relu".
Block chain(const std::vector<std::string>& types) {
  Block block;
  GraphBuilder builder("");
  TensorId last = kNoTensor;
  for (const std::string& type : types) {
    block.name += (block.name.empty() ? "" : "-") + type;
    Node node;
    node.op = type;
    if (last != kNoTensor) node.inputs = {last};
    last = builder.tensor("t" + std::to_string(block.name.size()));
    node.outputs = {last};
    builder.add_node(std::move(node));
  }
  builder.add_output(last);
  block.pattern = std::move(builder).build();
  return block;
}

/// What `obey` holds in Python's sense of truth. Error: anything but true, false, null or an integer.
std::int64_t obeyed(const Json& rule, const std::string& where) {
  const auto obey = rule.is_object() ? rule.find("obey") : rule.end();
  if (!rule.is_object()) throw Error(where, "is no rule", R"({"obey": true})");
  if (obey == rule.end() || obey->is_null()) return 0;
  if (obey->is_boolean()) return obey->get<bool>() ? 1 : 0;
  if (obey->is_number_integer()) return obey->get<std::int64_t>();
  throw Error(where, "'obey' is neither a boolean nor a number", "true, false, null or an integer");
}

Rule policy(std::int64_t obey, const std::string& where) {
  if (obey == 0 || obey == 1) return DefaultConsumers{obey == 0 ? Consumers::none : Consumers::all};
  throw Error(where, "'obey' has a value whose meaning is not defined", "null, false, 0, true or 1");
}

}  // namespace

std::vector<std::string> devices() {
  std::vector<std::string> names;
  for (const EmbeddedRules& each : embedded_rules()) {
    if (each.name != kCommon) names.emplace_back(each.name);
  }
  return names;
}

RuleSet rules_for(std::string_view device) {
  const std::optional<EmbeddedRules> file = device == kCommon ? std::nullopt : embedded(device);
  if (!file) {
    throw Error(std::string(device), "nn-Meter has no rules for this device", suggestion(device, devices()));
  }
  return with_common(parsed(*file));
}

RuleSet device_rules_of_json(std::string_view text, const std::string& origin) {
  const Json document = parse_json(text, origin);
  if (!document.is_object())
    throw Error(origin, "is no file of fusion rules", R"({"BF_conv_relu": {"obey": true}})");
  RuleSet rules;
  for (const auto& [name, rule] : document.get_ref<const Json::object_t&>()) {
    const std::string where = origin + ": " + name;
    const std::int64_t obey = obeyed(rule, where);
    if (name == "MON") rules.rules.push_back(policy(obey, where));
    if (!name.starts_with("BF_") || obey == 0) continue;
    const std::vector<std::string> words = words_in(name);
    for (const std::string& word : words) {
      if (word.empty()) throw Error(where, "names an empty type", "BF_conv_relu");
    }
    if (words.size() == 2) rules.rules.emplace_back(Fuse{words[0], words[1], "", std::nullopt, {}});
    if (words.size() > 2) rules.rules.emplace_back(chain(words));
  }
  return rules;
}

RuleSet rules_of_json(std::string_view text, const std::string& origin) {
  return with_common(device_rules_of_json(text, origin));
}

}  // namespace foretime::nn_meter
