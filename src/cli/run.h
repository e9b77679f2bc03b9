#pragma once

#include <string>
#include <vector>

namespace foretime::cli {

/// The whole program: words after its name to exit code.
int run(const std::vector<std::string>& words);

}  // namespace foretime::cli
