#include "kernels/detector.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "kernels/integers.h"
#include "kernels/units.h"

namespace foretime {
namespace {

constexpr std::size_t kMostWords = 64;

}  // namespace

Detector::Detector(const RuleSet& rules) {
  for (const Rule& rule : rules.rules) {
    if (std::holds_alternative<Split>(rule)) {
      throw Error("fusion rules", "`split` is for compatibility modes only",
                  "set, remove, block, consumers, fuse");
    }
  }
  for (const Block* block : all<Block>(rules)) {
    blocks_.emplace_back(*block, rules);
    for (const std::string& last : blocks_.back().last_words())
      words_.add(last).blocks.push_back(blocks_.size() - 1);
  }
  for (const Remove* remove : all<Remove>(rules)) {
    for (const std::string& word : remove->words) {
      for (const std::string& each : foretime::words_of(rules, word)) words_.add(each).removed = true;
    }
  }
  for (const Integer* integer : all<Integer>(rules)) {
    for (const std::string& word : integer->words) {
      for (const std::string& each : foretime::words_of(rules, word)) words_.add(each).integer = true;
    }
  }
  std::size_t bits = 0;
  const auto mask_of = [&](const std::string& word) {
    std::uint64_t mask = 0;
    for (const std::string& each : foretime::words_of(rules, word)) {
      Word& known = words_.add(each);
      if (known.bit == 0) {
        if (bits == kMostWords)
          throw Error("fusion rules", "the pairs use more than 64 words", "sets count as their words");
        known.bit = std::uint64_t{1} << bits++;
      }
      mask |= known.bit;
    }
    return mask;
  };
  for (const Fuse* fuse : all<Fuse>(rules)) {
    const std::uint64_t producer = mask_of(fuse->producer);
    pairs_.push_back(
        {producer, mask_of(fuse->consumer), fuse->consumers.value_or(default_consumers(rules)), fuse->where});
    for (const Condition& condition : fuse->where) check_condition(condition);
    consumers_ |= pairs_.back().consumer;
  }
  for (const KindInfo& kind : kinds()) kind_words_.push_back(words_[kind.name].bit);
}

/// One run of the detector.
class Walk {
 public:
  Walk(const Detector& detector, std::shared_ptr<const analysis::Layers> network)
      : detector_(detector), units_(std::move(network), detector.words_) {}

  KernelGraph run() {
    match_integers(units_);
    match_blocks();
    units_.connect();
    for (Unit& unit : units_.list) {
      if (unit.integer) continue;  // saturates itself, and joins nothing else
      const Word& word = unit.block.empty() ? *unit.op->word : detector_.words_[unit.block];
      unit.words = word.bit | detector_.kind_words_[static_cast<std::size_t>(unit.kind)];
    }
    for (UnitId id = 0; id < units_.list.size(); ++id) {
      if (units_.list[id].root == kNoUnit) grow(id);
    }
    return units_.kernels();
  }

 private:
  void match_blocks();
  void grow(UnitId root);
  /// The consumer of `end`, the last unit of `root`'s kernel, that joins; or kNoUnit.
  UnitId next(UnitId root, UnitId end) const;
  bool fits(const Detector::Pair& pair, UnitId root, UnitId consumer) const;
  /// Is everything that it reads computed when `end` is?
  bool ready(UnitId consumer, UnitId end) const;

  const Detector& detector_;
  Units units_;
};

void Walk::match_blocks() {
  struct Candidate {
    std::size_t block;
    std::uint32_t layer;
  };
  std::vector<Candidate> candidates;
  const std::vector<analysis::LayerNode>& layers = units_.network().list;
  for (std::uint32_t layer = 0; layer < layers.size(); ++layer) {
    for (const std::size_t block : units_.op(layer).word->blocks) candidates.push_back({block, layer});
  }
  // Earlier blocks have the first choice everywhere.
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.block < b.block; });
  for (const Candidate& candidate : candidates) {
    if (units_.in_block(candidate.layer)) continue;
    const Pattern& pattern = detector_.blocks_[candidate.block];
    const auto nodes = pattern.match(*layers[candidate.layer].graph, units_.node_id(candidate.layer));
    if (!nodes.empty()) units_.make_block(pattern.name(), nodes, candidate.layer);
  }
}

void Walk::grow(UnitId root) {
  Unit& kernel = units_.list[root];
  kernel.root = kernel.last = root;
  if (kernel.kind == Kind::none) return;
  for (UnitId end; (end = next(root, kernel.last)) != kNoUnit; kernel.last = end) {
    units_.list[end].root = root;
    units_.list[kernel.last].next = end;
  }
}

UnitId Walk::next(UnitId root, UnitId end) const {
  const std::span<const UnitId> consumers = units_.consumers(units_.list[end]);
  if (units_.list[end].is_output) return kNoUnit;
  for (const UnitId consumer : consumers) {
    const Unit& reader = units_.list[consumer];
    if (reader.root != kNoUnit || (reader.words & detector_.consumers_) == 0) continue;
    const bool wanted =
        std::any_of(detector_.pairs_.begin(), detector_.pairs_.end(), [&](const Detector::Pair& pair) {
          return (pair.consumers != Consumers::none || consumers.size() == 1) && fits(pair, root, consumer);
        });
    if (wanted && ready(consumer, end)) return consumer;
  }
  return kNoUnit;
}

bool Walk::ready(UnitId consumer, UnitId end) const {
  // From the back: what is computed last is the likeliest to be missing.
  const std::span<const UnitId> producers = units_.producers(units_.list[consumer]);
  return std::all_of(producers.rbegin(), producers.rend(), [&](UnitId producer) {
    return producer == end || producer == kNoUnit ||
           (units_.list[producer].root != kNoUnit && producer < consumer);
  });
}

bool Walk::fits(const Detector::Pair& pair, UnitId root, UnitId consumer) const {
  const Unit& producer = units_.list[root];
  const Unit& reader = units_.list[consumer];
  if ((pair.producer & producer.words) == 0 || (pair.consumer & reader.words) == 0) return false;
  return std::all_of(pair.where.begin(), pair.where.end(), [&](const Condition& condition) {
    return holds(condition, units_, condition.of_consumer ? consumer : root);
  });
}

KernelGraph Detector::detect(std::shared_ptr<const analysis::Layers> network) const {
  return Walk(*this, std::move(network)).run();
}

KernelGraph unfused(std::shared_ptr<const analysis::Layers> network) {
  static const Detector detector(
      parse_rules("remove Identity Dropout Reshape Flatten Squeeze Unsqueeze Shape Size\n", "unfused"));
  return detector.detect(std::move(network));
}

}  // namespace foretime
