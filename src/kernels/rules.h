#pragma once

// The rules by which a device (or a predecessor of this tool) merges layers into kernels: plain data, read
// from text that docs/fusion-rules.md describes. Words are just words: which vocabulary they are from (ONNX's
// operators, nn-Meter's types, ANNETTE's layer types) is the business of the engine that applies the rules.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "graph/graph.h"

namespace foretime {

/// What happens to a producer whose output several kernels read.
enum class Consumers : std::uint8_t {
  none,   // none of them joins it
  first,  // the first one that a rule fits joins
  all,    // every one that a rule fits joins
};

/// `set NAME = WORD…`: a name that stands for each of these words, which may be names of earlier sets.
struct WordSet {
  std::string name;
  std::vector<std::string> words;

  bool operator==(const WordSet&) const = default;
};

/// `alias WORD… = NAME`: layers of these types are of type NAME to all other rules.
struct Alias {
  std::vector<std::string> words;
  std::string name;

  bool operator==(const Alias&) const = default;
};

/// `remove WORD…`: layers that the device never runs.
struct Remove {
  std::vector<std::string> words;

  bool operator==(const Remove&) const = default;
};

/// `integer WORD…`: layers that the device runs on integers where each activation that they read comes from a
/// DequantizeLinear and what they write goes to QuantizeLinear alone.
struct Integer {
  std::vector<std::string> words;

  bool operator==(const Integer&) const = default;
};

/// `split WORD = WORD…`: one layer that runs as a chain of several.
struct Split {
  std::string word;
  std::vector<std::string> chain;  // in order of execution

  bool operator==(const Split&) const = default;
};

/// `block NAME = graph { … }`: layers that run as one kernel of kind NAME. The pattern's inputs match
/// anything and stay outside; its operators are words. Blocks of one name are variants, tried in order.
struct Block {
  std::string name;
  Graph pattern;

  /// The same name and the same text of the pattern.
  bool operator==(const Block& other) const;
};

/// `consumers none|first|all`: for all rules that do not say otherwise. Without this statement: none.
struct DefaultConsumers {
  Consumers consumers = Consumers::none;

  bool operator==(const DefaultConsumers&) const = default;
};

enum class Comparison : std::uint8_t { equal, greater, less, greater_equal, less_equal };

/// `producer.kernel_shape[1] == 2`
struct Condition {
  bool of_consumer = false;
  std::string attribute;
  std::optional<std::int64_t> index;  // of an element of a list, from 0
  Comparison comparison = Comparison::equal;
  std::string value;  // a number or a word, as written; a number unless it is compared by ==

  bool operator==(const Condition&) const = default;
};

/// `fuse WORD + WORD [-> KIND] [consumers none|first|all] [where CONDITION [and CONDITION]…]`: the consumer
/// joins the kernel of its producer.
struct Fuse {
  std::string producer;
  std::string consumer;
  std::string kind;  // of the kernel from then on; empty: it stays as it is
  std::optional<Consumers> consumers;
  std::vector<Condition> where;  // all of them hold

  bool operator==(const Fuse&) const = default;
};

using Rule = std::variant<WordSet, Alias, Remove, Integer, Split, Block, DefaultConsumers, Fuse>;

struct RuleSet {
  std::vector<Rule> rules;  // in the order of the text

  bool operator==(const RuleSet&) const = default;
};

/// Error, with where = "origin:line" (from 1; inside a pattern "origin:line:column"): a line is no rule; a
/// set or an alias is stated twice. Takes time and memory linear in the text.
RuleSet parse_rules(std::string_view text, const std::string& origin);

/// The rules as text, one a line (patterns take several). Parsing it gives the same rules.
std::string to_text(const RuleSet& rules);

/// The words that `word` stands for: those of the set with that name, each once, else itself.
std::vector<std::string> words_of(const RuleSet& rules, const std::string& word);

/// The policy for rules that state none.
Consumers default_consumers(const RuleSet& rules);

/// The rules of one sort, in order. REQUIRES: `rules` outlives the result.
template <typename T>
std::vector<const T*> all(const RuleSet& rules) {
  std::vector<const T*> found;
  for (const Rule& rule : rules.rules) {
    if (const T* each = std::get_if<T>(&rule)) found.push_back(each);
  }
  return found;
}

}  // namespace foretime
