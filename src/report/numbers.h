#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "report/document.h"

namespace foretime::report {

/// A number as people read it, in two parts so that columns can align both.
struct Human {
  std::string number;       // "12.3"
  std::string_view suffix;  // "M", "KB", "ms"; may be empty; lives as long as the program
};

/// Three significant digits ("0.0123", "1.50", "999"), whole numbers below 1000 as they are; "?" when not
/// known.
Human human(const Cell& cell, Unit unit);

/// "12.3 M".
std::string human_text(const Cell& cell, Unit unit);

/// Shortest decimal text that reads back as the same number.
std::string shortest(double value);

/// Text for any medium: control characters and bytes that are not UTF-8 become U+FFFD, so that a name in a
/// model file can neither drive a terminal nor break a document.
std::string printable(const std::string& text);

}  // namespace foretime::report
