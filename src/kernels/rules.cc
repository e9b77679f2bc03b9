#include "kernels/rules.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/suggest.h"
#include "graph/graph_text.h"
#include "graph/literals.h"
#include "kernels/rules_line.h"

namespace foretime {
namespace {

constexpr std::array<std::pair<std::string_view, Consumers>, 3> kConsumers = {
    {{"none", Consumers::none}, {"first", Consumers::first}, {"all", Consumers::all}}};

/// The longer sign of two that start alike stands first.
constexpr std::array<std::pair<std::string_view, Comparison>, 5> kComparisons = {
    {{"==", Comparison::equal},
     {">=", Comparison::greater_equal},
     {"<=", Comparison::less_equal},
     {">", Comparison::greater},
     {"<", Comparison::less}}};

bool is_number(const std::string& text) {
  GraphTextLexer lexer(text);
  const Token token = lexer.next();
  return token.kind == Token::Kind::number && token.text.size() == text.size();
}

class Parser {
 public:
  Parser(std::string_view text, const std::string& origin) : line_(text, origin), origin_(origin) {}

  RuleSet rules() {
    while (line_.next_line()) {
      rules_.rules.push_back(rule());
      line_.expect_end();
    }
    return std::move(rules_);
  }

 private:
  Rule rule();
  Rule set();
  Rule alias();
  Rule remove();
  Rule integer();
  Rule split();
  Rule block();
  Rule consumers();
  Rule fuse();

  std::vector<std::string> words(std::string_view end);
  Consumers policy();
  Condition condition();

  RuleLine line_;
  const std::string& origin_;
  RuleSet rules_;
  std::unordered_set<std::string> sets_;
  std::unordered_set<std::string> aliases_;
  bool has_default_ = false;
};

Rule Parser::rule() {
  struct Statement {
    std::string_view keyword;
    Rule (Parser::*read)();
  };
  constexpr std::array<Statement, 8> kStatements = {{{"set", &Parser::set},
                                                     {"alias", &Parser::alias},
                                                     {"remove", &Parser::remove},
                                                     {"integer", &Parser::integer},
                                                     {"split", &Parser::split},
                                                     {"block", &Parser::block},
                                                     {"consumers", &Parser::consumers},
                                                     {"fuse", &Parser::fuse}}};
  const std::string keyword = line_.word("a rule");
  for (const Statement& each : kStatements) {
    if (each.keyword == keyword) return (this->*each.read)();
  }
  std::vector<std::string> known;
  for (const Statement& each : kStatements) known.emplace_back(each.keyword);
  throw line_.error("'" + keyword + "' is no rule", suggestion(keyword, known));
}

/// One word or more, up to the sign or (without one) the end of the line.
std::vector<std::string> Parser::words(std::string_view end) {
  std::vector<std::string> words;
  do {
    words.push_back(line_.word("a word"));
  } while (end.empty() ? !line_.at_end() : !line_.take(end));
  return words;
}

Rule Parser::set() {
  WordSet set;
  set.name = line_.word("the name of a set");
  if (!sets_.insert(set.name).second) throw line_.error("the set '" + set.name + "' is stated twice");
  line_.expect("=");
  set.words = words({});
  return set;
}

Rule Parser::alias() {
  Alias alias;
  alias.words = words("=");
  for (const std::string& word : alias.words) {
    if (!aliases_.insert(word).second) throw line_.error("'" + word + "' has two aliases");
  }
  alias.name = line_.word("the name they have in other rules");
  return alias;
}

Rule Parser::remove() {
  return Remove{words({})};
}

Rule Parser::integer() {
  return Integer{words({})};
}

Rule Parser::split() {
  Split split;
  split.word = line_.word("a word");
  line_.expect("=");
  split.chain = words({});
  return split;
}

Rule Parser::block() {
  Block block;
  block.name = line_.word("the name of a block");
  line_.expect("=");
  if (line_.at_end()) throw line_.unexpected("'graph {'");
  const std::string_view pattern = line_.braced();
  try {
    block.pattern = parse_text(pattern, origin_);
  } catch (const Error&) {
    block.pattern = parse_text(line_.padding(pattern) + std::string(pattern), origin_);  // names the place
  }
  return block;
}

Rule Parser::consumers() {
  if (std::exchange(has_default_, true)) throw line_.error("the default for consumers is stated twice");
  return DefaultConsumers{policy()};
}

Consumers Parser::policy() {
  for (const auto& [word, consumers] : kConsumers) {
    if (line_.take_word(word)) return consumers;
  }
  throw line_.unexpected("none, first or all");
}

Rule Parser::fuse() {
  Fuse fuse;
  fuse.producer = line_.word("the producer");
  line_.expect("+");
  fuse.consumer = line_.word("the consumer");
  if (line_.take("->")) fuse.kind = line_.word("the kind of the kernel");
  if (line_.take_word("consumers")) fuse.consumers = policy();
  if (!line_.take_word("where")) return fuse;
  do {
    fuse.where.push_back(condition());
  } while (line_.take_word("and"));
  return fuse;
}

Condition Parser::condition() {
  constexpr std::string_view kExpected = "producer.ATTRIBUTE or consumer.ATTRIBUTE";
  const std::string subject = line_.word(kExpected);
  const std::size_t dot = subject.find('.');
  const std::string_view of = std::string_view(subject).substr(0, dot);
  if ((of != "producer" && of != "consumer") || dot == std::string::npos || dot + 1 == subject.size()) {
    throw line_.error("'" + subject + "' cannot be compared", "expected " + std::string(kExpected));
  }
  Condition condition;
  condition.of_consumer = of == "consumer";
  condition.attribute = subject.substr(dot + 1);
  if (line_.take("[")) {
    condition.index = integer_named(line_.value());
    if (!condition.index || *condition.index < 0) throw line_.error("a place in a list is a number from 0");
    line_.expect("]");
  }
  const auto sign = std::find_if(kComparisons.begin(), kComparisons.end(),
                                 [&](const auto& each) { return line_.take(each.first); });
  if (sign == kComparisons.end()) throw line_.unexpected("==, >, <, >= or <=");
  condition.comparison = sign->second;
  condition.value = line_.value();
  if (condition.comparison != Comparison::equal && !is_number(condition.value)) {
    throw line_.error("'" + condition.value + "' has no order", "a number, or the comparison ==");
  }
  return condition;
}

}  // namespace

bool Block::operator==(const Block& other) const {
  return name == other.name && to_text(pattern) == to_text(other.pattern);
}

RuleSet parse_rules(std::string_view text, const std::string& origin) {
  return Parser(text, origin).rules();
}

std::vector<std::string> words_of(const RuleSet& rules, const std::string& word) {
  std::unordered_map<std::string_view, const WordSet*> sets;
  for (const WordSet* set : all<WordSet>(rules)) sets.emplace(set->name, set);
  struct Open {
    const std::string* word;
    bool literal;  // the word itself, also if a set has its name: `set relu = relu Relu6`
  };
  std::unordered_set<std::string_view> expanded;
  std::unordered_set<std::string_view> listed;
  std::vector<Open> open = {{&word, false}};  // depth first, in the order of the text
  std::vector<std::string> found;
  while (!open.empty()) {
    const Open next = open.back();
    open.pop_back();
    const auto set = sets.find(*next.word);
    if (next.literal || set == sets.end()) {
      if (listed.insert(*next.word).second) found.push_back(*next.word);
    } else if (expanded.insert(*next.word).second) {
      const auto& words = set->second->words;
      for (auto each = words.rbegin(); each != words.rend(); ++each) {
        open.push_back({&*each, *each == *next.word});
      }
    }
  }
  return found;
}

Consumers default_consumers(const RuleSet& rules) {
  const auto stated = all<DefaultConsumers>(rules);
  return stated.empty() ? Consumers::none : stated.front()->consumers;
}

}  // namespace foretime
