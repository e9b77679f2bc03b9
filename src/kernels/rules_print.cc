#include <algorithm>

#include "graph/graph_text.h"
#include "graph/graph_text_lexer.h"
#include "kernels/rules.h"

namespace foretime {
namespace {

std::string written(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += ' ' + written_name(word);
  return text;
}

std::string_view written(Consumers consumers) {
  switch (consumers) {
    case Consumers::first:
      return "first";
    case Consumers::all:
      return "all";
    default:
      return "none";
  }
}

std::string_view written(Comparison comparison) {
  switch (comparison) {
    case Comparison::greater:
      return ">";
    case Comparison::less:
      return "<";
    case Comparison::greater_equal:
      return ">=";
    case Comparison::less_equal:
      return "<=";
    default:
      return "==";
  }
}

std::string written_value(const std::string& value) {
  GraphTextLexer lexer(value);
  const Token token = lexer.next();
  const bool number = token.kind == Token::Kind::number && token.text.size() == value.size();
  return number ? value : written_name(value);
}

std::string written(const Condition& condition) {
  std::string text = written_name((condition.of_consumer ? "consumer." : "producer.") + condition.attribute);
  if (condition.index) text += '[' + std::to_string(*condition.index) + ']';
  return text + ' ' + std::string(written(condition.comparison)) + ' ' + written_value(condition.value);
}

std::string line(const WordSet& set) {
  return "set " + written_name(set.name) + " =" + written(set.words);
}

std::string line(const Alias& alias) {
  return "alias" + written(alias.words) + " = " + written_name(alias.name);
}

std::string line(const Integer& integer) {
  return "integer" + written(integer.words);
}

std::string line(const Remove& remove) {
  return "remove" + written(remove.words);
}

std::string line(const Split& split) {
  return "split " + written_name(split.word) + " =" + written(split.chain);
}

std::string line(const Block& block) {
  std::string text = "block " + written_name(block.name) + " = " + to_text(block.pattern);
  text.pop_back();  // the line end
  return text;
}

std::string line(const DefaultConsumers& rule) {
  return "consumers " + std::string(written(rule.consumers));
}

std::string line(const Fuse& fuse) {
  std::string text = "fuse " + written_name(fuse.producer) + " + " + written_name(fuse.consumer);
  if (!fuse.kind.empty()) text += " -> " + written_name(fuse.kind);
  if (fuse.consumers) text += " consumers " + std::string(written(*fuse.consumers));
  for (std::size_t i = 0; i < fuse.where.size(); ++i) {
    text += (i == 0 ? " where " : " and ") + written(fuse.where[i]);
  }
  return text;
}

}  // namespace

std::string to_text(const RuleSet& rules) {
  std::string text;
  for (const Rule& rule : rules.rules) {
    text += std::visit([](const auto& each) { return line(each); }, rule) + '\n';
  }
  return text;
}

}  // namespace foretime
