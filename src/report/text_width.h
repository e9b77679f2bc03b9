#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace foretime::report {

/// Characters of UTF-8 text. Names of layers are nearly always ASCII; wide and combining characters count 1.
std::size_t text_width(std::string_view text);

/// `text` with its middle replaced by "…" so that it is at most `width` characters; the end gets the larger
/// half, for it is there that names differ.
std::string cut_middle(const std::string& text, std::size_t width);

std::string padded_left(std::string_view text, std::size_t width);
std::string padded_right(std::string_view text, std::size_t width);

}  // namespace foretime::report
