#include "graph/dim.h"

#include <algorithm>
#include <array>
#include <utility>

namespace foretime {
namespace {

// Names of results are written out ("(a + b)") until they get unreadable; then they are told apart by a
// number made from the operands' names, which keeps equal expressions equal and bounds the memory that names
// can take.
constexpr std::size_t kLongestName = 60;

std::string expression(const Dim& a, const char* op, const Dim& b) {
  std::string name = "(" + to_string(a) + op + to_string(b) + ")";
  if (name.size() <= kLongestName) return name;
  std::uint64_t hash = 14695981039346656037u;  // FNV-1a
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return "expr_" + std::to_string(hash);
}

std::int64_t floor_quotient(std::int64_t a, std::int64_t b) {
  if (b == 0) return 0;
  if (b == -1) return saturating_mul(a, -1);
  return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

std::int64_t saturating_sub(std::int64_t a, std::int64_t b) {
  std::int64_t difference = 0;
  if (!__builtin_sub_overflow(a, b, &difference)) return difference;
  return a >= 0 ? kSaturated : std::numeric_limits<std::int64_t>::min();
}

/// The interval spanned by `f` at the corners of two intervals: exact for functions monotone in each
/// argument.
template <typename F>
std::pair<std::int64_t, std::int64_t> corners(const Dim& a, const Dim& b, F f) {
  const std::array<std::int64_t, 4> values = {f(a.lower(), b.lower()), f(a.lower(), b.upper()),
                                              f(a.upper(), b.lower()), f(a.upper(), b.upper())};
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return {*low, *high};
}

template <typename F>
Dim combine(const Dim& a, const char* op, const Dim& b, F f) {
  if (a.is_number() && b.is_number()) return f(a.number(), b.number());
  const auto [low, high] = corners(a, b, f);
  if (low == high) return low;
  return Dim::named(expression(a, op, b), low, high);
}

bool is_number(const Dim& dim, std::int64_t number) {
  return dim.is_number() && dim.number() == number;
}

}  // namespace

Dim Dim::named(std::string name, std::int64_t lower, std::int64_t upper) {
  Dim dim;
  dim.symbol_ = std::make_shared<const Symbol>(Symbol{std::move(name), lower, upper});
  return dim;
}

const std::string& Dim::name() const {
  static const std::string kEmpty;
  return symbol_ ? symbol_->name : kEmpty;
}

bool operator==(const Dim& a, const Dim& b) {
  if (a.symbol_ == b.symbol_) return a.symbol_ != nullptr || a.number_ == b.number_;
  return a.symbol_ && b.symbol_ && a.symbol_->name == b.symbol_->name;
}

std::string to_string(const Dim& dim) {
  return dim.is_number() ? std::to_string(dim.number()) : dim.name();
}

Dim operator+(const Dim& a, const Dim& b) {
  if (is_number(a, 0)) return b;
  if (is_number(b, 0)) return a;
  return combine(a, " + ", b, saturating_add);
}

Dim operator-(const Dim& a, const Dim& b) {
  if (is_number(b, 0)) return a;
  if (a == b) return 0;
  return combine(a, " - ", b, saturating_sub);
}

Dim operator*(const Dim& a, const Dim& b) {
  if (is_number(a, 1)) return b;
  if (is_number(b, 1)) return a;
  return combine(a, " * ", b, saturating_mul);
}

Dim floor_div(const Dim& a, const Dim& b) {
  if (is_number(b, 1)) return a;
  if (a == b && a.lower() > 0) return 1;
  if (!b.is_number() && b.lower() <= 0 && b.upper() >= 0) {
    // The divisor may be zero or change sign: its magnitude is at least one, so the quotient is no larger
    // than a.
    return Dim::named(expression(a, " / ", b), std::min<std::int64_t>(0, a.lower()), a.upper());
  }
  return combine(a, " / ", b, floor_quotient);
}

Dim modulo(const Dim& a, const Dim& b) {
  if (a.is_number() && b.is_number()) {
    return saturating_sub(a.number(), saturating_mul(floor_quotient(a.number(), b.number()), b.number()));
  }
  return Dim::named(expression(a, " % ", b), 0, std::max<std::int64_t>(0, saturating_sub(b.upper(), 1)));
}

Dim min(const Dim& a, const Dim& b) {
  if (a == b || a.upper() <= b.lower()) return a;
  if (b.upper() <= a.lower()) return b;
  return combine(a, " min ", b, [](std::int64_t x, std::int64_t y) { return std::min(x, y); });
}

Dim max(const Dim& a, const Dim& b) {
  if (a == b || a.lower() >= b.upper()) return a;
  if (b.lower() >= a.upper()) return b;
  return combine(a, " max ", b, [](std::int64_t x, std::int64_t y) { return std::max(x, y); });
}

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ',';
    text += to_string(shape[i]);
  }
  return text + "]";
}

bool is_static(const Shape& shape) {
  return std::all_of(shape.begin(), shape.end(), [](const Dim& dim) { return dim.is_number(); });
}

std::int64_t elements_of(const Shape& shape) {
  std::int64_t product = 1;
  for (const Dim& dim : shape) {
    if (dim.upper() <= 0) return 0;
    product = saturating_mul(product, dim.upper());
  }
  return product;
}

}  // namespace foretime
