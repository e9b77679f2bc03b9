#pragma once

// What every fuzz target defines, and what it checks with.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

/// libFuzzer's entry. Any bytes end in a result or in one foretime::Error; everything else stops the process.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace foretime {

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Stops the process, as a finding, unless both texts are the same.
inline void require_same(const std::string& first, const std::string& second) {
  if (first == second) return;
  std::fprintf(stderr, "the texts differ:\n%s\n----\n%s\n", first.c_str(), second.c_str());
  std::abort();
}

}  // namespace foretime
