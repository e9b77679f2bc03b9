#include "base/utf8.h"

#include <cstdint>
#include <cstring>

namespace foretime {
namespace {

struct Row {
  std::uint8_t first, last;      // range of the lead byte
  std::size_t length;            // bytes of the character
  std::uint8_t lowest, highest;  // range of the second byte; the others lie in 80..BF
};

// Table 3-7 of the Unicode Standard: no overlong forms, no surrogates, nothing beyond U+10FFFF.
constexpr Row kRows[] = {
    {0x00, 0x7f, 1, 0, 0},       {0xc2, 0xdf, 2, 0x80, 0xbf}, {0xe0, 0xe0, 3, 0xa0, 0xbf},
    {0xe1, 0xec, 3, 0x80, 0xbf}, {0xed, 0xed, 3, 0x80, 0x9f}, {0xee, 0xef, 3, 0x80, 0xbf},
    {0xf0, 0xf0, 4, 0x90, 0xbf}, {0xf1, 0xf3, 4, 0x80, 0xbf}, {0xf4, 0xf4, 4, 0x80, 0x8f},
};

bool follows(const Row& row, std::string_view text) {
  if (text.size() < row.length) return false;
  for (std::size_t i = 1; i < row.length; ++i) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    if (byte < (i == 1 ? row.lowest : 0x80) || byte > (i == 1 ? row.highest : 0xbf)) return false;
  }
  return true;
}

}  // namespace

std::size_t utf8_character(std::string_view text) {
  if (text.empty()) return 0;
  const auto lead = static_cast<std::uint8_t>(text[0]);
  for (const Row& row : kRows) {
    if (lead >= row.first && lead <= row.last) return follows(row, text) ? row.length : 0;
  }
  return 0;
}

bool is_utf8(std::string_view text) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080U;
  while (!text.empty()) {
    // Eight characters of ASCII at once.
    std::uint64_t eight = kHighBits;
    if (text.size() >= sizeof eight) std::memcpy(&eight, text.data(), sizeof eight);
    if ((eight & kHighBits) == 0) {
      text.remove_prefix(sizeof eight);
      continue;
    }
    const std::size_t length = utf8_character(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace foretime
