#pragma once

#include <cstddef>
#include <string_view>

namespace foretime {

/// Bytes of the well-formed UTF-8 character at the start of `text` (1 to 4), or 0 when there is none.
std::size_t utf8_character(std::string_view text);

bool is_utf8(std::string_view text);

}  // namespace foretime
