#include "kernels/comparison.h"

#include <charconv>
#include <system_error>

namespace foretime {

bool compare(double left, Comparison comparison, double right) {
  switch (comparison) {
    case Comparison::equal:
      return left == right;
    case Comparison::greater:
      return left > right;
    case Comparison::less:
      return left < right;
    case Comparison::greater_equal:
      return left >= right;
    case Comparison::less_equal:
      return left <= right;
  }
  return false;
}

std::optional<double> number_of(const std::string& text) {
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace foretime
