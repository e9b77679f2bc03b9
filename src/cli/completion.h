#pragma once

#include <span>
#include <string>

namespace foretime::cli {

/// Completions of the last of `words` (what stands on the command line behind the program's name), one a
/// line. The line ":files" stands for files.
std::string complete(std::span<const std::string> words);

}  // namespace foretime::cli
