#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "kernels/kernel_graph.h"
#include "kernels/pattern.h"
#include "kernels/rules.h"

namespace foretime {

/// Merges layers into the kernels of one device, by its rules (docs/fusion-rules.md). The words of these
/// rules are ONNX's operators, the kinds of kernels (kernels/kind.h), the names of blocks, and sets of all
/// these.
///
/// 1. Blocks: layers that match a pattern become one unit; those of the common rules (rules/common.rules),
///    which know the spellings of exporters, come after the device's own.
/// 2. Removed layers cost nothing: whoever reads them reads their input.
/// 3. Pairs: units are walked in execution order. A unit that no earlier one took in takes in the unit that
/// reads
///    its output while a rule for its first layer and that unit fits, and all else that that unit reads was
///    computed before; then what reads that one, and so on.
class Detector {
 public:
  /// Error: a statement that only compatibility modes know (`split`); an attribute that conditions do not
  /// have.
  explicit Detector(const RuleSet& rules);

  KernelGraph detect(const analysis::Costs& costs) const;

  /// What the walk asks of the rules.
  struct Pair {
    std::uint64_t producer = 0;  // words, by bit
    std::uint64_t consumer = 0;
    Consumers consumers = Consumers::none;
    std::vector<Condition> where;
  };

 private:
  friend class Walk;
  /// Bits of the words that an operator with this kind, or a block of this name, answers to.
  std::uint64_t words_of(std::string_view name, Kind kind) const;

  /// What the rules know of a word. Looked up once for each layer, without making a string of its operator.
  struct Word {
    std::uint64_t bit = 0;  // in the pairs, sets resolved; 0: in none
    bool removed = false;
    std::vector<std::size_t> blocks;  // patterns that may end with it, in order
  };
  struct WordHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view word) const { return std::hash<std::string_view>()(word); }
  };
  const Word& word(std::string_view name) const;

  std::vector<Pattern> blocks_;
  std::vector<Pair> pairs_;
  std::unordered_map<std::string, Word, WordHash, std::equal_to<>> words_;
};

}  // namespace foretime
