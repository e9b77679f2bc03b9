#pragma once

#include <stdexcept>
#include <string>

namespace foretime {

/// The one exception of the library: the request cannot be fulfilled. Its text reads
/// `where: what (accepted)`: which file, layer or argument; what is wrong with it; what would have been accepted.
/// Control characters are shown as "\x1b": the text may hold names from hostile files, and goes to terminals.
class Error : public std::runtime_error {
 public:
  Error(std::string where, std::string what, std::string accepted = {});

  const std::string& where() const { return where_; }
  /// The text without `where`: for a caller who knows the place better.
  const std::string& problem() const { return problem_; }

 private:
  std::string where_;
  std::string problem_;
};

}  // namespace foretime
