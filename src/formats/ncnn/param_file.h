#pragma once

// ncnn's text form of a network: one layer a line, with the blobs it reads and makes, and its parameters by
// number. Which number means what is ncnn's documentation of its operators; the weights lie in a file of
// their own.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace foretime::ncnn {

/// What an array of sizes says where it means "the rest", and a window's padding where it means "not stated".
constexpr std::int64_t kNotStated = -233;

struct Layer {
  std::string_view type;
  std::string_view name;
  std::vector<std::string_view> bottoms;          // blobs that it reads
  std::vector<std::string_view> tops;             // blobs that it makes
  std::map<int, std::vector<double>> parameters;  // a number alone is a list of one
  std::size_t line = 0;                           // of the file, from 1

  bool has(int key) const { return parameters.contains(key); }
  /// The first number under that key. Beyond what an integer holds, the limit.
  std::int64_t integer(int key, std::int64_t otherwise) const;
  double real(int key, double otherwise) const;
  std::vector<std::int64_t> integers(int key) const;
};

/// The first line is ncnn's magic number.
bool is_param_file(std::string_view text);

/// Views into the text. Error, with where = "origin:line": not as ncnn writes it.
std::vector<Layer> parse_param_file(std::string_view text, const std::string& origin);

}  // namespace foretime::ncnn
