#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace foretime::api {

/// What is measured next; the numbers follow kSamplings.
enum class Sampling : std::uint8_t {
  active,        // of several random networks the one that teaches most for its time
  random,        // the first one
  kernels,       // single layers, as nn-Meter does
  pairs,         // single layers between two fixed ones, and these alone
  fine_grained,  // single layers; then others like those that were predicted badly
};
constexpr std::array<std::string_view, 5> kSamplings = {"active", "random", "kernels", "pairs",
                                                        "fine-grained"};

}  // namespace foretime::api
