#pragma once

#include <span>
#include <string>
#include <string_view>

namespace foretime {

/// The candidate closest to `word` by edit distance, if it is close enough to be a slip of the hand; else
/// empty.
std::string closest(std::string_view word, std::span<const std::string> candidates);

/// "did you mean X?" when a candidate is close, else "one of a, b, c" (cut after a dozen names).
std::string suggestion(std::string_view word, std::span<const std::string> candidates);

}  // namespace foretime
