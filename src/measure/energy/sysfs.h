#pragma once

// Files of /sys: one value each, and permission to read it may be lacking.

#include <optional>
#include <string>
#include <vector>

namespace foretime::sysfs {

/// The first word of the file; nothing: it cannot be read, or is empty.
std::optional<std::string> word(const std::string& path);
/// The file's only line.
std::optional<std::string> line(const std::string& path);
/// The number in the file; nothing: it cannot be read, or holds none.
std::optional<double> number(const std::string& path);
/// The same. Error: where it is, and the system's reason ("Permission denied").
double number_or_error(const std::string& path);
/// Is the file there, but may not be read?
bool forbidden(const std::string& path);
bool exists(const std::string& path);
/// Names of what lies in a folder, sorted (numbers by value: rail2 before rail10); empty: there is none.
std::vector<std::string> entries(const std::string& folder);

}  // namespace foretime::sysfs
