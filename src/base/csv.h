#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace foretime {

/// The fields of a line of separated values (RFC 4180); a field does not span lines. Error, with `where`: a
/// quotation mark is not closed.
std::vector<std::string> split_csv(std::string_view line, const std::string& where, char separator = ',');

}  // namespace foretime
