#pragma once

#include <string>
#include <string_view>

namespace foretime {

/// What a program printed, for a message of one line: trimmed, " | " for the ends of lines.
std::string one_line(std::string_view text);

}  // namespace foretime
