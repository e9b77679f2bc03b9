#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/kernel_graph.h"
#include "kernels/operators.h"
#include "kernels/pattern.h"
#include "kernels/rules.h"

namespace foretime {

/// Merges layers into the kernels of one device, by its rules (docs/fusion-rules.md). The words of these
/// rules are ONNX's operators, the kinds of kernels (kernels/kind.h), the names of blocks, and sets of all
/// these.
///
/// 0. Integers: a layer between DequantizeLinear and QuantizeLinear is one unit with them.
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

  KernelGraph detect(std::shared_ptr<const analysis::Layers> network) const;

  /// What the walk asks of the rules.
  struct Pair {
    std::uint64_t producer = 0;  // words, by bit
    std::uint64_t consumer = 0;
    Consumers consumers = Consumers::none;
    std::vector<Condition> where;
  };

 private:
  friend class Walk;
  std::vector<Pattern> blocks_;
  std::vector<Pair> pairs_;
  Words words_;
  std::vector<std::uint64_t> kind_words_;  // bits that a kernel of this kind answers to
  std::uint64_t consumers_ = 0;            // words of all consumers in the pairs
};

}  // namespace foretime
