#pragma once

// What an elementwise operator does to one pair of elements whose contents are known: of integers, which may
// be names with bounds, and of floats. Truth is 0 or 1.

#include <cstdint>
#include <string>

#include "graph/dim.h"

namespace foretime::ops::element {

using DimBinary = Dim (*)(const Dim&, const Dim&);
using RealBinary = double (*)(double, double);

/// A number between two bounds whose exact value is not followed further.
Dim unknown_element(std::string name, std::int64_t lower, std::int64_t upper);

/// REQUIRES: the exponent is a number from 0 to 64.
Dim power(const Dim& base, const Dim& exponent);

/// Division as the operator defines it for integers: towards zero.
Dim truncated_div(const Dim& a, const Dim& b);

Dim equal(const Dim& a, const Dim& b);
Dim less(const Dim& a, const Dim& b);
Dim negation(const Dim& a);
Dim less_or_equal(const Dim& a, const Dim& b);
Dim greater(const Dim& a, const Dim& b);
Dim greater_or_equal(const Dim& a, const Dim& b);
Dim conjunction(const Dim& a, const Dim& b);
Dim disjunction(const Dim& a, const Dim& b);
Dim exclusive_or(const Dim& a, const Dim& b);
Dim dim_add(const Dim& a, const Dim& b);
Dim dim_sub(const Dim& a, const Dim& b);
Dim dim_mul(const Dim& a, const Dim& b);

double real_add(double a, double b);
double real_sub(double a, double b);
double real_mul(double a, double b);
double real_div(double a, double b);
double real_pow(double a, double b);
double real_mod(double a, double b);
double real_min(double a, double b);
double real_max(double a, double b);
double real_equal(double a, double b);
double real_less(double a, double b);
double real_greater(double a, double b);
double real_less_or_equal(double a, double b);
double real_greater_or_equal(double a, double b);

}  // namespace foretime::ops::element
