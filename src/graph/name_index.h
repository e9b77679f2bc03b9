#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace foretime {

/// Finds the entries of a table (a vector of things with a `name`) by their names. The names stay in the
/// table: here are only hashes and positions, side by side (open addressing), so that a graph of 100,000
/// nodes does not hold every name twice and each in an allocation of its own.
class NameIndex {
 public:
  constexpr static std::uint32_t kNone = UINT32_MAX;

  void reserve(std::size_t entries) {
    std::size_t slots = 16;
    while (slots < 2 * entries) slots *= 2;  // at most half of them are taken
    if (slots > slots_.size()) rehash(slots);
  }

  /// The entry's position, or kNone.
  template <typename Table>
  std::uint32_t find(std::string_view name, const Table& table) const {
    return slots_.empty() ? kNone : slots_[slot_of(name, hash_of(name), table)].position;
  }

  /// The position of the entry of that name; if there is none, `position` is noted for it and returned.
  template <typename Table>
  std::uint32_t find_or_add(std::string_view name, std::uint32_t position, const Table& table) {
    reserve(taken_ + 1);
    const std::uint32_t hash = hash_of(name);
    Slot& slot = slots_[slot_of(name, hash, table)];
    if (slot.position != kNone) return slot.position;
    slot = {hash, position};
    ++taken_;
    return position;
  }

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t position = kNone;  // free
  };

  static std::uint32_t hash_of(std::string_view name) {
    return static_cast<std::uint32_t>(std::hash<std::string_view>{}(name));
  }

  /// Where the name is, or the free slot where it would be.
  template <typename Table>
  std::size_t slot_of(std::string_view name, std::uint32_t hash, const Table& table) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hash & mask;
    while (slots_[at].position != kNone &&
           (slots_[at].hash != hash || table[slots_[at].position].name != name)) {
      at = (at + 1) & mask;
    }
    return at;
  }

  void rehash(std::size_t size) {
    std::vector<Slot> old(size);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.position == kNone) continue;
      std::size_t at = slot.hash & (size - 1);
      while (slots_[at].position != kNone) at = (at + 1) & (size - 1);
      slots_[at] = slot;
    }
  }

  std::vector<Slot> slots_;  // a power of two of them
  std::size_t taken_ = 0;
};

}  // namespace foretime
