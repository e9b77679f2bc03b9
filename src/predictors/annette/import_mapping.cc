#include <utility>

#include "predictors/annette/import.h"

namespace foretime::annette {
namespace {

/// ANNETTE's types as words of our rules. A type that is not here is called the same in both.
constexpr std::pair<std::string_view, std::string_view> kWords[] = {
    {"Conv", "conv"},
    {"Conv1d", "conv"},
    {"DepthwiseConv", "depthwise_conv"},
    {"FullyConnected", "gemm"},
    {"MatMul", "matmul"},
    {"ConvTranspose", "conv_transpose"},
    {"BatchNorm", "BatchNormalization"},
    {"Relu6", "Clip"},
    {"Pool", "annette_pool"},
    {"Power", "Pow"},
    {"RealDiv", "Div"},
    {"DataInput", "Identity"},
};
std::string word_of(const std::string& type) {
  for (const auto& [from, to] : kWords) {
    if (from == type) return std::string(to);
  }
  return type;
}

/// A window's sizes stand behind the batch in ANNETTE's lists of four.
bool translate(Condition& condition) {
  const bool window = condition.attribute == "kernel_shape" || condition.attribute == "strides" ||
                      condition.attribute == "dilations";
  if (!window || !condition.index || *condition.index < 1 || *condition.index > 2) return false;
  --*condition.index;
  return true;
}

}  // namespace

std::string fusion_rules_of(const RuleSet& mapping, Diagnostics& diagnostics) {
  const auto leave_out = [&](const std::string& what) {
    diagnostics.push_back({Severity::warning, "annette-rule", what + ": left out of the fusion rules", ""});
  };
  RuleSet rules;
  rules.rules.emplace_back(WordSet{"annette_pool", {"max_pool", "average_pool"}});
  for (const Rule& rule : mapping.rules) {
    if (const auto* remove = std::get_if<Remove>(&rule)) {
      Remove ours;
      for (const std::string& word : remove->words) ours.words.push_back(word_of(word));
      rules.rules.emplace_back(std::move(ours));
    } else if (const auto* split = std::get_if<Split>(&rule)) {
      leave_out("splitting " + split->word);
    } else if (const auto* fuse = std::get_if<Fuse>(&rule)) {
      Fuse ours{word_of(fuse->producer), word_of(fuse->consumer), "", std::nullopt, {}};
      bool whole = true;
      for (Condition condition : fuse->where) {
        if (condition.attribute == "pooling_type" && condition.of_consumer) {
          ours.consumer = condition.value == "MAX" ? "max_pool" : "average_pool";
        } else if (translate(condition)) {
          ours.where.push_back(condition);
        } else {
          leave_out(fuse->producer + " + " + fuse->consumer + " by its " + condition.attribute);
          whole = false;
          break;
        }
      }
      if (whole) rules.rules.emplace_back(std::move(ours));
    }
  }
  return to_text(rules);
}

}  // namespace foretime::annette
