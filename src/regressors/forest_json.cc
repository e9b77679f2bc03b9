#include "regressors/forest_json.h"

#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/json_object.h"

namespace foretime {
namespace {

constexpr int kVersion = 1;
constexpr int kMostFeatures = 65536;  // as many as TreeEnsemble::to_text can number
constexpr std::size_t kMostNodes = std::size_t{1} << 26;

bool choice(JsonObject& in, const char* key, std::string_view when_true, std::string_view when_false) {
  const std::string word = in.text(key);
  if (word == when_true) return true;
  if (word == when_false) return false;
  in.fail_at(key, "is '" + in_message(word) + "'", std::string(when_true) + ", " + std::string(when_false));
}

std::vector<double> numbers(JsonObject& in, const char* key) {
  const Json& list = in.need(key);
  if (!list.is_array()) in.fail_at(key, "is " + shown(list), "a list of numbers");
  std::vector<double> values;
  values.reserve(list.size());
  for (const Json& item : list) {
    if (!item.is_number()) in.fail_at(key, "holds " + shown(item), "numbers");
    values.push_back(item.get<double>());
  }
  return values;
}

/// -1 for a leaf's child, else the number of a node.
std::uint32_t child_of(const JsonObject& in, double number, std::size_t nodes) {
  const bool fits = number >= 0 && number < static_cast<double>(nodes) && number == std::floor(number);
  if (!fits) in.fail("a child " + std::to_string(number), "one of " + std::to_string(nodes) + " nodes");
  return static_cast<std::uint32_t>(number);
}

Tree read_tree(JsonObject in, std::size_t features, bool below_or_equal, const std::string& where) {
  const std::vector<double> left = numbers(in, "left");
  const std::vector<double> right = numbers(in, "right");
  const std::vector<double> feature = numbers(in, "feature");
  const std::vector<double> threshold = numbers(in, "threshold");
  const std::vector<double> value = numbers(in, "value");
  in.refuse_other_keys();
  const std::size_t count = left.size();
  if (right.size() != count || feature.size() != count || threshold.size() != count ||
      value.size() != count) {
    in.fail("its lists have different lengths", std::to_string(count) + " each");
  }
  if (count > kMostNodes) in.fail("has " + std::to_string(count) + " nodes", "at most 2^26");
  std::vector<Tree::Node> nodes(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (left[i] == -1) {
      nodes[i].value = static_cast<float>(value[i]);
      continue;
    }
    const bool known = feature[i] >= 0 && feature[i] < static_cast<double>(features);
    if (!known)
      in.fail("a split on feature " + std::to_string(feature[i]), "one of " + std::to_string(features));
    nodes[i].feature = static_cast<std::int32_t>(feature[i]);
    nodes[i].threshold = threshold_below(threshold[i], below_or_equal);
    nodes[i].left = child_of(in, left[i], count);
    nodes[i].right = child_of(in, right[i], count);
  }
  return in_order(nodes, 0, where);
}

}  // namespace

Forest parse_forest_json(std::string_view text, const std::string& origin) {
  const Json json = parse_json(text, origin);
  JsonObject in(json, origin);
  in.integer("foretime.forest", kVersion, kVersion);
  const auto features = static_cast<std::size_t>(in.integer("features", 1, kMostFeatures));
  const bool average = choice(in, "aggregate", "average", "sum");
  const bool below_or_equal = choice(in, "goes_left", "less_or_equal", "less");
  constexpr double kLargest = std::numeric_limits<float>::max();
  Forest forest;
  forest.base = in.number_if_given("base", {-kLargest, kLargest}).value_or(0);
  in.text_or_empty("source");
  const Json& list = in.need("trees");
  if (!list.is_array() || list.empty()) in.fail_at("trees", "is " + shown(list), "a list that is not empty");
  in.refuse_other_keys();
  std::vector<Tree> trees;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string path = "trees/" + std::to_string(i);
    trees.push_back(read_tree(in.child(path, list[i]), features, below_or_equal, origin + ": /" + path));
  }
  forest.trees = TreeEnsemble(features, trees, origin);
  if (average) forest.scale = 1.0 / static_cast<double>(trees.size());
  return forest;
}

}  // namespace foretime
