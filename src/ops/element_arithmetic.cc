#include "ops/element_arithmetic.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace foretime::ops::element {

Dim unknown_element(std::string name, std::int64_t lower, std::int64_t upper) {
  return lower == upper ? Dim(lower) : Dim::named(std::move(name), lower, upper);
}

Dim power(const Dim& base, const Dim& exponent) {
  Dim out = 1;
  for (std::int64_t i = 0; i < exponent.number(); ++i) out = out * base;
  return out;
}

Dim truncated_div(const Dim& a, const Dim& b) {
  if (a.lower() >= 0 && b.lower() > 0) return floor_div(a, b);
  if (a.is_number() && b.is_number()) {
    if (b.number() == 0) return 0;
    if (b.number() == -1) return Dim(0) - a;
    return a.number() / b.number();
  }
  return floor_div(a, b);
}

Dim equal(const Dim& a, const Dim& b) {
  if (a == b) return 1;
  if (a.upper() < b.lower() || b.upper() < a.lower()) return 0;
  if (a.is_number() && b.is_number()) return a.number() == b.number() ? 1 : 0;
  return unknown_element("(" + to_string(a) + " == " + to_string(b) + ")", 0, 1);
}

Dim less(const Dim& a, const Dim& b) {
  if (a.upper() < b.lower()) return 1;
  if (a.lower() >= b.upper() || a == b) return 0;
  return unknown_element("(" + to_string(a) + " < " + to_string(b) + ")", 0, 1);
}

Dim negation(const Dim& a) {
  return a.is_number() ? Dim(a.number() == 0 ? 1 : 0) : Dim::named("!" + to_string(a), 0, 1);
}
Dim less_or_equal(const Dim& a, const Dim& b) {
  return negation(less(b, a));
}
Dim greater(const Dim& a, const Dim& b) {
  return less(b, a);
}
Dim greater_or_equal(const Dim& a, const Dim& b) {
  return negation(less(a, b));
}
Dim conjunction(const Dim& a, const Dim& b) {
  return min(a, b);
}
Dim disjunction(const Dim& a, const Dim& b) {
  return max(a, b);
}
Dim exclusive_or(const Dim& a, const Dim& b) {
  return negation(equal(a, b));
}

Dim dim_add(const Dim& a, const Dim& b) {
  return a + b;
}
Dim dim_sub(const Dim& a, const Dim& b) {
  return a - b;
}
Dim dim_mul(const Dim& a, const Dim& b) {
  return a * b;
}
double real_add(double a, double b) {
  return a + b;
}
double real_sub(double a, double b) {
  return a - b;
}
double real_mul(double a, double b) {
  return a * b;
}
double real_div(double a, double b) {
  return a / b;
}
double real_pow(double a, double b) {
  return std::pow(a, b);
}
double real_mod(double a, double b) {
  return std::fmod(a, b);
}
double real_min(double a, double b) {
  return std::min(a, b);
}
double real_max(double a, double b) {
  return std::max(a, b);
}
double real_equal(double a, double b) {
  return a == b ? 1 : 0;
}
double real_less(double a, double b) {
  return a < b ? 1 : 0;
}
double real_greater(double a, double b) {
  return a > b ? 1 : 0;
}
double real_less_or_equal(double a, double b) {
  return a <= b ? 1 : 0;
}
double real_greater_or_equal(double a, double b) {
  return a >= b ? 1 : 0;
}

}  // namespace foretime::ops::element
