#pragma once

// What is known of an operator by its name alone. A network has many nodes and few operators: each one is
// looked up once for a network, so that detection compares no texts but this one.

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analysis/layers.h"
#include "kernels/kind.h"
#include "ops/op_spec.h"

namespace foretime {

/// What the rules know of a word.
struct Word {
  std::uint64_t bit = 0;  // in the pairs, sets resolved; 0: in none
  bool removed = false;
  bool integer = false;             // runs on integers between DequantizeLinear and QuantizeLinear
  std::vector<std::size_t> blocks;  // patterns that may end with it, in order
};

class Words {
 public:
  /// What is known of the word, nothing if it never occurred.
  const Word& operator[](std::string_view name) const;
  Word& add(const std::string& name) { return words_[name]; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view word) const { return std::hash<std::string_view>()(word); }
  };
  std::unordered_map<std::string, Word, Hash, std::equal_to<>> words_;
};

struct Operator {
  std::string_view op;                // of the first node met
  std::string_view domain;            // of the first node met
  const ops::OpSpec* spec = nullptr;  // null: not known
  const Word* word = nullptr;
  Kind kind = Kind::other;      // as far as the operator alone decides (kind_of)
  std::uint8_t activation = 0;  // bits of Activation
  bool conv = false;
  bool gemm = false;
  bool add = false;
  bool mul = false;
  bool quantize = false;
  bool dequantize = false;
  bool cut = false;            // what saturation does as well
  bool gathers = false;        // reads no more of its first input than it writes
  std::uint8_t operation = 0;  // number among operators that cost differently at the same sizes
};

/// The operators of one network, which outlives them.
class Operators {
 public:
  explicit Operators(const Words& words) : words_(words) {}

  const Operator& of(const Node& node) {
    const std::string& op = node.op;
    const auto first = static_cast<unsigned char>(op.c_str()[0]);
    const Operator*& last = last_[(op.size() * 7 + first * 5U) % kSlots];
    if (last == nullptr || last->op != op || last->domain != node.domain) last = &look_up(node);
    return *last;
  }

 private:
  using Key = std::pair<std::string_view, std::string_view>;
  struct Hash {
    std::size_t operator()(const Key& key) const {
      const std::hash<std::string_view> hash;
      return hash(key.first) * 31 + hash(key.second);
    }
  };
  const Operator& look_up(const Node& node);

  constexpr static std::size_t kSlots = 64;
  const Words& words_;
  std::array<const Operator*, kSlots> last_{};  // met with this length and first letter
  std::unordered_map<Key, Operator, Hash> all_;
};

/// Number of an operator, or of a block, among those that cost differently at the same sizes; 0: not told
/// apart.
std::uint8_t operation_of(std::string_view name);

/// Kind of one layer by itself.
Kind kind_of(const analysis::LayerNode& layer, const Operator& op);

struct BlockInfo {
  std::string_view name;
  Kind kind;
  std::uint8_t activation;
};
/// What is known of a block by its name: that of a kind or of the common rules' blocks; else it is `other`.
BlockInfo block_info(std::string_view name);

}  // namespace foretime
