#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace foretime {

/// FNV-1a, 64 bits: the same everywhere and for ever; withstands no attacks.
constexpr std::uint64_t kHashSeed = 0xcbf29ce484222325u;
constexpr std::uint64_t hash_of(std::string_view bytes, std::uint64_t hash = kHashSeed) {
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

/// Sixteen hexadecimal digits.
std::string hex(std::uint64_t number);

}  // namespace foretime
