#pragma once

// Mutations that keep a protobuf message well-formed. Bytes changed at random mostly break a length, and a
// reader says so before it has read anything; here fields are changed, doubled, dropped, moved and swapped,
// at any depth, and the lengths around them follow. A target that includes this has it as its custom mutator.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fuzz_target.h"

/// libFuzzer's own mutations of bytes.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace foretime {

class ProtobufMutator {
 public:
  explicit ProtobufMutator(unsigned seed) : random_(seed) {}

  std::string mutated(const std::string& message, std::size_t max_size) {
    std::vector<Field> fields;
    if (!parse(message, fields) || fields.empty()) return mutated_bytes(message, max_size);
    const std::size_t i = below(fields.size());
    const std::size_t j = below(fields.size());
    switch (below(12)) {
      case 0:
        fields.erase(fields.begin() + static_cast<std::ptrdiff_t>(i));
        break;
      case 1:
        fields.insert(fields.begin() + static_cast<std::ptrdiff_t>(j), Field(fields[i]));
        break;
      case 2:
        std::swap(fields[i], fields[j]);
        break;
      case 3:
        fields[i].content = fields[j].content;
        fields[i].wire = fields[j].wire;
        break;
      case 4:
        fields[i].number = 1 + below(26);
        break;
      default:
        change(fields[i], max_size);
    }
    return serialised(fields);
  }

 private:
  struct Field {
    std::uint64_t number;
    unsigned wire;
    std::uint64_t value;  // of a varint
    std::string content;  // of all others
  };

  std::size_t below(std::size_t limit) { return random_() % limit; }

  void change(Field& field, std::size_t max_size) {
    static constexpr std::uint64_t kValues[] = {
        0,   1,    2,        3,          4,          5,          7,         8,          16,        64,
        255, 4096, 1u << 20, 1ull << 31, 1ull << 32, 1ull << 62, INT64_MAX, 1ull << 63, UINT64_MAX};
    if (field.wire == 0) {
      field.value = below(3) == 0 ? field.value + below(5) - 2 : kValues[below(std::size(kValues))];
    } else if (field.wire == 2 && below(8) != 0) {
      field.content = mutated(field.content, max_size);
    } else {
      field.content = mutated_bytes(field.content, field.wire == 2 ? max_size : field.content.size());
      if (field.wire != 2) field.content.resize(field.wire == 1 ? 8 : 4);
    }
  }

  static std::string mutated_bytes(std::string bytes, std::size_t max_size) {
    const std::size_t size = bytes.size();
    bytes.resize(std::max<std::size_t>(std::min(max_size, size + 32), 1));
    const std::size_t now = LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(bytes.data()),
                                             std::min(size, bytes.size()), bytes.size());
    bytes.resize(now);
    return bytes;
  }

  static bool take_varint(std::string_view& rest, std::uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < 64 && !rest.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(rest[0]);
      rest.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }

  static bool parse(std::string_view rest, std::vector<Field>& fields) {
    while (!rest.empty()) {
      std::uint64_t key = 0;
      if (!take_varint(rest, key) || key >> 3 == 0 || key >> 3 > 1000) return false;
      Field field{key >> 3, static_cast<unsigned>(key & 7), 0, {}};
      std::uint64_t length = field.wire == 1 ? 8 : 4;
      if (field.wire == 0) {
        if (!take_varint(rest, field.value)) return false;
        length = 0;
      } else if (field.wire == 2) {
        if (!take_varint(rest, length)) return false;
      } else if (field.wire != 1 && field.wire != 5) {
        return false;
      }
      if (length > rest.size()) return false;
      field.content = rest.substr(0, length);
      rest.remove_prefix(length);
      fields.push_back(std::move(field));
    }
    return true;
  }

  static void add_varint(std::string& bytes, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes.push_back(static_cast<char>(value | 0x80));
    bytes.push_back(static_cast<char>(value));
  }

  static std::string serialised(const std::vector<Field>& fields) {
    std::string bytes;
    for (const Field& field : fields) {
      add_varint(bytes, field.number << 3 | field.wire);
      if (field.wire == 0) add_varint(bytes, field.value);
      if (field.wire == 2) add_varint(bytes, field.content.size());
      bytes += field.content;
    }
    return bytes;
  }

  std::minstd_rand random_;
};

}  // namespace foretime

#ifdef FORETIME_FUZZER
/// A third of the mutations are libFuzzer's own: what is not well-formed must be survived, too.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  if (seed % 3 == 0) return LLVMFuzzerMutate(data, size, max_size);
  foretime::ProtobufMutator mutator(seed);
  std::string bytes(foretime::as_text(data, size));
  for (unsigned i = 0; i <= seed % 5; ++i) bytes = mutator.mutated(bytes, max_size);
  if (bytes.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, bytes.data(), bytes.size());
  return bytes.size();
}
#endif
