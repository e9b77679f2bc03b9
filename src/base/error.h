#pragma once

#include <stdexcept>
#include <string>

namespace foretime {

/// The one exception of the library: the request cannot be fulfilled. Its text reads
/// `where: what (accepted)`: which file, layer or argument; what is wrong with it; what would have been
/// accepted.
class Error : public std::runtime_error {
 public:
  Error(std::string where, std::string what, std::string accepted = {});

  const std::string& where() const { return where_; }
  /// The text without `where`: for a caller who knows the place better.
  std::string problem() const;

 private:
  std::string where_;
};

}  // namespace foretime
