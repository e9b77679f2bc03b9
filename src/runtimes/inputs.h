#pragma once

// What models are fed while they are measured. Speed hardly depends on the values, unless they are NaN,
// infinite or subnormal, or decide what is computed.

#include <cstdint>
#include <string>
#include <vector>

#include "runtimes/runtime.h"

namespace foretime {

enum class Fill { random, zeros, file };

/// One input of a model and what to put into it.
struct InputPlan {
  std::string name;
  DataType dtype = DataType::undefined;
  std::vector<std::int64_t> sizes;
  Fill fill = Fill::random;
  std::uint64_t seed = 0;
  std::string path;  // of Fill::file: .npy, or raw bytes of just the right number
};

/// Random floating-point numbers are uniform in [0, 1): defined for logarithms and roots, too. Random 8-bit
/// integers are uniform over their range (images); wider ones and booleans are 0 or 1, which are valid as
/// indices of any table and as masks. The same plan gives the same values everywhere.
/// Error: text; more than 2 GiB; a file that does not hold this type and these sizes.
TensorValue fill_input(const InputPlan& plan);

/// The first output that holds a NaN or an infinity, by name; empty: all are finite.
std::string not_finite(const std::vector<TensorValue>& outputs);

/// The largest difference of two outputs, relative to the largest absolute value of the first. Error: types,
/// names or sizes differ.
double largest_difference(const std::vector<TensorValue>& outputs, const std::vector<TensorValue>& others);

}  // namespace foretime
