#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/checked.h"

namespace foretime {

/// One size of a shape, or one element of a tensor of sizes: a number, or a name standing for a number in
/// [lower, upper]. Names come from dimensions that nobody bound ("batch") and from those known only while
/// running
/// ("NonZero_12"); arithmetic on them gives new names with bounds by interval arithmetic, so that costs can
/// use the upper bound. Equal names mean equal numbers.
class Dim {
 public:
  constexpr static std::int64_t kUnbounded = kSaturated;

  Dim(std::int64_t number = 0) : number_(number) {}  // NOLINT: sizes are numbers, and are written as such
  static Dim named(std::string name, std::int64_t lower = 0, std::int64_t upper = kUnbounded);

  bool is_number() const { return symbol_ == nullptr; }
  /// REQUIRES: is_number().
  std::int64_t number() const { return number_; }
  std::int64_t lower() const { return symbol_ ? symbol_->lower : number_; }
  std::int64_t upper() const { return symbol_ ? symbol_->upper : number_; }
  /// The name; empty for a number.
  const std::string& name() const;

  friend bool operator==(const Dim& a, const Dim& b);

 private:
  struct Symbol {
    std::string name;
    std::int64_t lower;
    std::int64_t upper;
  };

  std::int64_t number_ = 0;
  std::shared_ptr<const Symbol> symbol_;
};

/// "12" or the name.
std::string to_string(const Dim& dim);

Dim operator+(const Dim& a, const Dim& b);
Dim operator-(const Dim& a, const Dim& b);
Dim operator*(const Dim& a, const Dim& b);
/// Floor division. A division by zero gives zero: shapes are checked where they are used.
Dim floor_div(const Dim& a, const Dim& b);
Dim modulo(const Dim& a, const Dim& b);
Dim min(const Dim& a, const Dim& b);
Dim max(const Dim& a, const Dim& b);

using Shape = std::vector<Dim>;

/// "[1,3,224,224]".
std::string to_string(const Shape& shape);

/// All sizes are numbers.
bool is_static(const Shape& shape);

/// Number of elements, names taken at their upper bound; saturates; kUnbounded if a name has no bound.
std::int64_t elements_of(const Shape& shape);

}  // namespace foretime
