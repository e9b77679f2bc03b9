#pragma once

#include <optional>
#include <string>

#include "kernels/rules.h"

namespace foretime {

/// `left` COMPARISON `right`.
bool compare(double left, Comparison comparison, double right);

/// The whole text as a number, or nothing.
std::optional<double> number_of(const std::string& text);

}  // namespace foretime
