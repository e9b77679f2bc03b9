#include <cstdlib>
#include <map>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/json.h"
#include "kernels/annette/mappings.h"

namespace foretime::annette {
namespace {

constexpr std::size_t kMostWays = 1000;  // through one decision tree

const Json* member(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

/// A number as ANNETTE would print it, or the text.
std::string word_of(const Json& json) {
  return json.is_string() ? json.get<std::string>() : json.dump();
}

class RuleReader {
 public:
  RuleReader(std::string where, const ReadFile& read) : where_(std::move(where)), read_(read) {}

  void read(const Json& json, std::vector<Rule>& rules) {
    if (!json.is_object())
      throw Error(where_, "is no rule", R"({"prim_type": …, "sec_type": …, "out_type": …})");
    const std::string primary = text(json, "prim_type");
    const Json* out = member(json, "out_type");
    if (member(json, "sec_type") == nullptr) {
      if (out == nullptr) return rules.emplace_back(Remove{{primary}}), void();
      rules.emplace_back(Split{primary, chain(*out)});
      return;
    }
    Fuse fuse{
        primary, text(json, "sec_type"), out == nullptr ? primary : text(json, "out_type"), std::nullopt, {}};
    if (fuse.kind == primary) fuse.kind.clear();
    if (const Json* conditions = member(json, "fuse_cond")) add_conditions(*conditions, fuse);
    const Json* classifier = member(json, "est_model");
    if (classifier == nullptr) return rules.emplace_back(std::move(fuse)), void();
    add_ways(word_of(*classifier), json, fuse, rules);
  }

 private:
  std::string text(const Json& json, const char* key) const {
    const Json* found = member(json, key);
    if (found == nullptr || !found->is_string())
      throw Error(where_, std::string("has no '") + key + "'", "a type of layers");
    return found->get<std::string>();
  }

  std::vector<std::string> chain(const Json& json) const {
    std::vector<std::string> types;
    if (json.is_array()) {
      for (const Json& type : json) {
        if (type.is_string()) types.push_back(type.get<std::string>());
      }
    }
    if (types.empty() || types.size() != json.size())
      throw Error(where_, "splits into what is no list of types");
    return types;
  }

  void add_conditions(const Json& json, Fuse& fuse) const {
    for (const char* which : {"primary", "secondary"}) {
      const Json* conditions = json.is_object() ? member(json, which) : nullptr;
      if (conditions == nullptr) continue;
      if (!conditions->is_object()) throw Error(where_, "has conditions that are no object");
      for (const auto& [id, condition] : conditions->get_ref<const Json::object_t&>())
        fuse.where.push_back(condition_from(condition, which == std::string("secondary")));
    }
  }

  Condition condition_from(const Json& json, bool of_consumer) const {
    constexpr std::pair<const char*, Comparison> kSigns[] = {{"==", Comparison::equal},
                                                             {">", Comparison::greater},
                                                             {"<", Comparison::less},
                                                             {"<=", Comparison::less_equal},
                                                             {">=", Comparison::greater_equal}};
    if (!json.is_object()) throw Error(where_, "has a condition that is no object");
    Condition condition;
    condition.of_consumer = of_consumer;
    condition.attribute = text(json, "name");
    condition.index = index(json);
    const std::string sign = text(json, "cond");
    const Json* value = member(json, "val");
    if (value == nullptr) throw Error(where_, "has a condition without 'val'");
    condition.value = word_of(*value);
    for (const auto& [name, comparison] : kSigns) {
      if (sign != name) continue;
      condition.comparison = comparison;
      return condition;
    }
    throw Error(where_, "has a condition with '" + sign + "'", "==, >, <, >= or <=");
  }

  std::optional<std::int64_t> index(const Json& json) const {
    const Json* found = member(json, "i");
    if (found == nullptr) return std::nullopt;
    if (!found->is_number_integer() || found->get<std::int64_t>() < 0)
      throw Error(where_, "has an index that is none", "0 or more");
    return found->get<std::int64_t>();
  }

  /// A feature of the classifier, or a number that stands for one.
  struct Feature {
    Condition condition;
    std::optional<double> constant;
  };

  /// The features in the order of their numbers.
  std::vector<Feature> features(const Json& json) const {
    const Json* dictionary = member(json, "conv_dict");
    if (dictionary == nullptr || !dictionary->is_object())
      throw Error(where_, "has a classifier, but no 'conv_dict' of its features");
    std::map<int, Feature> sorted;
    for (const auto& [key, value] : dictionary->get_ref<const Json::object_t&>()) {
      Feature feature;
      if (value.is_number()) {
        feature.constant = value.get<double>();
      } else if (value.is_object()) {
        feature.condition.attribute = text(value, "name");
        feature.condition.index = index(value);
        feature.condition.of_consumer =
            member(value, "layer") != nullptr && text(value, "layer") == "secondary";
      } else {
        throw Error(where_, "has a feature '" + key + "' that is none");
      }
      sorted[std::atoi(key.c_str())] = std::move(feature);
    }
    std::vector<Feature> all;
    for (auto& [place, feature] : sorted) all.push_back(std::move(feature));
    return all;
  }

  void add_ways(const std::string& path, const Json& json, const Fuse& fuse, std::vector<Rule>& rules) const {
    if (!path.ends_with(".json")) {
      throw Error(where_,
                  "asks the classifier " + path +
                      ", a pickle of scikit-learn, which is not read because reading one runs it",
                  "a decision tree exported to JSON (docs/annette.md), or conditions");
    }
    const Json tree = parse_json(read_(path), path);
    const std::vector<Feature> all = features(json);
    std::vector<Fuse> found;
    walk(tree, path, 0, fuse, all, found);
    for (Fuse& each : found) rules.emplace_back(std::move(each));
  }

  std::int64_t whole(const Json& tree, const std::string& path, const char* key, std::size_t node) const {
    const Json* list = tree.is_object() ? member(tree, key) : nullptr;
    if (list == nullptr || !list->is_array() || node >= list->size() || !(*list)[node].is_number_integer())
      throw Error(path, std::string("has no integer '") + key + "' for node " + std::to_string(node),
                  "a tree of docs/annette.md");
    return (*list)[node].get<std::int64_t>();
  }

  /// Every way from the root to a leaf of class 1, as conditions.
  void walk(const Json& tree, const std::string& path, std::size_t node, const Fuse& fuse,
            const std::vector<Feature>& features, std::vector<Fuse>& found) const {
    const std::int64_t left = whole(tree, path, "left", node);
    if (left < 0) {
      if (whole(tree, path, "class", node) == 1) found.push_back(fuse);
      if (found.size() > kMostWays) throw Error(path, "has more than a thousand leaves");
      return;
    }
    const std::int64_t right = whole(tree, path, "right", node);
    const std::int64_t feature = whole(tree, path, "feature", node);
    const auto at = static_cast<std::int64_t>(node);
    const Json* thresholds = member(tree, "threshold");
    const bool sane = left > at && right > at && feature >= 0 && feature < std::ssize(features) &&
                      thresholds != nullptr && thresholds->is_array() && node < thresholds->size() &&
                      (*thresholds)[node].is_number();
    if (!sane)
      throw Error(path, "has a node " + std::to_string(node) + " that is none", "a tree of docs/annette.md");
    const Json& threshold = (*thresholds)[node];
    const Feature& asked = features[static_cast<std::size_t>(feature)];
    for (const bool goes_left : {true, false}) {
      const auto next = static_cast<std::size_t>(goes_left ? left : right);
      if (asked.constant && (*asked.constant <= threshold.get<double>()) != goes_left) continue;
      Fuse way = fuse;
      if (!asked.constant) {
        way.where.push_back(asked.condition);
        way.where.back().comparison = goes_left ? Comparison::less_equal : Comparison::greater;
        way.where.back().value = threshold.dump();
      }
      walk(tree, path, next, way, features, found);
    }
  }

  std::string where_;
  const ReadFile& read_;
};

}  // namespace

RuleSet mapping_of_json(std::string_view text, const std::string& origin, const ReadFile& read) {
  const Json document = parse_json(text, origin);
  if (!document.is_object())
    throw Error(origin, "is no mapping model", R"({"name": …, "RULE": {"prim_type": …}})");
  RuleSet rules;
  for (const auto& [name, json] : document.get_ref<const Json::object_t&>()) {
    if (name == "name") continue;
    RuleReader(origin + ": " + name, read).read(json, rules.rules);
  }
  return rules;
}

}  // namespace foretime::annette
