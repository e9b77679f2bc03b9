#pragma once

// Pieces of what tools print.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace foretime::import {

/// A line and its number, from 1.
using Line = std::pair<std::size_t, std::string_view>;

/// The lines of a text without their ends; empty ones, too.
std::vector<Line> lines_of(std::string_view text);

/// Without blanks at both ends.
std::string_view trimmed(std::string_view text);

/// What stands between blanks.
std::vector<std::string_view> words_of(std::string_view text);

/// A number that fills all of the text, and nothing else: finite, not negative.
std::optional<double> number_in(std::string_view text);

/// The number right after the last `key` in the text: "avg=14.5 std=0.2", "Inference (avg): 14.5".
std::optional<double> number_after(std::string_view text, std::string_view key);

/// Whether the first letter that is no blank is a '['.
bool begins_array(std::string_view text);

/// "origin:12".
std::string at_line(const std::string& origin, std::size_t line);

}  // namespace foretime::import
