#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace foretime::zoo {

/// NAME[@VERSION][?key=value&key=value…] in its parts, nothing looked up yet.
struct Specification {
  std::string name;
  std::string version;
  std::vector<std::pair<std::string, std::string>> options;
};

/// A leading "zoo:" is allowed. Error: an option without a value, or given twice.
Specification parse_specification(std::string_view text);

/// What a builder is asked for: the network's own defaults, overridden by the specification.
struct Request {
  std::string name;
  std::string version;
  std::int64_t batch = 1;
  std::int64_t resolution = 0;  // height and width of the input image, pixels
  std::int64_t classes = 0;     // of the last layer
  std::int64_t seq = 0;         // tokens
  double width = 1;             // factor on the channels
  std::int64_t kernel = 0;      // height and width of the probed layer's kernel
  std::int64_t depth = 0;       // its output channels
  std::int64_t seed = 0;        // of a random network
  std::int64_t around = 0;      // another one's, which it is like
  std::int64_t part = 0;        // of a single layer: alone, between two others, these alone
};

/// Takes `key=value` over. Error: the value is no number, or out of the range that key allows.
/// REQUIRES: is_option(key).
void set_option(Request& request, std::string_view key, std::string_view value);
bool is_option(std::string_view key);

}  // namespace foretime::zoo
